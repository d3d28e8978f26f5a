"""The click network, trained on composites of cut-outs over photographs that are made on the training's own device."""
