"""Objects: what a drag begins on, found in the picture where nobody has painted a mask.

`find.find_objects` is the entry. It shrinks the picture to a fixed area, divides it into `superpixels`, makes
`candidates` of them (by cuts of their graph, `graph_cut`, and by merging them, `hierarchy`), takes the one that looks
most like one object (`choice`), and draws its outline at the picture's full size (`outline`). `bodies` says which drags
move as one.
"""

from .find import find_objects

__all__ = ["find_objects"]
