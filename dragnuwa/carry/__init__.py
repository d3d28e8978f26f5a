"""Carry: the picture's own pixels, moved along its tracks, as what a sampling starts from.

`composite.carry_clip` is the entry: it cuts regions out of the picture (`regions`, by masks or `segmentation`), moves
each as its tracks do (`transforms`, `camera`) and lays them over the filled ground. `noise_mask` says for how long the
sampling stays tied to the result. `settings` has the parameters, and needs no OpenCV.
"""
