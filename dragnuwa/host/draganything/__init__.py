"""DragAnything in the host: its ControlNet, loaded and applied, and the features of its entities."""
