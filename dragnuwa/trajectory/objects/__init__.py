"""Objects: rigidly moving parts of the picture.

An object has an outline and one motion, a drawn path or keyframes (`types`; in JSON: `schema`). It can be sampled to a
similarity transform per frame and to tracks at `positions` inside its outline (`sampling`), and to masks of any size
(`masks`). web/core/objects/ is the same in JavaScript.
"""

from .types import DrawnPath, Key, Keyframes, MotionObject, Outline, OutlineKey

__all__ = ["DrawnPath", "Key", "Keyframes", "MotionObject", "Outline", "OutlineKey"]
