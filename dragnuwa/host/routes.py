"""Registers the editor's routes in the running ComfyUI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..server.requests import Access, is_local
from ..server.routes import add_to
from .signed_video import trust

if TYPE_CHECKING:
    from torch import Tensor


def register() -> None:
    """Add the routes to the running host. To be called while the pack is loaded: the host adds its own after that."""
    import folder_paths  # only available inside the host
    from comfy.cli_args import args
    from server import PromptServer

    access = Access(any_origin=args.enable_cors_header is not None, only_local=is_local(args.listen))
    add_to(PromptServer.instance.routes, folder_paths.get_directory_by_type, load_picture, access, trust)


def load_picture(name: str) -> Tensor:
    """A picture `[H, W, 3]` from 0 to 1 as loaded by Load Image, by its name with the type in brackets."""
    from nodes import LoadImage  # the host's, only available inside it

    return LoadImage().load_image(name)[0][0]
