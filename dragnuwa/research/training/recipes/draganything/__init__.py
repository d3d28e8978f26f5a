"""DragAnything's ControlNet, trained on a frozen Stable Video Diffusion."""
