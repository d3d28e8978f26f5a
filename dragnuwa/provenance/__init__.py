"""Content credentials (C2PA) in videos: written as the last step, and read with the drags that they hold."""
