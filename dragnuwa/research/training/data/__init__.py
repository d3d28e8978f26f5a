"""Training data: sources of clips, and their conditions."""
