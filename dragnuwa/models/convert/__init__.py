"""Extracts what DragNUWA adds to SVD from a checkpoint: the adapter, and a LoRA in ComfyUI's own format."""

from .base_proof import Proof
from .split import Converted, convert

__all__ = ["Converted", "Proof", "convert"]
