"""Seed namespaces: each use of randomness in training has its own, so that no two share random numbers.

A generator is seeded by (namespace, number of the step or clip, ...), so no generator state has to be saved. The values
must not change, or runs would no longer be reproducible.
"""

AUTOENCODER_CROPS = 1
AUTOENCODER_TRANSFORMS = 2
REUSED_SCENES = 3
CONDITIONS = 4
TRAINING_VIDEOS = 5
PREVIEW_VIDEOS = 6
NOISE = 7
