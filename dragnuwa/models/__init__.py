"""DragNUWA's own network and files, and next to them DragAnything's, as far as they can be had without ComfyUI."""
