"""The running node: its interrupt, its progress bar, the text that it shows, and what the editor's canvas shows of a
picture or a video that is no file, which is a copy in ComfyUI's temporary folder.

The name of a copy is never reused. ComfyUI empties the folder on start-up and counts from 1, so a page that is still
open would show the picture of whoever runs something first."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Any
from uuid import uuid4

import comfy.utils
import folder_paths
import torch
from comfy.model_management import throw_exception_if_processing_interrupted as check_interrupt

from ..common.images import fit
from ..common.interrupt import Progress, checkpoint, interrupts
from .node_api import InputImpl, Types, io, ui

__all__ = ["check_interrupt", "interruptible", "progress_bar", "show_text"]

interruptible = interrupts(check_interrupt)
"""Decorates what a node executes: ComfyUI's interrupt ends it."""
PICTURE_SIDE, VIDEO_SIDE = 2048, 960  # px of the longer side: the page only displays it
RATE = Fraction(24)  # of the video: any, since the editor shows it frame by frame
READS_FILES = ("GetVideoComponents",)  # nodes whose video the page reads itself, if it is a file


def progress_bar() -> Progress:
    """A new bar. ComfyUI itself limits how often it is drawn."""
    return comfy.utils.ProgressBar(1).update_absolute


def show_text(text: str, node_id: str | None) -> None:
    """Shows text on the running node; does nothing if there is none, or the prompt was not queued from a page."""
    from server import PromptServer  # only available inside the host

    if node_id and text:
        PromptServer.instance.send_progress_text(text, node_id)


def preview(image: torch.Tensor) -> list[ui.SavedResult]:
    """
    Args:
        image: `[T, H, W, 3]` from 0 to 1: of one picture the picture, of several a video.
    """
    name = f"dragnuwa_{uuid4().hex}"
    if len(image) == 1:
        small = _scaled(image, PICTURE_SIDE, 1)
        return ui.ImageSaveHelper.save_images(small, name, io.FolderType.temp, cls=None, compress_level=1)
    frames = []
    for frame in image:
        checkpoint()
        frames.append(_scaled(frame[None].cpu(), VIDEO_SIDE, 2))  # the codec takes even sides only
    file = f"{name}.mp4"
    os.makedirs(folder_paths.get_temp_directory(), exist_ok=True)
    made = InputImpl.VideoFromComponents(Types.VideoComponents(images=torch.cat(frames), frame_rate=RATE))
    made.save_to(os.path.join(folder_paths.get_temp_directory(), file))
    return [ui.SavedResult(file, "", io.FolderType.temp)]


def comes_from_a_file(hidden: Any, name: str) -> bool:
    """Whether an input of the running node is a video that the page reads from its file, so that one picture does.

    Args:
        hidden: the node's hidden inputs `prompt` and `unique_id`; None without any.
        name: of the input.
    """
    prompt = (hidden and hidden.prompt) or {}
    source = prompt.get(hidden and hidden.unique_id, {}).get("inputs", {}).get(name)
    node = prompt.get(source[0], {}) if isinstance(source, list) else {}
    return node.get("class_type") in READS_FILES


def _scaled(image: torch.Tensor, longest: int, multiple: int) -> torch.Tensor:
    height, width = image.shape[1:3]
    scale = min(1.0, longest / max(height, width))
    size = (max(multiple, round(side * scale / multiple) * multiple) for side in (width, height))
    return fit(image, *size, "stretch")
