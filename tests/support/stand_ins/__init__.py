"""Custom nodes that tests give to ComfyUI."""
