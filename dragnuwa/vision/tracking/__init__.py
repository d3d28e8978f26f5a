"""Tracks from video: optical flow, the Trajectory Sampler, point trackers and metrics."""
