"""DragAnything's control beside everything else that the host does to a sampling."""

import comfy.controlnet
import comfy.model_management
import comfy.sd
import pytest
import torch
from comfy_extras.nodes_context_windows import ContextWindowsManualNode

from dragnuwa.host.draganything.control import EntityControl
from dragnuwa.host.draganything.network import EntityControlNetwork
from dragnuwa.host.fusion import fusion_patch
from dragnuwa.models.adapter import FusionConfig, MultiscaleFusion
from dragnuwa.models.draganything.encoders import ConditionEncoders
from tests.support.draganything_sampling import FRAMES, HEIGHT, STEPS, WIDTH, applied, conditioning, sample
from tests.support.likeness import worst

# Of latents around 10: what another batch size changes by rounding alone, since sampling begins at a noise of 700.
CLOSE = 0.01


@pytest.fixture(scope="module")
def plain(base) -> torch.Tensor:
    return sample(base, conditioning())


@pytest.fixture(scope="module")
def dragged(base, control) -> torch.Tensor:
    return sample(base, applied(control))


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


@pytest.mark.parametrize(("width", "height", "frames"), [(64, 64, 2), (72, 136, 3), (200, 88, 5), (64, 64, 48)])
def test_any_multiple_of_8_and_any_number_of_frames(width, height, frames, base, control):
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


def test_a_copy_for_another_device_keeps_the_scene(control, scene):
    clone = control.with_scene(scene("vector"), 0.7, (0.1, 0.9)).deepclone_multigpu(torch.device("cpu"))
    assert isinstance(clone, EntityControl) and clone.scene is not None
    assert clone.strength == 0.7 and clone.timestep_percent_range == (0.1, 0.9)
