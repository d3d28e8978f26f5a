"""Features of a picture from a Stable Diffusion 1.5 of two levels and random weights."""

import pytest
import torch

from dragnuwa.common.clip_shape import ModelClip
from dragnuwa.common.images import fit
from dragnuwa.host.draganything.features import SD15, picture_features
from dragnuwa.host.fusion import load
from tests.fuzzing import small_sd15
from tests.support.pictures import noise_image

SHAPE = ModelClip(128, 64, 4)
KEPT, NOISE = 0.809734, 0.586797  # of the picture and of the noise, in the original


@pytest.fixture(scope="module")
def model():
    return small_sd15.model()


@pytest.fixture(scope="module")
def clip():
    return small_sd15.clip()


@pytest.fixture(scope="module")
def svd(random_file) -> load.Parts:
    return load.load(random_file)


@pytest.fixture(scope="module")
def picture() -> torch.Tensor:
    return noise_image(128, 64)


def features(model, clip, vae, picture, samples: int = 2, seed: int = 3) -> torch.Tensor:
    with torch.inference_mode():
        return picture_features(model, clip, vae, fit(picture, *SHAPE.size), samples, seed)


def test_they_are_what_the_unet_has_before_its_output(model, clip, svd, picture):
    """Computed beside, with the original's two numbers."""
    found = features(model, clip, svd.vae, picture, samples=1)
    latent = svd.vae.encode(picture) * 0.18215
    noise = torch.randn(latent.shape, generator=torch.manual_seed(3))
    unet, seen = model.model.diffusion_model, []
    hook = unet.out.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    with torch.inference_mode():
        context = clip.encode_from_tokens_scheduled(clip.tokenize(""))[0][0]
        unet(KEPT * latent + NOISE * noise, torch.tensor([261.0]), context=context)
    hook.remove()
    assert found.shape == (320, 8, 16) and found.std() > 0.1
    assert (found - seen[0][0]).abs().max() < 1e-3 * found.abs().max()


def test_a_seed_gives_the_same_and_another_others(model, clip, svd, picture):
    first = features(model, clip, svd.vae, picture)
    assert torch.equal(first, features(model, clip, svd.vae, picture))
    assert not torch.equal(first, features(model, clip, svd.vae, picture, seed=4))
    assert not model.model.diffusion_model.out._forward_pre_hooks


def test_noises_are_averaged(model, clip, svd, picture):
    one, four = (features(model, clip, svd.vae, picture, samples=count) for count in (1, 4))
    others = [features(model, clip, svd.vae, picture, samples=4, seed=seed) for seed in (5, 6)]
    single = [features(model, clip, svd.vae, picture, samples=1, seed=seed) for seed in (5, 6)]
    assert not torch.equal(one, four)
    assert (others[0] - others[1]).std() < 0.75 * (single[0] - single[1]).std()


def test_what_is_not_sd15_is_refused(model, clip, svd, picture):
    with pytest.raises(ValueError, match=r"features come from Stable Diffusion 1\.5; the model is VideoModel"):
        features(svd.model, clip, svd.vae, picture)
    with pytest.raises(ValueError, match=r"There is no CLIP\. Load any SD 1\.5 checkpoint"):
        features(model, None, svd.vae, picture)
    with pytest.raises(ValueError, match=r"There is no VAE\. Load any SD 1\.5 checkpoint"):
        features(model, clip, None, picture)
    with pytest.raises(ValueError, match=f"texts of 128 channels, Stable Diffusion 1.5 takes {SD15['context_dim']}"):
        features(model, svd.clip, svd.vae, picture)
    for samples in (0, 65, 10**12):
        with pytest.raises(ValueError, match=f"samples must be 1 to 64; found {samples}"):
            features(model, clip, svd.vae, picture, samples=samples)
