"""Carry: the picture's own pixels, moved along its tracks, as the start of a sampling."""
