"""Reads DragNUWA checkpoints. The code is in `models.checkpoint`."""

from .models.checkpoint import Adapter, Checkpoint, CheckpointConfig, load, load_adapter
from .models.weights import CheckpointError

__all__ = ["Adapter", "Checkpoint", "CheckpointConfig", "CheckpointError", "load", "load_adapter"]
