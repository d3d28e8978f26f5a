"""DragNUWA in the host: its checkpoint, its conditioning, and its patch of the model."""
