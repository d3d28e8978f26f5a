"""Measurements against a baseline, each in one run."""
