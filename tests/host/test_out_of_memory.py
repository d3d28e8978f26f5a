"""Memory that runs out at any place: the host's own error reaches the person, and nothing of the failed run stays."""

import comfy.model_management
import pytest
import torch
from comfy.ldm.modules.diffusionmodules.openaimodel import VideoResBlock
from torch.utils._python_dispatch import TorchDispatchMode

from dragnuwa import trajectory
from dragnuwa.carry.composite import CarryInputs
from dragnuwa.carry.settings import CarrySettings
from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.host import carry
from dragnuwa.host.fusion import conditioning, fusion_patch, load
from dragnuwa.models.drag_maps import encode_trajectories
from dragnuwa.overlay.preview import preview
from dragnuwa.trajectory.motion.brush import Brush, BrushMotion, motion_brush
from tests.support import sampling
from tests.support.pictures import noise_image
from tests.support.sampling import latent_noise

CLIP = ModelClip(64, 64, 4)
STEPS = 2
DRAGS = trajectory.parse([[{"x": 10, "y": 20}, {"x": 50, "y": 40}]], width=CLIP.width, height=CLIP.height)
OutOfMemory = comfy.model_management.OOM_EXCEPTION


@pytest.fixture(scope="module")
def parts(random_file) -> load.Parts:
    return load.load(random_file)


@pytest.fixture(scope="module")
def picture() -> torch.Tensor:
    return noise_image(CLIP.width, CLIP.height)


@pytest.fixture(scope="module")
def told(parts, picture) -> tuple[list, list, dict]:
    """Positive, negative and latent."""
    context = torch.randn(1, 1, 128, generator=torch.Generator().manual_seed(1))
    texts = conditioning.Texts([[context, {}]], None)
    return conditioning.encode(parts.vae, CLIP, conditioning.Motion(5, 4, 0.0), texts, None, picture)


@pytest.fixture(scope="module")
def model(parts):
    return fusion_patch.apply(parts.model, parts.adapter, encode_trajectories(DRAGS, CLIP))


@pytest.fixture(scope="module")
def sampled(model, told) -> torch.Tensor:
    return sample(model, told)


def sample(model, told) -> torch.Tensor:
    positive, negative, latent = told
    noise = latent_noise(CLIP.frames, CLIP.width, CLIP.height)
    return sampling.sample(model, noise, positive, negative, steps=STEPS, latent=latent["samples"])


class RunsOut:
    """A forward hook that raises the host's out-of-memory error from its n-th call on."""

    def __init__(self, module: torch.nn.Module, after: int = 0):
        self.left, self.error = after, OutOfMemory("CUDA out of memory, says the test")
        self.handle = module.register_forward_hook(self)

    def __call__(self, *_) -> None:
        if self.left == 0:
            raise self.error
        self.left -= 1

    def __enter__(self) -> "RunsOut":
        return self

    def __exit__(self, *_) -> None:
        self.handle.remove()


def in_the_unet(parts, place: str) -> torch.nn.Module:
    return parts.model.model.diffusion_model.get_submodule(place)


# Of a block with a fusion head: its `in_layers` (our hook is on them), and what comes after; and the last block of all.
@pytest.mark.parametrize(
    ("place", "after"),
    [("input_blocks.1.0.in_layers.2", 0), ("input_blocks.4.0.emb_layers", 1), ("output_blocks.11.0.out_layers", 1)],
)
def test_in_the_sampling(parts, model, told, sampled, place, after):
    with RunsOut(in_the_unet(parts, place), after) as memory, pytest.raises(OutOfMemory) as caught:
        sample(model, told)
    assert caught.value is memory.error
    assert_nothing_is_left(parts)
    assert torch.equal(sample(model, told), sampled)


