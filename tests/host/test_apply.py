"""DragNUWAApply beside everything else that the host does to a model."""

import comfy.lora
import comfy.model_management
import comfy.sd
import pytest
import torch
from comfy.ldm.modules.diffusionmodules.openaimodel import VideoResBlock
from comfy.model_management import module_size
from comfy_extras.nodes_context_windows import ContextWindowsManualNode

from dragnuwa.host.fusion import fusion_patch
from dragnuwa.host.fusion import fusion_patch as modulation_module
from dragnuwa.models import adapter
from dragnuwa.models.adapter import FusionConfig, MultiscaleFusion
from tests.support import sampling
from tests.support.likeness import worst
from tests.support.sampling import latent_noise, random_conditionings

FRAMES, HEIGHT, WIDTH, STEPS = 6, 64, 128, 2
# Of latents around 10: what another batch size changes by rounding alone, since sampling begins at a noise of 700.
CLOSE = 0.01


@pytest.fixture(scope="module")
def flow() -> torch.Tensor:
    """A smooth motion to the right and down, different in every frame."""
    frames = torch.linspace(0, 8, FRAMES)[:, None, None, None]
    return frames * torch.tensor([1.0, 0.5])[None, :, None, None] * torch.ones(1, 1, HEIGHT, WIDTH)


def sample(model, frames: int = FRAMES, cfg: float = 2.5, steps: int = STEPS, negative: list | None = None):
    """Through the host's KSampler path; the same noise for the same number of frames."""
    positive, plain = random_conditionings(WIDTH, HEIGHT)
    noise = latent_noise(frames, WIDTH, HEIGHT)
    return sampling.sample(model, noise, positive, negative or plain, steps=steps, cfg=cfg)


@pytest.fixture(scope="module")
def plain(parts) -> torch.Tensor:
    return sample(parts.model)


@pytest.fixture(scope="module")
def dragged(parts, flow) -> torch.Tensor:
    return sample(fusion_patch.apply(parts.model, parts.adapter, flow))


def count_chunks(model) -> list[int]:
    """Fills up with the number of cond and uncond chunks of every call of the UNet."""
    chunks = []

    def counting(apply, call):
        chunks.append(len(call["cond_or_uncond"]))
        return apply(call["input"], call["timestep"], **call["c"])

    model.set_model_unet_function_wrapper(counting)
    return chunks


def test_drags_change_the_result(plain, dragged):
    assert worst(plain, dragged) > 0.1


def test_strength_0_is_the_plain_model_bit_for_bit(parts, flow, plain):
    assert torch.equal(sample(fusion_patch.apply(parts.model, parts.adapter, flow, strength=0)), plain)


def test_the_model_that_was_given_is_not_changed(parts, flow, plain):
    fusion_patch.apply(parts.model, parts.adapter, flow)
    assert torch.equal(sample(parts.model), plain)


def test_strength_scales(parts, flow, plain, dragged):
    half = sample(fusion_patch.apply(parts.model, parts.adapter, flow, strength=0.5))
    assert 0 < worst(half, plain) < worst(dragged, plain)


def test_the_later_of_two_replaces_the_earlier(parts, flow, plain, dragged):
    other = fusion_patch.apply(parts.model, parts.adapter, -flow)
    twice = fusion_patch.apply(other, parts.adapter, flow)
    assert torch.equal(sample(twice), dragged)
    assert not torch.equal(sample(other), dragged)  # the first one keeps its own drags
    assert torch.equal(sample(fusion_patch.apply(twice, parts.adapter, flow, strength=0)), plain)


def test_cond_and_uncond_in_separate_calls(parts, flow, dragged, monkeypatch):
    """The host splits a batch when memory is short: here it is told that every batch is too large."""
    model = fusion_patch.apply(parts.model, parts.adapter, flow)
    chunks = count_chunks(model)
    together = sample(model)
    monkeypatch.setattr(type(model.model), "memory_required", lambda *args, **kwargs: 1e30)
    apart = sample(model)
    assert set(chunks) == {1, 2}
    assert torch.equal(together, dragged) and worst(apart, dragged) < CLOSE


def test_more_than_two_chunks_in_a_call(parts, flow, dragged):
    """Two positive conditionings that are the same make three chunks and the same result."""
    model = fusion_patch.apply(parts.model, parts.adapter, flow)
    chunks = count_chunks(model)
    _, negative = random_conditionings(WIDTH, HEIGHT)
    assert worst(sample(model, negative=negative * 2), dragged) < CLOSE
    assert set(chunks) == {3}


def test_cfg_1_runs_the_cond_alone(parts, flow):
    assert sample(fusion_patch.apply(parts.model, parts.adapter, flow), cfg=1.0).isfinite().all()


