"""Drags between other nodes: noise levels, patches, LoRAs, windows, conditioning and sizes other than one expects."""

import comfy.sd
import pytest
import torch
from comfy.ldm.modules.diffusionmodules.openaimodel import TimestepBlock
from comfy_extras.nodes_context_windows import ContextWindowsManualNode
from comfy_extras.nodes_model_advanced import ModelSamplingContinuousEDM

from dragnuwa import trajectory
from dragnuwa.common.clip_shape import ClipShape
from dragnuwa.host import exchange
from dragnuwa.host.fusion import fusion_patch
from tests.support import sampling
from tests.support.likeness import worst
from tests.support.sampling import latent_noise, random_conditionings

FRAMES, SIDE = 4, 64
CLOSE = 0.01  # of latents around 10: what another order of sums changes


@pytest.fixture(scope="module")
def flow() -> torch.Tensor:
    """Another motion in every frame and place."""
    return torch.randn(FRAMES, 2, SIDE, SIDE, generator=torch.Generator().manual_seed(1)) * 5


def sample(model, positive: list | None = None, *, steps: int = 2, seed: int = 3, latent=None, **more):
    given, negative = random_conditionings(SIDE, SIDE)
    noise = latent_noise(FRAMES, SIDE, SIDE, seed) if latent is None else torch.zeros_like(latent)
    return sampling.sample(model, noise, positive or given, negative, steps=steps, **more)


def dragged(parts, flow, model=None, **settings):
    return fusion_patch.apply(parts.model if model is None else model, parts.adapter, flow, **settings)


@pytest.fixture(scope="module")
def plain(parts) -> torch.Tensor:
    return sample(parts.model)


@pytest.fixture(scope="module")
def usual(parts, flow) -> torch.Tensor:
    return sample(dragged(parts, flow))


def with_other_noise_levels(model):
    return ModelSamplingContinuousEDM().patch(model, "v_prediction", 14.0, 0.002)[0]


def with_lora(model):
    key = "diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q"
    generator = torch.Generator().manual_seed(4)
    shapes = {"lora_up": (64, 4), "lora_down": (4, 64)}
    lora = {f"{key}.{name}.weight": torch.randn(shape, generator=generator) for name, shape in shapes.items()}
    return comfy.sd.load_lora_for_models(model, None, lora, 1.0, 0.0)[0]


def with_windows(model, length: int = FRAMES):
    return ContextWindowsManualNode.execute(
        model, context_length=length, context_overlap=1, context_schedule="standard_static", context_stride=1,
        closed_loop=False, fuse_method="pyramid", dim=0, freenoise=False,
    ).result[0]  # fmt: skip


@pytest.mark.parametrize("other", [with_other_noise_levels, with_lora, with_windows])
def test_a_node_acts_the_same_before_and_after_apply(other, parts, flow):
    """Half of the sampling is half of the noise levels that the model samples with in the end."""
    half = {"end_percent": 0.5}
    after = sample(other(dragged(parts, flow, **half)), steps=3)
    assert torch.equal(sample(dragged(parts, flow, other(parts.model), **half), steps=3), after)
    assert worst(after, sample(other(parts.model), steps=3)) > 0.1


def test_windows_over_all_frames_change_nothing(parts, flow):
    """With a LoRA, and for several seeds."""
    model = with_lora(dragged(parts, flow))
    results = [sample(model, seed=seed, steps=1) for seed in (5, 6)]
    for seed, result in zip((5, 6), results, strict=True):
        assert torch.equal(sample(with_windows(model), seed=seed, steps=1), result)
    assert not torch.equal(sample(with_windows(model, 3), steps=1), results[0])


def on_residual_blocks(layer, x, emb, context, options, output_shape, time_context, frames, image_only):
    return layer(x, emb, frames, image_only)


