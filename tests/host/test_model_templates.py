"""The templates of large models, up to the sampler's latent: each node of the workflow in ComfyUI's own code, and tiny
and random models in place of what the loaders load."""

import importlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from comfy_extras import nodes_minimax_h3

from dragnuwa.carry.composite import CarryInputs
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.carry.video.clip_editing import faded
from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.host.carry import Sampling, carry_into_sampling, tie_to_video
from dragnuwa.host.node_api import io
from scripts.host import ROOT
from tests.support.drawings import parsed_tracks
from tests.support.known_pictures import known_pictures
from tests.support.pictures import noise_image
from tests.support.video_families import DRAG, Family, animated_sd15, causal_wan, context, ltx2, minimax_h3, wan

__all__ = ["known_pictures"]
MODULES = ("nodes", *(f"comfy_extras.nodes_{name}" for name in (
    "ar_video", "custom_sampler", "images", "lt", "mask", "minimax_h3", "model_advanced", "primitive", "void", "wan"
)))  # fmt: skip
SAMPLERS = ("SamplerCustomAdvanced", "KSamplerAdvanced", "KSampler")


class Workflow:
    """A workflow in the API format whose nodes run here, with a clip of another size.

    Attributes:
        said: what Carry has said of the steps that it holds.
    """

    def __init__(self, name: str, family: Family, clip: ModelClip, replaced: dict[str, Callable], **carry: float):
        self.prompt = json.loads((ROOT / "workflows" / "api" / f"{name}.json").read_text(encoding="utf-8"))
        self.family, self.clip, self.replaced, self.carry = family, clip, replaced, carry
        self.made: dict[str, tuple] = {}
        self.said: list[str] = []

    def latent(self) -> torch.Tensor:
        """What the last sampler makes: of sound and video, the video."""
        last = [key for key, node in self.prompt.items() if node["class_type"] in SAMPLERS][-1]
        samples = self.run(last)[0]["samples"]
        return samples.unbind()[0] if samples.is_nested else samples

    def run(self, key: str) -> tuple:
        if key not in self.made:
            node = self.prompt[key]
            inputs = {
                name: self.run(value[0])[value[1]] if isinstance(value, list) else value
                for name, value in node["inputs"].items()
            }
            self.made[key] = self._outputs(node["class_type"], inputs)
        return self.made[key]

    def _outputs(self, kind: str, inputs: dict[str, Any]) -> tuple:
        image = noise_image(*self.clip.size)
        if kind == "LoadImage":
            return image, torch.zeros(1, *self.clip.size[::-1])
        if kind == "DragNUWATrajectoryEditor":
            return parsed_tracks(DRAG, size=self.clip.size), image, *self.clip.size, self.clip.frames, "crop"
        if kind == "GetImageSize":  # which also writes on its node
            frames, height, width, _ = inputs["image"].shape
            return width, height, frames
        if kind == "DragNUWACarry":
            return self._carry(**inputs | self.carry)
        if kind == "MiniMaxH3ImageToVideo":  # whose text encoder has 32 billion weights
            positive, _, latent = self.family.prepare(self.clip, image)
            return positive, latent
        if kind in self.replaced:
            return self.replaced[kind](**inputs)
        loaded = {
            "UNETLoader": self.family.model, "CheckpointLoaderSimple": self.family.model, "VAELoader": self.family.vae,
        }  # fmt: skip
        if kind in loaded or kind.endswith("Loader"):
            return loaded.get(kind), None, self.family.vae
        return executed(host_class(kind), inputs)

    def _carry(self, image, trajectories, vae, latent, width, height, frames, radius, hold, hold_steps, model, **rest):
        inputs = CarryInputs(image, trajectories, ModelClip(width, height, frames))
        sampling = Sampling(latent, vae, model, hold_steps, self.said.append)
        made = carry_into_sampling(sampling, inputs, CarrySettings(16, hold=hold))
        return made.latent, made.carried.video, None, None, made.model


def host_class(kind: str) -> type:
    for module in map(importlib.import_module, MODULES):
        if found := getattr(module, "NODE_CLASS_MAPPINGS", {}).get(kind):
            return found
        own = (each for each in vars(module).values() if getattr(each, "__module__", "") == module.__name__)
        for each in own:
            if isinstance(each, type) and issubclass(each, io.ComfyNode) and each.define_schema().node_id == kind:
                return each
    raise LookupError(f"Add the module of {kind} to MODULES.")


def executed(kind: type, inputs: dict[str, Any]) -> tuple:
    with torch.inference_mode():
        if issubclass(kind, io.ComfyNode):
            return kind.execute(**inputs).args
        return getattr(kind(), kind.FUNCTION)(**inputs)


def words(channels: int) -> Callable:
    return lambda **_: (context(channels)[0],)


