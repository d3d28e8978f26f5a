"""DragAnything (arXiv 2403.07420): entities, what the control net is told of them, and its checkpoint.

An entity is an object under a mask that moves along one track. The control net receives two pictures for each frame:
where the entities' centres are (a heat map) and which entity lies where (an entity map of features). `scene` makes
entities of drags and masks, `maps` draws them, `encoders` is the part of the network that reads them, and `checkpoint`
reads its file. Like the rest of the library, it knows no ComfyUI.
"""
