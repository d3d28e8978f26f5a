"""A node that takes as long as one with a model, so that a page can show that it runs."""

import time

SECONDS = 0.5


class StandInPause:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"image": ("IMAGE",)}}

    RETURN_TYPES, FUNCTION, CATEGORY = ("IMAGE",), "pause", "tests"

    def pause(self, image):
        time.sleep(SECONDS)
        return (image,)


NODE_CLASS_MAPPINGS = {"StandInPause": StandInPause}