CASES = {
    "carry_with_wan_lightning": (wan, (64, 64, 9), "holds 2 of 2 steps", {
        "CLIPTextEncode": words(8), "LoraLoaderModelOnly": lambda model, **_: (model,),
    }),
    "carry_with_causal_wan": (causal_wan, (64, 64, 9), "holds 2 of 4 steps", {"CLIPTextEncode": words(8)}),
    "carry_with_ltx2": (ltx2, (64, 64, 9), "holds 5 of 8 steps", {
        "CLIPTextEncode": words(16), "LTXAVTextEncoderLoader": lambda **_: (None,),
        "LTXVEmptyLatentAudio": lambda frames_number, **_: ({"samples": torch.zeros(1, 8, frames_number, 16)},),
    }),
    "carry_with_h3": (minimax_h3, (64, 64, 22), "holds 12 of 20 steps", {}),
    "carry_with_animatediff": (animated_sd15, (64, 64, 4), "holds 12 of 20 steps", {  # without its motion module
        "CLIPTextEncode": words(8), "ADE_LoadAnimateDiffModel": lambda **_: (None,),
        "ADE_ApplyAnimateDiffModelSimple": lambda **_: (None,), "ADE_UseEvolvedSampling": lambda model, **_: (model,),
    }),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_drags_hold_the_sampling(name, tmp_path):
    make, size, said, replaced = CASES[name]
    family, clip = make(tmp_path), ModelClip(*size)
    held = Workflow(name, family, clip, replaced)
    free = Workflow(name, family, clip, replaced, hold=0.0, hold_steps=0)
    moved, plain = held.latent(), free.latent()
    assert moved.shape == plain.shape and moved.isfinite().all()
    assert (moved - plain).abs().max() > 0.05 * plain.abs().max()
    assert held.said == [said] * len(held.said) and held.said and not free.said


def test_two_frames_of_the_carried_video_guide_h3(tmp_path):
    """At their own numbers, also in the middle of the clip. Where ComfyUI is too old for the node, nothing guides."""
    seen = []

    def guide(positive, image, frame_idx, **inputs) -> tuple:
        seen.append((frame_idx, image))
        if not hasattr(nodes_minimax_h3, "MiniMaxH3AddGuide"):
            return (positive,)
        inputs |= {"positive": positive, "image": image, "frame_idx": frame_idx}
        return executed(nodes_minimax_h3.MiniMaxH3AddGuide, inputs)

    workflow = Workflow("guide_h3", minimax_h3(tmp_path), ModelClip(64, 64, 22), {"MiniMaxH3AddGuide": guide})
    number = next(node for node in workflow.prompt.values() if node["inputs"].get("value") == 62)
    number["inputs"]["value"] = 9
    assert workflow.latent().isfinite().all()
    video = workflow.run(node_of(workflow, "DragNUWACarry"))[1]
    assert [at for at, _ in seen] == [9, -1] and all(torch.equal(image[0], video[at]) for at, image in seen)
    assert not torch.equal(video[9], video[-1])


THING = slice(16, 48), slice(8, 40)  # rows and columns of the thing in the video


def film(frames: int) -> torch.Tensor:
    return noise_image(64, 64).expand(frames, -1, -1, -1).contiguous()


def edited_video(images: torch.Tensor, **_) -> tuple:
    """As DragNUWA Edit Video, for a thing that is a square."""
    mask = torch.zeros(len(images), 64, 64)
    mask[(slice(None), *THING)] = 1
    return images * 0.5, faded(mask, 2.0), None, None, None


def tied(model, vae, latent, images, mask, hold) -> tuple:
    return (tie_to_video(Sampling(latent, vae, model), images, mask, hold),)


def on_video(name: str, tmp_path, frames: int = 9) -> Workflow:
    replaced = {
        "CLIPTextEncode": words(8), "LoadVideo": lambda **_: (None,), "CLIPVisionEncode": lambda **_: (None,),
        "GetVideoComponents": lambda **_: (film(frames), None, 24.0), "DragNUWAEditVideo": edited_video,
        "DragNUWATieVideo": tied,
    }  # fmt: skip
    return Workflow(name, wan(tmp_path), ModelClip(64, 64, 9), replaced)


def node_of(workflow: Workflow, kind: str) -> str:
    return next(key for key, node in workflow.prompt.items() if node["class_type"] == kind)


@pytest.mark.parametrize("frames", [9, 11])
def test_a_video_is_repainted_only_where_it_changed(frames, tmp_path):
    """Of 11 frames the model makes 9, to which the video is cut."""
    workflow = on_video("drag_in_video_wan", tmp_path, frames)
    (made,) = workflow.run(node_of(workflow, "ImageCompositeMasked"))
    images, mask, *_ = edited_video(film(9))
    assert made.shape == images.shape and torch.equal(made[mask == 0], images[mask == 0])
    assert (made - images)[mask == 1].abs().mean() > 0.01  # by the model


def test_vace_is_shown_the_edited_video_and_what_it_may_paint(tmp_path):
    workflow = on_video("drag_in_video_vace", tmp_path)
    positive, _, latent, _ = workflow.run(node_of(workflow, "WanVaceToVideo"))
    assert latent["samples"].shape[2:] == (3, 8, 8)
    (mask,) = positive[0][1]["vace_mask"]
    inside = mask[0].mean(0) > 0.5  # [frames, rows, columns] of the latent
    assert inside[:, 2:6, 1:5].all() and not inside[:, 7].any() and not inside[:, :, 7].any()


def test_void_removes_the_thing_and_nothing_else(tmp_path):
    workflow = on_video("remove_from_video_void", tmp_path)
    (quadmask,) = workflow.run(node_of(workflow, "VOIDQuadmaskPreprocess"))
    assert (quadmask[(slice(None), *THING)] == 1).all() and (quadmask[:, 56:] == 0).all()
    assert set(np.round(np.unique(quadmask) * 255)) <= {0, 128, 192, 255}
    positive, _, latent = workflow.run(node_of(workflow, "VOIDInpaintConditioning"))
    assert latent["samples"].shape[2:] == (2, 8, 8) and positive[0][1]["concat_latent_image"].isfinite().all()
