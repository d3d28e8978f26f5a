"""What DragAnything Apply and the sampling refuse, in words that say what to do."""

import comfy.controlnet
import pytest
import torch

from dragnuwa.common.errors import InputError
from tests.support.draganything_sampling import applied, conditioning, sample


def test_without_features_it_says_what_is_missing(control):
    assert "Without entity features only the heat maps act" in applied(control, features=None)[2]
    assert "features" not in applied(control)[2]


def test_a_controlnet_of_another_kind_is_refused(control):
    with pytest.raises(ValueError, match=r"ControlNet is a ControlNet, not DragAnything's"):
        applied(comfy.controlnet.ControlNet(None))
    with pytest.raises(ValueError, match=r"ControlNet is a NoneType, not DragAnything's"):
        applied(None)


def test_a_control_without_entities_is_refused(base, control):
    """As the host's own Apply ControlNet makes it."""
    bare = control.copy().set_cond_hint(torch.zeros(1, 3, 64, 128), 1.0, (0.0, 1.0))
    given = [[[context, values | {"control": bare}] for context, values in half] for half in conditioning()]
    with pytest.raises(ValueError, match=r"no entities yet\. Connect it to DragAnything Apply"):
        sample(base, given)


def test_a_latent_of_another_shape_is_refused(base, control):
    with pytest.raises(ValueError, match=r"DragAnything Apply has 4 frames, the latent has 6\. Connect one frames"):
        sample(base, applied(control), frames=6)
    small = applied(control, size=(64, 64), given=conditioning())
    with pytest.raises(ValueError, match=r"is for 64x64 pixels, what is sampled for 128x64"):
        sample(base, small)


def test_a_model_of_another_width_is_refused(golden_file, control):
    from dragnuwa.host.fusion import load

    narrow = load.load(golden_file).model
    with pytest.raises(
        ValueError, match=r"The ControlNet is for a model with \[64, .*Load the two that belong together"
    ):
        sample(narrow, applied(control))


def test_a_model_of_another_kind_is_refused(base, control):
    class Other:
        model_sampling = None

    acting = applied(control)[0][0][1]["control"]
    with pytest.raises(ValueError, match="steers Stable Video Diffusion; the model that samples is Other"):
        acting.pre_run(Other(), lambda percent: percent)


@pytest.mark.parametrize(
    ("values", "words"),
    [({"strength": float("nan")}, "strength must be a number"),
     ({"start_percent": 0.6, "end_percent": 0.4}, "start_percent must not be above end_percent"),
     ({"entity_mode": "mean"}, "entity_mode must be one of")],
)  # fmt: skip
def test_bad_settings_are_refused(values, words, control):
    with pytest.raises(ValueError, match=words):
        applied(control, **values)


def test_features_of_another_clip_are_refused(control):
    with pytest.raises(
        InputError, match=r"Entity features should be \[320, 8, 16\] for this clip; found \[320, 4, 4\]"
    ):
        applied(control, features=torch.zeros(320, 4, 4))
