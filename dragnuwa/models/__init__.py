"""The networks and files of DragNUWA and DragAnything, as far as they do not need ComfyUI."""
