"""Attaches DragAnything's control to conditioning."""

from __future__ import annotations

from dataclasses import dataclass

import node_helpers
import torch

from ...models.draganything.maps import MODES, entity_vectors
from ...models.draganything.scene import FoundEntities
from .control import EntityControl, Scene

# Motion parameters that the original always uses for both halves of guidance. The host subtracts one from fps.
ALWAYS_TOLD = {"fps": 7, "motion_bucket_id": 128, "augmentation_level": 0.02}
WITHOUT_FEATURES = (
    "Without entity features only the heat maps act: they say where each object goes, not what it is. For both, "
    "connect DragAnything Entity Features with any SD 1.5 checkpoint."
)


@dataclass(frozen=True)
class Steering:
    """How strongly and when the entities act.

    Attributes:
        strength: scales the ControlNet's residuals; 1 is as trained, 0 leaves the conditioning unchanged.
        start_percent, end_percent: part of the sampling in which they act.
        entity_mode: see `dragnuwa.models.draganything.maps.entity_vectors`.

    Raises:
        ValueError: if a value is out of range.
    """

    strength: float = 1.0
    start_percent: float = 0.0
    end_percent: float = 1.0
    entity_mode: str = MODES[0]

    def __post_init__(self):
        if not abs(self.strength) < float("inf"):
            raise ValueError(f"strength must be a number, such as 1; found {self.strength}.")
        if not 0 <= self.start_percent <= self.end_percent <= 1:
            raise ValueError(
                f"start_percent must not be above end_percent, both from 0 to 1; found {self.start_percent} and "
                f"{self.end_percent}. Lower start_percent or raise end_percent."
            )


def apply(
    positive: list,
    negative: list,
    control_net: EntityControl,
    found: FoundEntities,
    steering: Steering,
    features: torch.Tensor | None = None,
) -> tuple[list, list, str]:
    """Conditioning by which objects follow their drags, and a report.

    Args:
        positive, negative: the host's CONDITIONING of Stable Video Diffusion.
        control_net: from `dragnuwa.host.draganything.load`.
        found: the entities, from `dragnuwa.models.draganything.scene.find_entities`.
        steering: how they act.
        features: `[320, H / 8, W / 8]`, from `dragnuwa.host.draganything.features.picture_features`.

    Raises:
        ValueError: if the ControlNet is of another kind, and as `entity_vectors`.
    """
    if not isinstance(control_net, EntityControl):
        raise ValueError(
            f"The ControlNet is a {type(control_net).__name__}, not DragAnything's. Connect DragAnything Load "
            "ControlNet."
        )
    vectors = entity_vectors(features, found.entities.latent_masks, steering.entity_mode)
    report = found.report if features is not None else f"{found.report}\n{WITHOUT_FEATURES}"
    if steering.strength == 0:
        return positive, negative, report
    percents = (steering.start_percent, steering.end_percent)
    control = control_net.with_scene(Scene(found.entities, vectors), steering.strength, percents)
    return *_attached([positive, negative], control), report


def _attached(conditionings: list[list], control: EntityControl) -> list[list]:
    """Shares one copy of the control among entries with the same previous control, so that the host batches them."""
    copies: dict[object, EntityControl] = {}
    attached = []
    for conditioning in conditionings:
        told = node_helpers.conditioning_set_values(conditioning, ALWAYS_TOLD)
        for _, values in told:
            before = values.get("control")
            if before not in copies:
                copies[before] = control.copy()
                copies[before].set_previous_controlnet(before)
            values.update(control=copies[before], control_apply_to_uncond=False)
        attached.append(told)
    return attached
