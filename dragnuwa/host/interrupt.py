"""ComfyUI's interrupt as an `InterruptCheck`, for long computations in the library."""

from comfy.model_management import throw_exception_if_processing_interrupted as check_interrupt

__all__ = ["check_interrupt"]
