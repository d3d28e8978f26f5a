"""Drags on a video: objects are followed through a clip, and its frames composited with them elsewhere."""