@pytest.mark.parametrize("after", [0, 3])
def test_in_gamma_and_beta(parts, model, told, sampled, after):
    adapter = parts.adapter.model
    convolutions = [module for module in adapter.modules() if isinstance(module, torch.nn.Conv2d)]
    drags = encode_trajectories(DRAGS, CLIP)
    with RunsOut(convolutions[after]) as memory, pytest.raises(OutOfMemory) as caught:
        fusion_patch.apply(parts.model, parts.adapter, drags)
    assert caught.value is memory.error
    assert_nothing_is_left(parts)
    assert torch.equal(sample(fusion_patch.apply(parts.model, parts.adapter, drags), told), sampled)


def assert_nothing_is_left(parts) -> None:
    blocks = [m for m in parts.model.model.diffusion_model.modules() if isinstance(m, VideoResBlock)]
    assert not any(block.in_layers._forward_hooks for block in blocks)


def test_in_the_decode(parts, model, told, sampled):
    """The host tries again in tiles, then reports its own error."""
    before = parts.vae.decode(sampled)
    with RunsOut(parts.vae.first_stage_model.taesd_decoder[3]) as memory, pytest.raises(OutOfMemory) as caught:
        parts.vae.decode(sampled)
    assert caught.value is memory.error
    assert torch.equal(parts.vae.decode(sample(model, told)), before)


def test_in_the_encode_of_conditioning_and_carry(parts, picture, told):
    latent = told[2]
    untouched = latent["samples"].clone()

    def carried():
        sampling, inputs = carry.Sampling(latent, parts.vae), CarryInputs(picture, DRAGS, CLIP)
        made = carry.carry_into_sampling(sampling, inputs, CarrySettings(radius=8))
        return made.latent["samples"]

    before = carried()
    for work in (carried, lambda: told_again(parts, 1 - picture)):
        with RunsOut(parts.vae.first_stage_model.taesd_encoder[0]) as memory, pytest.raises(OutOfMemory) as caught:
            work()
        assert caught.value is memory.error
    assert torch.equal(latent["samples"], untouched)
    assert torch.equal(carried(), before)
    for (one, notes), (other, others) in zip(told[0], told_again(parts, picture)[0], strict=True):
        assert torch.equal(one, other)
        assert torch.equal(notes["concat_latent_image"], others["concat_latent_image"])


def told_again(parts, picture) -> tuple[list, list, dict]:
    context = torch.randn(1, 1, 128, generator=torch.Generator().manual_seed(1))
    texts = conditioning.Texts([[context, {}]], None)
    return conditioning.encode(parts.vae, CLIP, conditioning.Motion(5, 4, 0.0), texts, None, picture)


class RunsOutAt(TorchDispatchMode):
    """Counts the operations of torch, and raises the host's out-of-memory error in place of one of them."""

    def __init__(self, at: int | None = None):
        super().__init__()
        self.at, self.count, self.error = at, 0, OutOfMemory("CUDA out of memory, says the test")

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.count += 1
        if self.count == self.at:
            raise self.error
        return func(*args, **(kwargs or {}))


WORK = {
    "encode": lambda picture: encode_trajectories(DRAGS, CLIP),
    "preview": lambda picture: preview(picture, DRAGS, CLIP.frames, flow=encode_trajectories(DRAGS, CLIP)),
    "brush": lambda picture: motion_brush(
        (picture[..., 0] > 0.5).float(), [BrushMotion(10.0)], Brush(spacing=16)
    ).to_json(),
}


@pytest.mark.parametrize("name", WORK)
def test_in_any_operation_of_our_nodes(name, picture):
    before_picture = picture.clone()
    with RunsOutAt() as counting:
        before = WORK[name](picture)
    positions = sorted({1, counting.count // 2, counting.count})
    for place in positions:
        with RunsOutAt(place) as memory, pytest.raises(OutOfMemory) as caught:
            WORK[name](picture)
        assert caught.value is memory.error
    after = WORK[name](picture)
    assert torch.equal(after, before) if isinstance(after, torch.Tensor) else after == before
    assert torch.equal(picture, before_picture)
