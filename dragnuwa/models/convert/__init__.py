"""Splits a DragNUWA checkpoint into what an SVD lacks: the adapter, and a LoRA in ComfyUI's own format."""

from .base_proof import Proof
from .split import Converted, convert

__all__ = ["Converted", "Proof", "convert"]
