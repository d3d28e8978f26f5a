"""Drags on a video: things are followed through a clip, and its frames composited with them elsewhere."""
