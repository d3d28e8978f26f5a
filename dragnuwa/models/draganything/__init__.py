"""DragAnything (arXiv 2403.07420): entities, the maps that describe them to the ControlNet, and its checkpoint.

An entity is an object, given by a mask, that moves along one track. For each frame the ControlNet receives a heat map
of the entities' centres and an entity map of their features. `scene` builds entities from drags and masks, `maps` draws
them, `encoders` is the part of the network that reads the maps, and `checkpoint` loads the weights. Like the rest of
the library, it does not import ComfyUI.
"""
