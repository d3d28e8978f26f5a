"""Camera paths as text: files of other tools, keys written by hand, and the camera of ComfyUI's 3D viewport."""
