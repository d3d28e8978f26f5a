"""`python -m dragnuwa.convert RELEASED SVD OUT_FOLDER`: a DragNUWA checkpoint becomes an adapter and a LoRA for SVD."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ...common.errors import InputError, printable
from .split import ADAPTER, LORA, Converted, convert

MEGABYTE = 1e6


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dragnuwa.convert",
        description="Extract what DragNUWA adds to Stable Video Diffusion (SVD) from a DragNUWA checkpoint: "
        f"{ADAPTER}, for ComfyUI's models/model_patches, and {LORA}, for models/loras. Both are small, and are used "
        "with the SVD file that you have. Nothing is written unless the checkpoint's base equals that SVD, which is "
        "compared tensor by tensor.",
        epilog="In ComfyUI: Image Only Checkpoint Loader (the SVD), then Load LoRA with strength 1, then DragNUWA "
        "Apply with the adapter of DragNUWA Load Adapter.",
    )
    add = parser.add_argument
    kinds = "drag_nuwa_svd.pth, dragnuwa-svd-pruned.fp16.safetensors, or another DragNUWA checkpoint with LoRA"
    add("released", type=Path, metavar="RELEASED", help=kinds)
    add("svd", type=Path, metavar="SVD", help="svd.safetensors (14 frames), in float16 or float32")
    add("out", type=Path, metavar="OUT_FOLDER", help="where to write the two files; created if missing")
    add("--force", action="store_true", help="replace existing files of these names")
    return parser


def main(arguments: list[str] | None = None) -> None:
    options = argument_parser().parse_args(arguments)
    try:
        converted = convert(options.released, options.svd, options.out, overwrite=options.force)
    except (InputError, OSError) as error:
        sys.exit(f"error: {printable(str(error))}")
    sys.stdout.write(printable(report(options.released, converted)) + "\n")


def report(released: Path, converted: Converted) -> str:
    """What was verified and written, in a few lines."""
    proof = converted.proof
    lines = [f"{proof.exact + proof.rounded:,} tensors of the base are those of the SVD: {proof.exact:,} exactly"]
    lines[0] += f", {proof.rounded:,} after rounding to the narrower type." if proof.rounded else "."
    lines += [f"The SVD file has no {part}: load that from another file." for part in proof.lacking]
    sizes = {path: path.stat().st_size for path in (converted.adapter, converted.lora)}
    lines += [f"{path}: {size / MEGABYTE:,.1f} MB" for path, size in sizes.items()]
    before = released.stat().st_size
    lines.append(f"Together {sum(sizes.values()) / MEGABYTE:,.1f} MB, instead of {before / MEGABYTE:,.1f} MB.")
    return "\n".join(lines)
