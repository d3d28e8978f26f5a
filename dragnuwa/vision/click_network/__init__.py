"""The click network: which pixels of a picture belong to the thing under a click, learned from composites.

`encoder` turns a picture into features once; `network` answers any number of clicks on them; `weights` reads the file
that ships.
"""
