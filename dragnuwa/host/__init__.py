"""The bridge to ComfyUI, through its public interfaces; nothing outside this folder imports comfy."""
