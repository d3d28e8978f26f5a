"""DragNUWA: video from a picture, a text and drags (arXiv 2308.08089), as a library that does not need ComfyUI."""
