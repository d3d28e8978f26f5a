"""Checkpoint files: whole ones with a few tensors changed, and bytes that are damaged or no checkpoint at all.

Imported inside ComfyUI's code.
"""

from __future__ import annotations

import functools
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from hypothesis import strategies as st
from safetensors.torch import save, save_file

from dragnuwa.host.fusion import load
from dragnuwa.models import checkpoint
from tests.support.random_checkpoint import build

from .target import Target, mostly

Change = Callable[[torch.Tensor], torch.Tensor]


@functools.cache
def whole() -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """A small checkpoint of random weights, with its metadata. Not to be changed in place."""
    return build()


def _spoiled(tensor: torch.Tensor, value: float) -> torch.Tensor:
    copy = tensor.clone().reshape(-1)
    copy[copy.numel() // 2 :][:1] = value
    return copy.reshape(tensor.shape)


CHANGES: dict[str, Change | None] = {
    "drop": None,
    "flat": lambda tensor: tensor.reshape(-1).clone(),
    "longer": lambda tensor: torch.cat([tensor, tensor[:1]]) if tensor.ndim else tensor,
    "empty": lambda tensor: torch.zeros(0, *tensor.shape[1:]),
    "scalar": lambda tensor: torch.tensor(1.0),
    "deeper": lambda tensor: tensor[None].contiguous(),
    "int8": lambda tensor: torch.zeros(tensor.shape, dtype=torch.int8),
    "bool": lambda tensor: torch.zeros(tensor.shape, dtype=torch.bool),
    "complex": lambda tensor: torch.zeros(tensor.shape, dtype=torch.complex64),
    "float8": lambda tensor: tensor.to(torch.float8_e4m3fn),
    "nan": lambda tensor: _spoiled(tensor, float("nan")),
    "inf": lambda tensor: _spoiled(tensor, float("inf")),
}


def load_changed(description: dict) -> None:
    """Loads the whole checkpoint in the host with {"changes": [[kind of CHANGES, key]], "metadata": its config}."""
    tensors, metadata = dict(whole()[0]), {"config": description["metadata"] or whole()[1]["config"]}
    for kind, key in description["changes"]:
        change, tensor = CHANGES[kind], tensors.pop(key, None)
        if change is not None and tensor is not None:
            tensors[key] = change(tensor)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "changed.safetensors")
        save_file(tensors, path, metadata=metadata)
        load.load(path)


@functools.cache
def _files() -> dict[str, bytes]:
    """A small file of each kind."""
    few = dict(list(whole()[0].items())[:6])
    kinds = {"safetensors": save(few)}
    for name, zipped in (("zip", True), ("legacy", False)):
        buffer = io.BytesIO()
        torch.save(few, buffer, _use_new_zipfile_serialization=zipped)
        kinds[name] = buffer.getvalue()
    return kinds | {"nothing": b""}


def load_bytes(description: dict) -> None:
    """Loads {"kind": of file, "edits": [[place from 0 to 1, bytes removed, what to put there]]}."""
    content = _files()[description["kind"]]
    for place, removed, added in description["edits"]:
        at = int(place * min(len(content), 4096))  # the beginning, where the structure is
        content = content[:at] + added.encode("latin-1", "replace") + content[at + removed :]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "edited.pth")
        path.write_bytes(content)
        checkpoint.load(path)


METADATA = st.sampled_from(["[]", "{", "[" * 5000, '{"num_head_channels": 7}', '{"num_head_channels": 1e400}', "\n"])
BYTES = st.one_of(
    st.binary(max_size=12).map(lambda value: value.decode("latin-1")),
    st.sampled_from(["(" * 40, "\x80\x02}q\x00.", "PK\x03\x04", "cos\nsystem\n", "\x8c\x02os", "N.", "]", "\xff" * 8]),
)
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30) | st.just(10**9), BYTES), max_size=4)


def targets() -> list[Target]:
    """One for changed tensors, which is slow, and one for bytes."""
    keys = sorted(whole()[0])
    changes = st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.sampled_from(keys)), min_size=1, max_size=3)
    metadata = mostly(st.just(""), METADATA, one_in=10)
    return [
        Target(
            "checkpoints",
            st.fixed_dictionaries({"changes": changes, "metadata": metadata}),
            load_changed,
            max_seconds=20.0,  # a whole one takes one or two, since all parts are built
        ),
        Target(
            "checkpoint_bytes",
            st.fixed_dictionaries({"kind": st.sampled_from(sorted(_files())), "edits": EDITS}),
            load_bytes,
        ),
    ]
