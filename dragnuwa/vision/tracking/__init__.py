"""Tracks from pictures: optical flow, the Trajectory Sampler, and the motion of a video."""
