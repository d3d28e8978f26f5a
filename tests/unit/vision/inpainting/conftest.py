"""What the tests of inpainting share. The networks, which say where things are, have tests of their own."""

from tests.support.known_pictures import known_pictures

__all__ = ["known_pictures"]
