"""Tracks, drag maps and masks drawn over the frames of a clip."""
