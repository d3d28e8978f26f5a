"""DragAnything's control beside everything else that the host does to a sampling."""

import comfy.controlnet
import comfy.model_management
import comfy.sample
import comfy.sd
import pytest
import torch
from comfy_extras.nodes_context_windows import ContextWindowsManualNode

from dragnuwa import trajectory
from dragnuwa.adapter import FusionConfig, MultiscaleFusion
from dragnuwa.clip_shape import ModelClip
from dragnuwa.draganything.encoders import ConditionEncoders
from dragnuwa.errors import InputError
from dragnuwa.host.draganything.apply import Steering, apply
from dragnuwa.host.draganything.control import EntityControl
from dragnuwa.host.draganything.network import EntityControlNetwork
from dragnuwa.host.dragnuwa import fusion_patch

WIDTH, HEIGHT, FRAMES, STEPS = 128, 64, 4, 2
# Of latents around 10: what another batch size changes by rounding alone, since sampling begins at a noise of 700.
CLOSE = 0.01
DRAG = {"points": [{"x": 0.2, "y": 0.5}, {"x": 0.6, "y": 0.4}]}
ANCHOR = {"kind": "anchor", "points": [{"x": 0.9, "y": 0.8}]}


def mask(width: int = WIDTH, height: int = HEIGHT) -> torch.Tensor:
    """Of the left 40 % of the picture."""
    return (torch.arange(width) < width * 0.4).float().expand(1, height, -1)


