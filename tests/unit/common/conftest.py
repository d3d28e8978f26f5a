"""What the tests of what all parts share have in common."""

from tests.support.known_pictures import known_pictures

__all__ = ["known_pictures"]
