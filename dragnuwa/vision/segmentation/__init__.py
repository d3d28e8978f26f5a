"""The object under a drag or a click, found in the picture where nobody has painted a mask.

`prepared` is the picture at the size at which it is searched; `search_image` is its small copy, divided into
`superpixels`. For drags, `track_search` and `find` cut `candidates` out of their graph (`graph_cut`), take the one with
the best outline (`choice`), and draw that outline at the picture's full size (`outline`). `motion_groups` says which
drags move as one. For clicks, `clicks` and `pick` do the same, with the regions of `merging` as further candidates.
"""

from .find import FoundObject, find_objects

__all__ = ["FoundObject", "find_objects"]