@pytest.mark.parametrize("first", [True, False])
def test_another_patch_of_the_same_blocks_is_refused(first, parts, flow):
    """The host would run one of the two, and the drags, or the other node, would do nothing."""
    model = parts.model if first else dragged(parts, flow)
    model = model.clone()
    model.set_model_patch((TimestepBlock, on_residual_blocks), fusion_patch.PATCH)
    model = dragged(parts, flow, model) if first else model
    with pytest.raises(ValueError, match=r"Another node's patch \(on_residual_blocks\).*only one of the two"):
        sample(model)


def test_a_patch_of_other_layers_works_beside_it(parts, flow, usual):
    model = dragged(parts, flow)
    model.set_model_patch((torch.nn.Conv3d, on_residual_blocks), fusion_patch.PATCH)
    assert torch.equal(sample(model), usual)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((1, 16, FRAMES, 8, 8), r"latents of Stable Video Diffusion.*\[1, 16, 4, 8, 8\]"),
        ((2 * FRAMES, 4, 8, 8), "drag maps have 4 frames, the latent has 8"),
        ((1, 4, 8, 8), "drag maps have 4 frames, the latent has 1"),
        ((FRAMES, 4, 8, 16), "drag maps are 64x64 pixels, the latent is for 128x64"),
    ],
)
def test_a_latent_of_another_kind_is_refused(shape, words, parts, flow):
    with pytest.raises(ValueError, match=words):
        sample(dragged(parts, flow), latent=torch.zeros(shape))


def told(**values) -> list:
    return [[context, {**options, **values}] for context, options in random_conditionings(SIDE, SIDE)[0]]


SAME = {
    "two equal entries": lambda: told() * 2,
    "a mask of everything": lambda: told(mask=torch.ones(1, SIDE, SIDE), mask_strength=1.0),
    "an area of everything": lambda: told(area=(SIDE // 8, SIDE // 8, 0, 0)),
    "two halves in time": lambda: told(start_percent=0.0, end_percent=0.5) + told(start_percent=0.5, end_percent=1.0),
    "two halves under masks": lambda: told(mask=HALF) + told(mask=1 - HALF),
}
HALF = torch.cat([torch.ones(1, SIDE, SIDE // 2), torch.zeros(1, SIDE, SIDE // 2)], 2)


@pytest.mark.parametrize("case", SAME)
def test_conditioning_of_several_parts_that_say_the_same(case, parts, flow, usual):
    assert worst(sample(dragged(parts, flow), SAME[case]()), usual) < CLOSE


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_drag_maps_of_other_precisions(dtype, parts, flow, usual, plain):
    model = dragged(parts, flow.to(dtype))
    assert worst(sample(model), usual) < 0.05 * worst(plain, usual)


def test_a_noise_mask_of_another_size_keeps_what_it_covers(parts, flow):
    free = torch.zeros(1, 1, 32, 32)
    free[..., 16:] = 1
    result = sample(dragged(parts, flow), noise_mask=free)
    assert result[..., :3].abs().max() < 1e-3 < result[..., 5:].abs().max()


@pytest.mark.parametrize(("frames", "height", "width"), [(5, SIDE, SIDE), (FRAMES, SIDE, 128), (FRAMES, 32, SIDE)])
def test_drag_maps_of_another_clip_are_exported_and_told(frames, height, width, monkeypatch):
    """The .flo files are of one clip, the tracks beside them of another."""
    saved = []
    monkeypatch.setattr(exchange.files, "save_flows", lambda fields, prefix: saved.append(fields.shape) or "flow")
    drags = trajectory.parse('[[{"x": 20, "y": 20}, {"x": 40, "y": 20}]]', width=SIDE, height=SIDE)
    maps = torch.zeros(frames, 2, height, width)
    report = exchange.write(drags, exchange.FLO, ClipShape(SIDE, SIDE, FRAMES), flow=maps).report
    assert saved == [(frames - 1, height, width, 2)]
    assert f"drag maps are {frames} frames of {width}x{height}" in report
