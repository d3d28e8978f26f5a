"""The trajectory formats of other tools: one file per format, and `registry`, which lists them all."""
