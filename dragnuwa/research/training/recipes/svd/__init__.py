"""DragNUWA 1.5's additions, trained on a frozen Stable Video Diffusion."""
