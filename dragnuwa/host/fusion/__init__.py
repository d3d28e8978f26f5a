"""DragNUWA in the host: loading its checkpoint, conditioning, and patching the model."""
