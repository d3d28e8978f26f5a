"""Fills holes in pictures: smoothly, with patches of the picture around them, or from a clean plate."""
