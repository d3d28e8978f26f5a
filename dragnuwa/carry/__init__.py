"""Carry: the picture's own pixels, moved along its tracks, as what a sampling starts from.

`composite.carry_clip` is the entry: it cuts regions out of the picture (`regions`), by masks or by the `objects` that
it finds in the picture (`prepared` for the search, `picture_objects`), moves each as its tracks do (`transforms`,
`camera`) and lays them, with clean `edges`, over the ground, whose holes are filled (`filling`). `noise_mask` says for
how long the sampling stays tied to the result. `settings` has the parameters, and needs no OpenCV.
"""
