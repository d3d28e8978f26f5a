"""How exactly a tie to the end ends at the carried video, for each sampler and scheduler of ComfyUI.

    .venv/bin/python benchmarks/tied_samplers.py [--steps 6] [--markdown]

At `hold` 1 and `ground` 1 each step's estimate is the carried latent, so that a sampler which ends at its last estimate
ends there; one that adds noise after it, or ends before all noise is gone, does not. On ComfyUI's class of Stable
Diffusion 1.5 with a latent for each frame, small and with random weights, since its timesteps are those that schedules
like "normal" go to the end of. Deviations are the largest over all values, in units of the carried latent's.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dragnuwa.carry.settings import CarrySettings  # noqa: E402
from dragnuwa.common.clip_shape import ClipShape  # noqa: E402
from dragnuwa.host.find import find_host  # noqa: E402
from tests.support.pictures import noise_image  # noqa: E402 (before the host's folder, which has tests, too)

EXACT = 1e-3


class Tied:
    """A sampling that is tied to the end everywhere."""

    def __init__(self, steps: int):
        from dragnuwa.host import carry
        from tests.support.video_families import animated_sd15, left_half

        self.steps, self.family = steps, animated_sd15(Path(tempfile.mkdtemp()))
        clip = ClipShape(*self.family.sizes[0])
        self.prepared = self.family.prepare(clip, noise_image(*clip.size))
        carried = left_half(clip)
        sampling = carry.Sampling(self.prepared[2], self.family.vae, self.family.model)
        self.model = carry.tie_to(sampling, carried, CarrySettings(hold=1.0, ground=1.0))
        self.expected = self.family.vae.encode(carried.video)

    def deviation(self, sampler: str, scheduler: str) -> float:
        """Of what a sampling ends at from the carried latent."""
        import comfy.sample

        positive, negative, latent = self.prepared
        with torch.inference_mode():
            made = comfy.sample.sample(
                self.model, comfy.sample.prepare_noise(latent["samples"], 5), self.steps, 1.0, sampler, scheduler,
                positive, negative, latent["samples"], disable_pbar=True, seed=5,
            )  # fmt: skip
        return float((made - self.expected).abs().max() / self.expected.abs().max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--markdown", action="store_true", help="print rows of a table")
    given = parser.parse_args()
    find_host()
    warnings.filterwarnings("ignore")  # of the host's own samplers
    import comfy.samplers

    tied, exact = Tied(given.steps), []
    for sampler in comfy.samplers.SAMPLER_NAMES:
        found = {}
        for scheduler in comfy.samplers.SCHEDULER_NAMES:
            try:
                found[scheduler] = f"{tied.deviation(sampler, scheduler):.1e}"
            except Exception as error:  # noqa: BLE001 (of the host's own sampler: shown in its place)
                found[scheduler] = f"{type(error).__name__}: {str(error)[:60]}"
        off = {name: value for name, value in found.items() if not value[0].isdigit() or float(value) > EXACT}
        if not off:
            exact.append(sampler)
            continue
        mark = ("| ", " | ", " |") if given.markdown else ("", ": ", "")
        said = "every scheduler" if len(off) == len(found) else ", ".join(off)
        values = sorted(set(off.values()))
        shown = values[0] if len(values) == 1 else f"{values[0]} to {values[-1]}"
        sys.stdout.write(f"{mark[0]}{sampler}{mark[1]}{said}{mark[1]}{shown}{mark[2]}\n")
    number = len(comfy.samplers.SCHEDULER_NAMES)
    sys.stdout.write(f"exact with each of {number} schedulers ({len(exact)} samplers): {', '.join(exact)}\n")


if __name__ == "__main__":
    main()
