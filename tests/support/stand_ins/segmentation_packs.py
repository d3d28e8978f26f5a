"""Nodes with the sockets of those of two packs that cannot be installed here: ComfyUI-segment-anything-2 and
ComfyUI-RMBG. They need no model: things are areas of one colour. Their names are the packs' own, since ComfyUI has no
such nodes. The file stand_ins_fail in the models folder makes them fail, as without a network or a model."""

import json
from pathlib import Path

import folder_paths
import torch


def like(image: torch.Tensor, colour: torch.Tensor) -> torch.Tensor:
    """`[1, H, W]`: where a picture `[1, H, W, 3]` has a colour."""
    return ((image - colour).abs().amax(-1) < 0.1).float()


def fails() -> bool:
    return (Path(folder_paths.models_dir) / "stand_ins_fail").exists()


class DownloadAndLoadSAM2Model:
    @classmethod
    def INPUT_TYPES(cls):
        files = [f"{version}_{size}.safetensors" for version in ("sam2_hiera", "sam2.1_hiera")
                 for size in ("base_plus", "large", "small", "tiny")]  # fmt: skip
        return {
            "required": {
                "model": (files,),
                "segmentor": (["single_image", "video", "automaskgenerator"],),
                "device": (["cuda", "cpu", "mps"],),
                "precision": (["fp16", "bf16", "fp32"], {"default": "fp16"}),
            }
        }

    RETURN_TYPES, RETURN_NAMES, FUNCTION, CATEGORY = ("SAM2MODEL",), ("sam2_model",), "loadmodel", "SAM2"

    def loadmodel(self, model, segmentor, device, precision):
        if precision != "fp32" and device == "cpu":
            raise ValueError("fp16 and bf16 are not supported on cpu")
        if device != "cpu":
            raise ValueError("this machine has no such device")
        if fails():
            raise OSError(f"{model} cannot be fetched")
        return ({"segmentor": segmentor, "version": "2.1" if "2.1" in model else "2.0"},)


class Sam2Segmentation:
    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "sam2_model": ("SAM2MODEL",),
                "image": ("IMAGE",),
                "keep_model_loaded": ("BOOLEAN", {"default": True}),
            },
            "optional": {
                "coordinates_positive": ("STRING", {"forceInput": True}),
                "coordinates_negative": ("STRING", {"forceInput": True}),
                "bboxes": ("BBOX",),
                "individual_objects": ("BOOLEAN", {"default": False}),
                "mask": ("MASK",),
            },
        }

    RETURN_TYPES, RETURN_NAMES, FUNCTION, CATEGORY = ("MASK",), ("mask",), "segment", "SAM2"

    def segment(self, image, sam2_model, keep_model_loaded, coordinates_positive=None, coordinates_negative=None,
                individual_objects=False, bboxes=None, mask=None):  # fmt: skip
        """Colours of the clicked things, or of a box's middle, without those clicked away; clicks away count only
        beside others, as in the pack's node."""
        if sam2_model["segmentor"] != "single_image":
            raise ValueError("the segmentor should be single_image")
        belong = places(coordinates_positive)
        for boxes in bboxes or []:
            for left, top, right, bottom in boxes:
                belong.append(((left + right) // 2, (top + bottom) // 2))
        found = torch.zeros(1, *image.shape[1:3])
        for x, y in belong:
            found = torch.maximum(found, like(image, image[0, y, x]))
        for x, y in places(coordinates_negative) if coordinates_positive is not None else []:
            found = found * (1 - like(image, image[0, y, x]))
        return (found,)


def places(coordinates: str | None) -> list[tuple[int, int]]:
    return [(place["x"], place["y"]) for place in json.loads(coordinates or "[]")]


class RMBG:
    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {"image": ("IMAGE",), "model": (["RMBG-2.0", "INSPYRENET", "BEN", "BEN2"],)},
            "optional": {
                "sensitivity": ("FLOAT", {"default": 1.0, "min": 0.0, "max": 1.0, "step": 0.01}),
                "process_res": ("INT", {"default": 1024, "min": 256, "max": 2048, "step": 8}),
                "mask_blur": ("INT", {"default": 0, "min": 0, "max": 64, "step": 1}),
                "mask_offset": ("INT", {"default": 0, "min": -64, "max": 64, "step": 1}),
                "invert_output": ("BOOLEAN", {"default": False}),
                "refine_foreground": ("BOOLEAN", {"default": False}),
                "background": (["Alpha", "Color"], {"default": "Alpha"}),
                "background_color": ("COLORCODE", {"default": "#222222"}),
            },
        }

    RETURN_TYPES, FUNCTION, CATEGORY = ("IMAGE", "MASK", "IMAGE"), "process_image", "AILab/RMBG"

    def process_image(self, image, model, **params):
        """What has not the corner's colour."""
        wanted = self.INPUT_TYPES()["optional"].keys()
        if params.keys() != wanted:  # the pack's node reads each of them
            raise KeyError(f"missing: {wanted - params.keys()}")
        if fails():
            raise RuntimeError(f"Error in image processing: {model} cannot be fetched")
        mask = 1 - like(image, image[0, 0, 0])
        return image, mask, mask[..., None].expand(-1, -1, -1, 3)


NODE_CLASS_MAPPINGS = {each.__name__: each for each in (DownloadAndLoadSAM2Model, Sam2Segmentation, RMBG)}
