"""What touches ComfyUI: its public interfaces, and nothing outside of this folder imports comfy."""