def test_drags_are_encoded_once_for_all_samplings(parts, flow, monkeypatch):
    """Neither another seed nor another number of steps asks for gamma and beta again."""
    calls = []
    forward = MultiscaleFusion.forward
    monkeypatch.setattr(MultiscaleFusion, "forward", lambda self, maps: calls.append(1) or forward(self, maps))
    model = fusion_patch.apply(parts.model, parts.adapter, flow)
    sample(model, steps=4)
    sample(model.clone(), steps=3)
    assert len(calls) == 1


def test_nothing_of_ours_stays_on_the_model_when_the_sampling_is_interrupted(parts, flow):
    model = fusion_patch.apply(parts.model, parts.adapter, flow)

    def interrupt(apply, call):
        apply(call["input"], call["timestep"], **call["c"])
        raise comfy.model_management.InterruptProcessingException

    model.set_model_unet_function_wrapper(interrupt)
    with pytest.raises(comfy.model_management.InterruptProcessingException):
        sample(model)
    blocks = [m for m in parts.model.model.diffusion_model.modules() if isinstance(m, VideoResBlock)]
    assert not any(block.in_layers._forward_hooks for block in blocks)


def test_start_and_end_percent(parts, flow, plain, dragged):
    def between(start, end):
        model = fusion_patch.apply(parts.model, parts.adapter, flow, start_percent=start, end_percent=end)
        return sample(model, steps=4)

    everything, first, second = between(0, 1), between(0, 0.5), between(0.5, 1)
    assert torch.equal(sample(fusion_patch.apply(parts.model, parts.adapter, flow), steps=4), everything)
    untouched = sample(parts.model, steps=4)
    assert len({tuple(x.flatten()[:8].tolist()) for x in (everything, first, second, untouched)}) == 4
    with pytest.raises(ValueError, match=r"start_percent must not be above end_percent.*0.6 and 0.4"):
        between(0.6, 0.4)


STANDARD = {"context_overlap": 0, "context_schedule": "standard_static", "context_stride": 1}
STRIDED = {"context_overlap": 2, "context_schedule": "standard_uniform", "context_stride": 2}


@pytest.mark.parametrize(
    ("options", "windows"),
    [
        ({**STANDARD, "causal_window_fix": False}, [range(6), range(6, 12)]),
        ({**STANDARD, "causal_window_fix": True}, [range(6), range(5, 12)]),
        (
            {**STRIDED, "causal_window_fix": False},
            [range(0, 12, 2), range(1, 12, 2), *(range(first, first + 6) for first in (0, 1, 2, 4, 6))],
        ),
    ],
)
def test_context_windows_use_the_frames_at_hand(options, windows, parts, monkeypatch):
    """12 frames in windows of 6 by the host's own node: each window meets its own part of gamma and beta."""
    flow = torch.randn(12, 2, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(3)) * 5
    model = fusion_patch.apply(parts.model, parts.adapter, flow)
    (modulation,) = model.model_patches_models()
    gamma_of_all = modulation.model.block(("input", 4)).affine.weight
    met = set()

    def recording(h, normed, gamma, beta):
        if gamma.shape[1:] == gamma_of_all.shape[1:]:
            distances = [(gamma_of_all - frame).abs().amax(dim=(1, 2, 3)) for frame in gamma]
            if all(float(distance.min()) == 0 for distance in distances):
                met.add((h.shape[0], *(int(distance.argmin()) for distance in distances)))
        return adapter.modulate(h, normed, gamma, beta)

    monkeypatch.setattr(modulation_module, "modulate", recording)
    in_windows = ContextWindowsManualNode.execute(
        model, context_length=6, closed_loop=False, fuse_method="flat", dim=0, freenoise=False, **options
    )
    assert sample(in_windows.result[0], frames=12).isfinite().all()
    assert met == {(2 * len(window), *window) for window in windows}


def test_a_lora_of_the_host_works_beside_it(parts, flow, dragged):
    """The host's own loader on a LoRA for one attention layer: it acts, and the drags act with it."""
    key = "diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q"
    generator = torch.Generator().manual_seed(4)
    lora = {
        f"{key}.lora_up.weight": torch.randn(64, 4, generator=generator),
        f"{key}.lora_down.weight": torch.randn(4, 64, generator=generator),
    }
    with_lora, _ = comfy.sd.load_lora_for_models(parts.model, None, lora, 1.0, 0.0)
    alone = sample(with_lora)
    both = sample(fusion_patch.apply(with_lora, parts.adapter, flow))
    after, _ = comfy.sd.load_lora_for_models(fusion_patch.apply(parts.model, parts.adapter, flow), None, lora, 1.0, 0.0)
    assert worst(both, dragged) > 1e-3 and worst(both, alone) > 0.1
    assert torch.equal(sample(after), both)  # the order of the two nodes does not matter


