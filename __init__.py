"""DragNUWA for ComfyUI: draw drags on a picture, get a video that follows them."""

import logging

WEB_DIRECTORY = "./web"


async def comfy_entrypoint():
    """Called by ComfyUI, which reports an error in here as one line: the whole of it goes to the log first."""
    try:
        from .nodes import DragNUWAExtension
    except Exception:
        logging.exception("DragNUWA could not be loaded.")
        raise
    return DragNUWAExtension()


__all__ = ["WEB_DIRECTORY", "comfy_entrypoint"]
