"""The networks that find objects: which pixels of a picture belong to the object under a click, learned from
composites, and which to its main subject.

`encoder` turns a picture into features once; `network` answers any number of clicks on them; `saliency` knows the main
subject; `weights` reads the files that ship.
"""