def test_low_vram(parts, flow, dragged):
    """The host loads only a part of the model and of the modulation, and casts the rest as it is used."""
    model = fusion_patch.apply(parts.model, parts.adapter, flow)
    (modulation,) = model.model_patches_models()
    comfy.model_management.unload_all_models()
    cpu = torch.device("cpu")
    for patcher in (model, modulation):
        patcher.patch_model(device_to=cpu, lowvram_model_memory=1, load_weights=True)
        assert patcher.model.model_lowvram
    assert [m for m in modulation.model.modules() if getattr(m, "comfy_cast_weights", False)]
    try:
        with torch.inference_mode():
            x = torch.randn(2 * FRAMES, 8, HEIGHT // 8, WIDTH // 8, generator=torch.Generator().manual_seed(5))
            out = call_unet(model, x)
    finally:
        for patcher in (model, modulation):
            patcher.unpatch_model(cpu)
    comfy.model_management.load_models_gpu([model])
    with torch.inference_mode():
        assert worst(out, call_unet(model, x)) < 1e-5


def call_unet(model, x: torch.Tensor) -> torch.Tensor:
    options = {**model.model_options["transformer_options"], "sigmas": torch.tensor([1.0])}
    return model.model.diffusion_model(
        x, torch.zeros(len(x)), torch.zeros(len(x), 1, 128), y=torch.zeros(len(x), 768), num_video_frames=FRAMES,
        transformer_options=options,
    )  # fmt: skip


def test_the_host_counts_gamma_and_beta_and_frees_them(parts, flow):
    model = fusion_patch.apply(parts.model, parts.adapter, flow)
    with torch.inference_mode():
        pairs = parts.adapter.model(flow).values()
    comfy.model_management.unload_all_models()
    comfy.model_management.load_models_gpu([model])
    loaded = {entry.model: entry for entry in comfy.model_management.current_loaded_models}
    (modulation,) = model.model_patches_models()
    norms = sum(module_size(block.norm) for block in modulation.model.blocks.values())
    counted = sum(tensor.nbytes for pair in pairs for tensor in pair) + norms
    assert loaded[modulation].model_memory() == counted
    assert parts.adapter not in loaded  # its work is done
    comfy.model_management.free_memory(1e30, torch.device("cpu"))
    assert modulation not in [entry.model for entry in comfy.model_management.current_loaded_models]


def test_a_latent_of_another_size_is_refused(parts, flow):
    model = fusion_patch.apply(parts.model, parts.adapter, flow[..., : WIDTH // 2].contiguous())
    with pytest.raises(ValueError, match=r"drag maps are 64x64 pixels, the latent is for 128x64.*'width' and 'height'"):
        sample(model)


def test_a_latent_of_another_length_is_refused(parts, flow):
    model = fusion_patch.apply(parts.model, parts.adapter, flow[:4])
    with pytest.raises(ValueError, match=r"drag maps have 4 frames, the latent has 6.*'frames'"):
        sample(model)


def test_an_area_conditioning_is_refused(parts, flow):
    model = fusion_patch.apply(parts.model, parts.adapter, flow)
    positive, negative = random_conditionings(WIDTH, HEIGHT)
    positive[0][1]["area"] = (4, 8, 0, 0)
    noise = torch.zeros(FRAMES, 4, HEIGHT // 8, WIDTH // 8)
    with pytest.raises(ValueError, match="conditioning's area"):
        sampling.sample(model, noise, positive, negative, steps=1)


def adapter_of(config: FusionConfig):
    device = torch.device("cpu")
    return comfy.model_patcher.CoreModelPatcher(MultiscaleFusion(config), load_device=device, offload_device=device)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (FusionConfig.for_unet(64, (1, 2, 1, 1), 2), "at input block 4 the adapter has 128 channels, the model 64"),
        (FusionConfig.for_unet(64, (1, 1, 1, 1, 1), 2), "head for input block 13, where the model"),
        (FusionConfig.for_unet(64, (1, 1, 1, 1), 1), "head for input block 3, where the model"),
    ],
)
def test_an_adapter_of_another_model_is_refused(config, words, parts, flow):
    with pytest.raises(ValueError, match="does not fit the model") as error:
        fusion_patch.apply(parts.model, adapter_of(config), flow)
    assert words in str(error.value) and "one DragNUWA Load Checkpoint" in str(error.value)


def test_another_model_patch_is_refused(parts, flow):
    device = torch.device("cpu")
    other = comfy.model_patcher.CoreModelPatcher(torch.nn.Linear(2, 2), load_device=device, offload_device=device)
    with pytest.raises(ValueError, match="adapter is a Linear, not DragNUWA's"):
        fusion_patch.apply(parts.model, other, flow)


@pytest.mark.parametrize(("height", "width", "frames"), [(64, 64, 2), (72, 136, 3), (200, 88, 5)])
def test_any_multiple_of_8(height, width, frames, parts):
    maps = torch.randn(frames, 2, height, width, generator=torch.Generator().manual_seed(6))
    model = fusion_patch.apply(parts.model, parts.adapter, maps)
    noise = latent_noise(frames, width, height)
    latent = sampling.sample(model, noise, *random_conditionings(WIDTH, HEIGHT), steps=1)
    assert latent.shape == noise.shape and latent.isfinite().all()
