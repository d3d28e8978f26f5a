"""ComfyUI's interface for nodes, which everything in the pack takes from here.

ComfyUI asks packs to name a version of it (ComfyUI#10951). Where this version, or a part of it, is missing, the newest
one takes its place."""

try:
    from comfy_api.v0_0_2 import ComfyExtension, Input, InputImpl, Types, io, ui
except ImportError:
    from comfy_api.latest import ComfyExtension, Input, InputImpl, Types, io, ui

__all__ = ["ComfyExtension", "Input", "InputImpl", "Types", "io", "ui"]
