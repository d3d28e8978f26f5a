"""Nodes with the sockets of ComfyUI's own for SAM3 and background removal, which need no model: things are areas of one
colour. Loaded by ComfyUI as custom nodes; their names are the host's with "StandIn" before."""

import json
import time

import folder_paths
import torch
from comfy.model_management import throw_exception_if_processing_interrupted

NAMES = {"red": (210, 40, 40), "green": (60, 180, 70)}


def like(image: torch.Tensor, colour: torch.Tensor) -> torch.Tensor:
    """`[1, H, W]`: where a picture `[1, H, W, 3]` has a colour."""
    return ((image - colour).abs().amax(-1) < 0.1).float()


class StandInCheckpointLoaderSimple:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"ckpt_name": (folder_paths.get_filename_list("checkpoints"),)}}

    RETURN_TYPES, FUNCTION, CATEGORY = ("MODEL", "CLIP", "VAE"), "load", "tests"

    def load(self, ckpt_name):
        return ckpt_name, ckpt_name, None


class StandInCLIPTextEncode:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"clip": ("CLIP",), "text": ("STRING",)}}

    RETURN_TYPES, FUNCTION, CATEGORY = ("CONDITIONING",), "encode", "tests"

    def encode(self, clip, text):
        return (text,)


class StandInSAM3_Detect:
    @classmethod
    def INPUT_TYPES(cls):
        optional = {
            "conditioning": ("CONDITIONING",), "bboxes": ("BOUNDING_BOX",), "positive_coords": ("STRING",),
            "negative_coords": ("STRING",), "threshold": ("FLOAT",), "refine_iterations": ("INT",),
            "individual_masks": ("BOOLEAN",),
        }  # fmt: skip
        return {"required": {"model": ("MODEL",), "image": ("IMAGE",)}, "optional": optional}

    RETURN_TYPES, FUNCTION, CATEGORY = ("MASK", "BOUNDING_BOX"), "detect", "tests"

    def detect(self, model, image, conditioning=None, bboxes=None, positive_coords="", negative_coords="",
               threshold=0.5, refine_iterations=2, individual_masks=False):  # fmt: skip
        """Colours of the named things; else of the clicked ones without those clicked away; else of a box's middle."""
        if conditioning == "fail":
            raise RuntimeError("the stand-in was asked to fail")
        while conditioning == "wait":  # for an interrupt
            throw_exception_if_processing_interrupted()
            time.sleep(0.01)
        if conditioning is not None:
            found = [like(image, torch.tensor(NAMES[word]) / 255) for word in conditioning.split() if word in NAMES]
            return (torch.cat(found) if found else torch.zeros(0, *image.shape[1:3])), []
        mask = torch.zeros(1, *image.shape[1:3])
        clicks = json.loads(positive_coords or "[]")
        if bboxes:
            clicks.append({"x": bboxes["x"] + bboxes["width"] // 2, "y": bboxes["y"] + bboxes["height"] // 2})
        for place in clicks:
            mask = torch.maximum(mask, like(image, image[0, place["y"], place["x"]]))
        for place in json.loads(negative_coords or "[]"):
            mask = mask * (1 - like(image, image[0, place["y"], place["x"]]))
        return mask, []


class StandInLoadBackgroundRemovalModel:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"bg_removal_name": (folder_paths.get_filename_list("background_removal"),)}}

    RETURN_TYPES, FUNCTION, CATEGORY = ("BACKGROUND_REMOVAL",), "load", "tests"

    def load(self, bg_removal_name):
        return (bg_removal_name,)


class StandInRemoveBackground:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"bg_removal_model": ("BACKGROUND_REMOVAL",), "image": ("IMAGE",)}}

    RETURN_TYPES, FUNCTION, CATEGORY = ("MASK",), "encode", "tests"

    def encode(self, bg_removal_model, image):
        return (1 - like(image, image[0, 0, 0]),)


NODE_CLASS_MAPPINGS = {
    each.__name__: each
    for each in (
        StandInCheckpointLoaderSimple,
        StandInCLIPTextEncode,
        StandInSAM3_Detect,
        StandInLoadBackgroundRemovalModel,
        StandInRemoveBackground,
    )
}
