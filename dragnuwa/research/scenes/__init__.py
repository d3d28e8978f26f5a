"""Random layered scenes with exact flow, visibility and captions, for training and evaluation."""

from .scene import AREA_SIZES, HELD_OUT_SEED, Scene, SceneConfig, SceneObject, make_scene

__all__ = ["AREA_SIZES", "HELD_OUT_SEED", "Scene", "SceneConfig", "SceneObject", "make_scene"]
