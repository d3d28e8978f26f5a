"""Trajectories in the formats of other tools: one file for each format, and `registry`, which lists them all."""
