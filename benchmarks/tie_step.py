"""A sampling of the small model with and without Carry's tie: what the tie adds to a step.

    .venv/bin/python benchmarks/tie_step.py [--rounds 20]

Both samplings take turns, 8 steps of Euler each on 128x128 pixels and 8 frames, and the medians are compared. CPU
seconds, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import sys
import time
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.append(str(ROOT))

from dragnuwa.host.find import find_host  # noqa: E402

SIZE, FRAMES, STEPS = (128, 128), 8, 8
DRAG = "[[[40, 64], [90, 64]]]"  # pixels


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    find_host()
    import comfy.sample

    from dragnuwa.carry.composite import carry_clip
    from dragnuwa.carry.settings import CarrySettings
    from dragnuwa.common.clip_shape import ModelClip
    from dragnuwa.host.carry import Sampling, tie_to
    from dragnuwa.host.fusion import conditioning, load
    from dragnuwa.trajectory import parse

    parts, clip = load.load(ROOT / "models" / "dragnuwa-tiny.safetensors"), ModelClip(*SIZE, FRAMES)
    picture = torch.rand(1, *SIZE[::-1], 3, generator=torch.Generator().manual_seed(0))
    words = parts.clip.encode_from_tokens_scheduled(parts.clip.tokenize(""))
    texts = conditioning.Texts(words, words)
    positive, negative, latent = conditioning.encode(parts.vae, clip, conditioning.Motion(), texts, start_image=picture)
    settings = CarrySettings(14)
    carried = carry_clip(picture, parse(DRAG, width=SIZE[0], height=SIZE[1]), clip, None, settings)
    models = {"plain": parts.model, "tied": tie_to(Sampling(latent, parts.vae, parts.model), carried, settings)}
    noise = comfy.sample.prepare_noise(latent["samples"], 1)
    seconds: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(rounds + 1):
        for name, model in models.items():
            begun = time.process_time()
            comfy.sample.sample(
                model, noise, STEPS, 1.0, "euler", "karras", positive, negative, latent["samples"], disable_pbar=True
            )
            seconds[name].append(time.process_time() - begun)
    plain, tied = (statistics.median(values[1:]) / STEPS for values in seconds.values())  # the first warms up
    logging.warning("a step: %.1f ms, tied %.1f ms, %.3f times as long", 1000 * plain, 1000 * tied, tied / plain)


if __name__ == "__main__":
    main()
