"""Reads a DragNUWA checkpoint, verifies its base, and writes the adapter and the LoRA."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save as serialise

from ...common.atomic import atomic_write, remove_partial_files_of
from ...common.errors import InputError, printable
from ..checkpoint import UNET, CheckpointError, Layout, read_config, read_layout, read_lora
from ..weights import Tensors, open_tensors
from .base_proof import Proof, prove

ADAPTER, LORA = "dragnuwa-adapter.safetensors", "dragnuwa-lora.safetensors"
# Settings that the adapter was trained with, for files without metadata, such as the released ones.
RELEASED = {"kernel_size": 199, "sigma": 20.0, "frames": 14}
HOST_UNET = "diffusion_model."  # in the names of layers in ComfyUI's LoRA files
MEGABYTE = 1e6


@dataclass(frozen=True)
class Converted:
    """The files that were written, and the result of comparing the base."""

    adapter: Path
    lora: Path
    proof: Proof


def convert(
    released: str | os.PathLike, svd: str | os.PathLike, folder: str | os.PathLike, *, overwrite: bool = False
) -> Converted:
    """Writes the adapter and the LoRA of a DragNUWA checkpoint, in the checkpoint's dtype.

    Each file is written atomically, and none appears before both are complete. Besides the adapter and its bytes, two
    tensors at a time are in memory; a legacy torch file, which is not a zip file, is read as a whole.

    Args:
        released: the DragNUWA checkpoint, `.safetensors` or a torch file.
        svd: the Stable Video Diffusion that it was made from, with or without VAE and CLIP vision model.
        folder: for `dragnuwa-adapter.safetensors` and `dragnuwa-lora.safetensors`; created if missing.
        overwrite: whether to replace existing files of these names.

    Raises:
        InputError: if `folder` is a file, or one of these names in it is a folder, one of the input files, or an
            existing file while `overwrite` is False.
        CheckpointError: if a file is not of the expected kind, or the checkpoint's base is not the SVD.
        OSError: if the files cannot be written.
    """
    adapter, lora = Path(folder) / ADAPTER, Path(folder) / LORA
    _check_out(Path(folder), (adapter, lora), (Path(released), Path(svd)), overwrite)
    with open_tensors(released) as tensors, open_tensors(svd) as plain:
        layout = read_layout(tensors)
        if not layout.lora:
            raise CheckpointError(
                f"{tensors.path.name} has no LoRA beside its UNet, so it cannot be taken out of it. "
                "Load the file with DragNUWA Load Checkpoint."
            )
        proof = prove(tensors, layout.base, plain)
        for result in (adapter, lora):
            remove_partial_files_of(result)
        with atomic_write(adapter) as adapter_file, atomic_write(lora) as lora_file:
            adapter_file.write(_adapter_bytes(tensors, layout))
            lora_file.write(_lora_bytes(tensors, layout))
    return Converted(adapter, lora, proof)


def _check_out(folder: Path, results: tuple[Path, ...], sources: tuple[Path, ...], overwrite: bool) -> None:
    """Raises if writing would overwrite something else, above all the sources, which are large downloads."""
    if folder.is_file():
        raise InputError(f"{folder} is a file, where a folder for the results is expected. Give another one.")
    for path in filter(Path.exists, results):
        if path.is_dir():
            raise InputError(
                f"{path} is a folder, where a file is to be written. Move it away, or give another folder."
            )
        if any(source.exists() and path.samefile(source) for source in sources):
            raise InputError(
                f"{path} is one of the files that are read, and would be overwritten. Give another folder."
            )
        if not overwrite:
            raise InputError(f"There already is {path}. Give another folder, or replace it with --force.")


def _adapter_bytes(tensors: Tensors, layout: Layout) -> bytes:
    weights = {name: _own(tensors.get(key)) for name, key in layout.adapter.items()}
    config = read_config(tensors.path, weights, tensors.metadata)
    told = {**RELEASED, **config.metadata, "num_head_channels": config.num_head_channels}
    return serialise(weights, {"config": json.dumps(told)})


def _lora_bytes(tensors: Tensors, layout: Layout) -> bytes:
    """ComfyUI's own format: it adds `alpha / rank * (up @ down)`, here with alpha = rank, to the layer's weight."""
    weights = {}
    for layer in layout.lora:
        _, up, down = read_lora(tensors, layer)
        name = HOST_UNET + layer.removeprefix(UNET)
        weights[f"{name}.lora_up.weight"] = _own(up)
        weights[f"{name}.lora_down.weight"] = _own(down)
        weights[f"{name}.alpha"] = torch.tensor(float(down.shape[0]))
    return serialise(weights)


def _own(tensor: torch.Tensor) -> torch.Tensor:
    """A copy with memory of its own: in a torch file tensors may share theirs, which safetensors refuses."""
    return tensor.clone(memory_format=torch.contiguous_format)


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
