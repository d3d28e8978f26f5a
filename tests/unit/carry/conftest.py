"""What the tests of carrying share."""

from tests.support.known_pictures import known_pictures

__all__ = ["known_pictures"]
