"""The unmodified host with DragAnything's control against what the original computed (tests/golden/draganything)."""

import comfy.model_management
import pytest
import torch

from tests.support.draganything_original import SHIPPED_ORDER, ShippedOrder, with_original_norms

LATENT_SCALE = 0.18215  # golden latents are in the model's space, the host's are not
SKIP_COUNTS = (4, 4, 4, 4, 3, 3, 3, 2, 2, 2, 1, 1)
BOUND, CLOSE = 1e-4, 3e-5  # with the host's epsilon of the base UNet's norms, and with the original's


@pytest.fixture
def close(record_figure):
    def compare(name: str, found: torch.Tensor, expected: torch.Tensor, bound: float) -> None:
        worst = (found - expected).abs().max().item()
        record_figure(f"parity: DragAnything, {name}", f"{worst:.1e} (bound {bound:.0e})")
        assert found.shape == expected.shape and worst < bound

    return compare


@pytest.fixture(params=["host eps", "original eps"])
def model(request, base):
    return (base, BOUND) if request.param == "host eps" else (with_original_norms(base), CLOSE)


def halves(golden, names: str) -> dict[str, torch.Tensor]:
    """One row of the goldens' network inputs, or both: "cond", "uncond" or "batched" (uncond, cond)."""
    tensors, rows = golden.tensors, {"batched": ("uncond", "cond")}.get(names, (names,))
    frames = len(tensors["net_x"])
    shown = [tensors["net_concat"] * (row == "cond") for row in rows]
    context = [tensors["net_context"].expand(frames, -1, -1) * (row == "cond") for row in rows]
    ids = torch.cat([sinusoid(tensors["net_time_ids"][0])] * frames * len(rows))
    return {
        "x": torch.cat([torch.cat([tensors["net_x"], half], dim=1) for half in shown]),
        "timesteps": tensors["net_timestep"].expand(frames * len(rows)),
        "context": torch.cat(context),
        "y": ids,
    }


def sinusoid(ids: torch.Tensor) -> torch.Tensor:
    from comfy.ldm.modules.diffusionmodules.util import timestep_embedding

    return timestep_embedding(ids, 256).flatten()[None]  # [1, 768]


def residuals(golden, control, names: str, scene, shipped: bool = False):
    told = {"cond_or_uncond": {"cond": [0], "uncond": [1], "batched": [1, 0]}[names]}
    if shipped:
        told |= SHIPPED_ORDER
    ready = control.with_scene(scene, 1.0, (0.0, 1.0))
    comfy.model_management.load_models_gpu(ready.get_models())
    with torch.inference_mode():
        skips, middle = ready.control_model(
            hint=ready._hint_on(torch.device("cpu")), transformer_options=told, **halves(golden, names)
        )
    return [*(skip / count for skip, count in zip(skips, SKIP_COUNTS, strict=True)), middle]


@pytest.mark.parametrize("row", ["cond", "uncond"])
def test_residuals(row, draganything, control, scene, close):
    found = residuals(draganything, control, row, scene("vector"))
    for index, residual in enumerate(found):
        name = f"control_{row}_{'mid' if index == 12 else f'{index:02}'}"
        close(name, residual, draganything.tensors[name], CLOSE)


def test_residuals_of_the_demo_scalar(draganything, control, scene, close):
    found = residuals(draganything, control, "cond", scene("demo_scalar"))
    close("control_cond_scalar_11", found[11], draganything.tensors["control_cond_scalar_11"], CLOSE)
    close("control_cond_scalar_mid", found[12], draganything.tensors["control_cond_scalar_mid"], CLOSE)


def test_residuals_in_the_shipped_order(draganything, control, scene, close):
    found = residuals(draganything, control, "batched", scene("vector"), shipped=True)
    right = residuals(draganything, control, "batched", scene("vector"))
    for index, residual in enumerate(found):
        name = f"control_batched_{'mid' if index == 12 else f'{index:02}'}"
        kept = residual[:, ::8] if index < 6 else residual
        close(name, kept, draganything.tensors[name], BOUND)
    assert (found[12] - right[12]).abs().max() > 0.01


@pytest.mark.parametrize("row", ["cond", "uncond", "batched"])
@pytest.mark.parametrize("controlled", [True, False])
def test_one_call_of_the_unet(row, controlled, draganything, control, scene, model, close):
    model, bound = model
    shipped = row == "batched"
    comfy.model_management.load_models_gpu([model])
    told = {"cond_or_uncond": {"cond": [0], "uncond": [1], "batched": [1, 0]}[row]}
    if shipped:
        told |= SHIPPED_ORDER
    acting = None
    if controlled:
        *skips, middle = residuals(draganything, control, row, scene("vector"), shipped)
        counted = [skip * count for skip, count in zip(skips, SKIP_COUNTS, strict=True)]
        acting = {"input": [], "middle": [middle], "output": counted}
    with torch.inference_mode():
        out = model.model.diffusion_model(
            **halves(draganything, row), control=acting, num_video_frames=4, transformer_options=told
        )
    name = f"unet_out_{row}{'' if controlled else '_zero'}"
    close(f"{name} [{bound:.0e}]", out, draganything.tensors[name], bound)


CASES = {
    "split": ("vector", 1.0),
    "split_half": ("vector", 0.5),
    "split_scalar": ("demo_scalar", 1.0),
    "split_zero": ("vector", 0.0),
}


@pytest.mark.parametrize("case", CASES)
def test_six_steps_through_the_host(case, draganything, control, scene, base, sampling, close):
    mode, strength = CASES[case]
    latent = sampling.run(with_original_norms(base), control.with_scene(scene(mode), strength, (0.0, 1.0)))
    expected = draganything.tensors[f"sample_latent_{case}"]
    close(f"sample_latent_{case} [{CLOSE:.0e}]", latent * LATENT_SCALE, expected, CLOSE)


def test_six_steps_with_the_norms_of_the_host(draganything, control, scene, base, sampling, close):
    latent = sampling.run(base, control.with_scene(scene("vector"), 1.0, (0.0, 1.0))) * LATENT_SCALE
    close(f"sample_latent_split [{BOUND:.0e}]", latent, draganything.tensors["sample_latent_split"], BOUND)


def test_six_steps_in_the_shipped_order(draganything, control, scene, model, sampling, close):
    model, bound = model
    acting = ShippedOrder(control, scene("vector"))
    latent = sampling.run(model, acting) * LATENT_SCALE
    close(f"sample_latent_batched [{bound:.0e}]", latent, draganything.tensors["sample_latent_batched"], BOUND)
    assert (latent - draganything.tensors["sample_latent_split"]).abs().max() > 0.1
