"""ComfyUI's interrupt, for long work in the library, which takes it as an `InterruptCheck`."""

from comfy.model_management import throw_exception_if_processing_interrupted as check_interrupt

__all__ = ["check_interrupt"]
