"""Training and evaluation, and the scenes and videos that both use. Not needed by any node."""
