"""DragNUWA's adapter as a torch module. The code is in `models.adapter`."""

from .models.adapter import FusionConfig, MultiscaleFusion

__all__ = ["FusionConfig", "MultiscaleFusion"]
