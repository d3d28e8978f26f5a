"""Nodes that take as long as one with a model, so that a page can show that it runs; as long as a test wants; and that
fail. The files stand_in_held, stand_in_pauses and stand_in_fails in the input folder say so."""

import time
from pathlib import Path

import folder_paths

SECONDS = 0.5


def told(name: str) -> bool:
    return (Path(folder_paths.get_input_directory()) / name).exists()


class StandInPause:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"image": ("IMAGE",)}}

    RETURN_TYPES, FUNCTION, CATEGORY = ("IMAGE",), "pause", "tests"

    def pause(self, image):
        if told("stand_in_fails"):
            raise RuntimeError("the stand-in was asked to fail")
        time.sleep(SECONDS)
        while told("stand_in_pauses"):
            time.sleep(0.01)
        return (image,)


class StandInHeld:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"number": ("INT",)}}

    RETURN_TYPES, FUNCTION, CATEGORY, OUTPUT_NODE = (), "hold", "tests", True

    @classmethod
    def IS_CHANGED(cls, number):
        return float("nan")  # it is never cached

    def hold(self, number):
        while told("stand_in_held"):
            time.sleep(0.01)
        return {}


NODE_CLASS_MAPPINGS = {"StandInPause": StandInPause, "StandInHeld": StandInHeld}
