"""Objects: things of the picture that move as one.

An object has an outline and one motion, a drawn path or keyframes (`types`; in JSON: `schema`). It is sampled to a
similarity transform for each frame (`sampling`), to tracks inside of its outline (`tracks`, `places`) and to masks of
any size (`masks`). web/core/objects/ is the same in JavaScript.
"""

from .types import DrawnPath, Key, Keyframes, MotionObject, Outline

__all__ = ["DrawnPath", "Key", "Keyframes", "MotionObject", "Outline"]
