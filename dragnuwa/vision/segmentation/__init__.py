"""Objects: what a drag begins on, found in the picture where nobody has painted a mask.

`prepared` is the picture, at the size in which it is searched (`search_image`), and `track_search` the entry for
drags. `find.find_objects` divides the picture into `superpixels`, cuts
`candidates` out of their graph (`graph_cut`), takes the one whose outline is the best (`choice`), and draws its outline
at the picture's full size (`outline`). `bodies` says which drags move as one. `pick` does the same for clicks, among
whose candidates are also the regions of `merging`.
"""

from .find import FoundObject, find_objects

__all__ = ["FoundObject", "find_objects"]
