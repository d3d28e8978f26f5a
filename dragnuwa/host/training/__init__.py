"""The host's network classes for training."""