def features(width: int = WIDTH, height: int = HEIGHT) -> torch.Tensor:
    return torch.randn(320, height // 8, width // 8, generator=torch.Generator().manual_seed(1))


def conditioning(width: int = WIDTH, height: int = HEIGHT) -> tuple[list, list]:
    generator = torch.Generator().manual_seed(2)
    context = torch.randn(1, 1, 128, generator=generator)
    told = {"fps": 6, "motion_bucket_id": 127, "augmentation_level": 0.0}
    start = torch.randn(1, 4, height // 8, width // 8, generator=generator)
    return (
        [[context, {**told, "concat_latent_image": start}]],
        [[torch.zeros_like(context), {**told, "concat_latent_image": torch.zeros_like(start)}]],
    )


def applied(control, *tracks, size=(WIDTH, HEIGHT), frames: int = FRAMES, given: tuple | None = None, **more):
    """What DragAnything Apply gives for drags: positive, negative and the report."""
    value = {"type": "dragnuwa.trajectories", "version": 1, "tracks": list(tracks or (DRAG, ANCHOR))}
    drags = trajectory.parse(value, width=size[0], height=size[1])
    steering = Steering(**{key: more.pop(key) for key in list(more) if hasattr(Steering, key)})
    more = {"masks": mask(*size), "features": features(*size), **more}
    return apply(*(given or conditioning(*size)), control, drags, ModelClip(*size, frames), steering, **more)


def sample(model, conditionings, frames: int = FRAMES, cfg: float = 2.5, steps: int = STEPS, size=(WIDTH, HEIGHT)):
    noise = torch.randn(frames, 4, size[1] // 8, size[0] // 8, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        return comfy.sample.sample(
            model, noise, steps, cfg, "euler", "karras", *conditionings[:2], torch.zeros_like(noise), disable_pbar=True
        )


@pytest.fixture(scope="module")
def plain(base) -> torch.Tensor:
    return sample(base, conditioning())


@pytest.fixture(scope="module")
def dragged(base, control) -> torch.Tensor:
    return sample(base, applied(control))


def worst(a: torch.Tensor, b: torch.Tensor) -> float:
    return (a - b).abs().max().item()


def test_drags_change_the_result(plain, dragged):
    assert worst(plain, dragged) > 0.1


def test_strength_0_is_the_plain_model_bit_for_bit(base, control, plain):
    assert torch.equal(sample(base, applied(control, strength=0.0)), plain)
    control_of_strength_0 = applied(control)[0][0][1]["control"].copy()
    control_of_strength_0.strength = 0.0
    told = [
        [[context, values | {"control": control_of_strength_0}] for context, values in half] for half in conditioning()
    ]
    assert torch.equal(sample(base, told), plain)


def test_what_was_given_is_not_changed(base, control, plain):
    given = conditioning()
    applied(control, given=given)
    assert torch.equal(sample(base, given), plain) and control.scene is None


def test_strength_and_times_and_modes_act(base, control, plain, dragged):
    half = sample(base, applied(control, strength=0.5))
    assert worst(half, plain) > 0 and worst(half, dragged) > 0
    cases = [(0.0, 1.0, "vector"), (0.0, 1.0, "demo_scalar"), (0.0, 0.5, "vector"), (0.5, 1.0, "vector")]
    outcomes = [
        sample(base, applied(control, start_percent=start, end_percent=end, entity_mode=mode), steps=4)
        for start, end, mode in cases
    ]
    assert len({tuple(outcome.flatten()[:8].tolist()) for outcome in outcomes}) == 4


def test_the_model_is_told_what_the_original_tells_it(control):
    for half in applied(control)[:2]:
        ((_, values),) = half
        assert (values["fps"], values["motion_bucket_id"], values["augmentation_level"]) == (7, 128, 0.02)


def test_both_halves_share_one_control_and_one_call(base, control, dragged, monkeypatch):
    calls = []
    forward = EntityControlNetwork.forward
    monkeypatch.setattr(
        EntityControlNetwork, "forward", lambda self, x, *a, **k: calls.append(len(x)) or forward(self, x, *a, **k)
    )
    assert torch.equal(sample(base, applied(control)), dragged)
    assert calls == [2 * FRAMES] * STEPS
    calls.clear()
    monkeypatch.setattr(type(base.model), "memory_required", lambda *args, **kwargs: 1e30)
    assert worst(sample(base, applied(control)), dragged) < CLOSE
    assert calls == [FRAMES] * 2 * STEPS


def test_cfg_1_runs_the_conditional_half_alone(base, control):
    assert sample(base, applied(control), cfg=1.0).isfinite().all()


def test_the_hint_is_encoded_once_a_sampling_and_freed_after_it(base, control, monkeypatch):
    encoded = []
    encode = ConditionEncoders.encode
    monkeypatch.setattr(ConditionEncoders, "encode", lambda self, *a: encoded.append(1) or encode(self, *a))
    given = applied(control)
    sample(base, given, steps=3)
    assert len(encoded) == FRAMES
    assert given[0][0][1]["control"]._hints == {}
    sample(base, given)
    assert len(encoded) == 2 * FRAMES


def test_after_an_interrupt_the_same_control_works_again(base, control, dragged):
    """The host ends no control that was interrupted: what was encoded stays until the next sampling."""
    given, model = applied(control), base.clone()

    def interrupt(apply, call):
        raise comfy.model_management.InterruptProcessingException

    model.set_model_unet_function_wrapper(interrupt)
    with pytest.raises(comfy.model_management.InterruptProcessingException):
        sample(model, given)
    assert torch.equal(sample(base, given), dragged)
    assert given[0][0][1]["control"]._hints == {}


def test_the_host_counts_loads_and_offloads_the_network(base, control):
    given = applied(control)[0][0][1]["control"]
    (patcher,) = given.get_models()
    assert patcher is control.control_model_wrapped and patcher.model_size() > 10e6
    assert given.inference_memory_requirements(torch.float32) > 4 * FRAMES * 64 * 8 * 16
    comfy.model_management.unload_all_models()
    sample(base, applied(control))
    assert patcher in comfy.model_management.loaded_models()
    comfy.model_management.unload_all_models()


def test_low_vram(control, scene):
    """The host loads only a part of the network, and casts the rest as it is used."""
    acting = control.with_scene(scene("vector"), 1.0, (0.0, 1.0))
    (patcher,), cpu = acting.get_models(), torch.device("cpu")
    x = torch.randn(FRAMES, 8, 8, 16, generator=torch.Generator().manual_seed(4))
    told = (torch.ones(FRAMES), torch.ones(FRAMES, 1, 128), torch.ones(FRAMES, 768))

    def run() -> torch.Tensor:
        with torch.inference_mode():
            return acting.control_model(x, acting._hint_on(cpu), *told, {"cond_or_uncond": [0]})[1]

    comfy.model_management.unload_all_models()
    patcher.patch_model(device_to=cpu, lowvram_model_memory=1, load_weights=True)
    assert patcher.model.model_lowvram
    try:
        partly = run()
    finally:
        patcher.unpatch_model(cpu)
    acting.cleanup()
    comfy.model_management.load_models_gpu([patcher])
    assert worst(partly, run()) < 1e-5


def test_two_in_a_row_and_another_control_before_it_add_up(base, control, dragged, plain):
    """As ControlNets do in the host: the earlier one's residuals are added."""

    class Recorded(comfy.controlnet.ControlBase):
        asked = 0

        def get_control(self, x_noisy, t, cond, batched_number, transformer_options):
            self.asked += 1
            return None

        def copy(self):
            return self

    before = Recorded()
    given = [[[context, values | {"control": before}] for context, values in half] for half in conditioning()]
    assert torch.equal(sample(base, applied(control, given=given)), dragged)
    assert before.asked == STEPS
    twice = sample(base, applied(control, given=applied(control, strength=0.5)[:2], strength=0.5))
    assert worst(twice, dragged) < CLOSE and worst(twice, plain) > 0.1


def test_context_windows_use_the_frames_at_hand(base, control, monkeypatch):
    """8 frames in windows of 4 by the host's own node: each window meets its own part of the hint."""
    met, forward = set(), EntityControlNetwork.forward
    given = applied(control, frames=8)
    whole = given[0][0][1]["control"]._hint_on(torch.device("cpu")).clone()

    def recording(self, x, hint, *args):
        met.add(tuple(int((whole - frame).abs().amax((1, 2, 3)).argmin()) for frame in hint))
        return forward(self, x, hint, *args)

    monkeypatch.setattr(EntityControlNetwork, "forward", recording)
    windows = ContextWindowsManualNode.execute(
        base, context_length=4, context_overlap=0, context_schedule="standard_static", context_stride=1,
        closed_loop=False, fuse_method="flat", dim=0, freenoise=False, causal_window_fix=False,
    )  # fmt: skip
    assert sample(windows.result[0], given, frames=8).isfinite().all()
    assert met == {(0, 1, 2, 3), (4, 5, 6, 7)}


def test_a_lora_of_the_host_works_beside_it(base, control, dragged):
    """It changes the model, not the ControlNet."""
    key = "diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q"
    generator = torch.Generator().manual_seed(5)
    lora = {
        f"{key}.lora_up.weight": torch.randn(64, 4, generator=generator),
        f"{key}.lora_down.weight": torch.randn(4, 64, generator=generator),
    }
    with_lora, _ = comfy.sd.load_lora_for_models(base, None, lora, 1.0, 0.0)
    assert worst(sample(with_lora, applied(control)), dragged) > 1e-3


@pytest.fixture(scope="module")
def adapter():
    """DragNUWA's, of the base's shape and with random weights."""
    with torch.random.fork_rng():
        torch.manual_seed(6)
        network = MultiscaleFusion(FusionConfig.for_unet(64, (1, 2, 2, 2), 2)).requires_grad_(False)
    device = torch.device("cpu")
    return comfy.model_patcher.CoreModelPatcher(network, load_device=device, offload_device=device)


def test_dragnuwa_and_draganything_at_once(base, control, adapter, dragged, monkeypatch):
    """Both act, and DragNUWA's patch of the model does not reach DragAnything's network."""
    flow = torch.randn(FRAMES, 2, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(7)) * 5
    model = fusion_patch.apply(base, adapter, flow)
    seen, forward = [], EntityControlNetwork.forward
    monkeypatch.setattr(EntityControlNetwork, "forward", lambda *a: seen.append(forward(*a)) or seen[-1])
    given = applied(control)
    both, alone = sample(model, given, steps=1), sample(base, given, steps=1)
    assert worst(both, alone) > 0.1
    assert torch.equal(seen[0][1], seen[1][1])  # the first step begins with the same latent
    assert worst(both, sample(model, conditioning(), steps=1)) > 0.1


@pytest.mark.parametrize(("width", "height", "frames"), [(64, 64, 2), (72, 136, 3), (200, 88, 5), (64, 64, 128)])
def test_any_multiple_of_8_and_2_to_128_frames(width, height, frames, base, control):
    given = applied(control, size=(width, height), frames=frames)
    latent = sample(base, given, frames=frames, steps=1, size=(width, height))
    assert latent.shape == (frames, 4, height // 8, width // 8) and latent.isfinite().all()


def test_camera_motion_beside_an_object(base, control, dragged):
    """A grid of drags, as DragNUWA Camera Motion makes it and Merge adds it: no mask is needed for them."""
    grid = [
        {"points": [{"x": x, "y": y}, {"x": x + 0.1, "y": y}]} for x in (0.1, 0.4, 0.7) for y in (0.1, 0.4, 0.7, 0.9)
    ]
    *given, report = applied(control, *grid, {"points": [{"x": 0.2, "y": 0.55}, {"x": 0.1, "y": 0.2}]})
    assert report.startswith("13 entities: 1 objects and 12 discs")
    assert worst(sample(base, given), dragged) > 1e-3


def test_the_shipped_order_acts_only_when_asked_for(base, control, dragged, caplog):
    shipped = applied(control, shipped_batch_order=True)
    assert worst(sample(base, shipped), dragged) > 0.1
    assert torch.equal(sample(base, applied(control)), dragged)  # nothing of it stays in the model
    sample(base, shipped, cfg=1.0)
    assert "needs both halves of guidance in one call" in caplog.text
    with pytest.raises(ValueError, match="shipped batch order cannot be had with 32 frames"):
        applied(control, frames=32, shipped_batch_order=True)


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
    from dragnuwa.host.dragnuwa import load

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


def test_a_copy_for_another_device_keeps_the_scene(control, scene):
    clone = control.with_scene(scene("vector"), 0.7, (0.1, 0.9)).deepclone_multigpu(torch.device("cpu"))
    assert isinstance(clone, EntityControl) and clone.scene is not None
    assert clone.strength == 0.7 and clone.timestep_percent_range == (0.1, 0.9)
