"""Training and evaluation, and the scenes and videos that both use. No node needs it."""
