"""Finds the object under a drag or a click when the user has not painted a mask.

`prepared` holds the picture at search resolution; `search_image` is its downscaled copy, divided into `superpixels`.
For drags, `track_search` and `find` cut `candidates` out of the superpixel graph (`graph_cut`), select the best one
(`choice`) and refine its outline at full resolution (`outline`). `motion_groups` groups drags that move rigidly
together. For clicks, `clicks` and `pick` do the same, with the merged regions of `merging` as extra candidates.
"""

from .find import FoundObject, find_objects

__all__ = ["FoundObject", "find_objects"]
