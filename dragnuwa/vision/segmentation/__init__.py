"""Finds the object under a drag or a click when the user has not painted a mask.

`prepared` holds the picture at search resolution, and its downscaled copy, which `superpixels` divides. For drags,
`find` groups those that move rigidly together, cuts `candidates` out of the graph of superpixels, selects the best one
(`choice`) and refines its outline at full resolution (`outline`). For clicks, `pick` does the same, with the merged
regions as extra candidates.
"""

from .find import FoundObject, find_objects

__all__ = ["FoundObject", "find_objects"]
