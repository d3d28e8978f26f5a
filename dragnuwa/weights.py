"""Weight files, one tensor at a time and without executing anything in them."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Iterator, KeysView
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from .errors import InputError

# First bytes of what people save in a checkpoint's place.
NOT_WEIGHTS = {
    b"<": "a web page (the download was probably a page that asks to log in or to confirm)",
    b"version https://git-lfs": "a Git LFS pointer, not the file that it points to",
    b"{": "a text in JSON",
    b"PAR1": "a Parquet table",
    b"GGUF": "a GGUF file",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a gzip archive; unpack it first",
}
SAFETENSORS_HEADER_LIMIT = 100_000_000  # the format's own limit on its JSON header, in bytes


class CheckpointError(InputError):
    """A file that is not a DragNUWA checkpoint, or not a whole one; the message is for the person who chose it."""

    __module__ = "dragnuwa.checkpoint"  # the host shows it, and would show the pack's whole path


class _Safetensors:
    """Tensors of a safetensors file, read when asked for."""

    def __init__(self, file):
        self._file = file
        self.metadata: dict[str, str] = file.metadata() or {}

    def keys(self) -> list[str]:
        return list(self._file.keys())

    def get(self, key: str) -> torch.Tensor:
        return self._file.get_tensor(key)


class _Pickled:
    """Tensors of a torch file; memory-mapped where the file is of the zip kind, so also read when asked for."""

    metadata: dict[str, str] = {}  # noqa: RUF012 (never written)

    def __init__(self, tensors: dict[str, torch.Tensor]):
        self._tensors = tensors

    def keys(self) -> KeysView[str]:
        return self._tensors.keys()

    def get(self, key: str) -> torch.Tensor:
        return self._tensors[key]


@contextmanager
def open_tensors(path: str | os.PathLike) -> Iterator[_Safetensors | _Pickled]:
    """Opens a `.safetensors` or torch file, recognised by its first bytes, for `keys()`, `get(key)` and `metadata`.

    Raises:
        CheckpointError: if there is no such file, it is not of these kinds, is cut short, or holds other than tensors.
    """
    path = Path(path)
    head = _head(path)
    for magic, what in NOT_WEIGHTS.items():
        if head.lstrip().startswith(magic):
            raise CheckpointError(f"{path.name} is {what}. Expected a checkpoint (.safetensors, .pth or .ckpt).")
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= SAFETENSORS_HEADER_LIMIT:
        try:
            file = safe_open(path, framework="pt", device="cpu")
        except SafetensorError as error:
            raise CheckpointError(_cut_short(path, error)) from error
        with file:
            yield _Safetensors(file)
    else:
        yield _Pickled(_load_pickled(path, pickled=head.startswith((b"\x80", b"PK"))))


def _head(path: Path) -> bytes:
    if not path.is_file():
        raise CheckpointError(f"There is no file {path}.")
    with path.open("rb") as file:
        head = file.read(64)
    if not head:
        raise CheckpointError(f"{path.name} is empty. Get the file again.")
    return head


def _load_pickled(path: Path, *, pickled: bool) -> dict[str, torch.Tensor]:
    zipped = zipfile.is_zipfile(path)
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except pickle.UnpicklingError as error:
        if not pickled:
            raise CheckpointError(_cut_short(path, error)) from error
        raise CheckpointError(
            f"{path.name} holds Python objects other than tensors and is not loaded, since loading would run its code. "
            "Ask its author for a .safetensors file."
        ) from error
    except (RuntimeError, EOFError, OSError, KeyError, ValueError) as error:
        raise CheckpointError(_cut_short(path, error)) from error
    loaded = _unwrapped(loaded)
    if not isinstance(loaded, dict) or not loaded:
        raise CheckpointError(f"{path.name} holds a {type(loaded).__name__}, not a dictionary of tensors by key.")
    if strays := [key for key, value in loaded.items() if not isinstance(value, torch.Tensor)]:
        raise CheckpointError(f"{path.name} has keys that hold no tensor: {', '.join(map(str, strays[:4]))}.")
    return loaded


def _unwrapped(loaded: object) -> object:
    """The weights themselves, where a training framework saved them under a key of its own."""
    for wrapper in ("state_dict", "module", "model"):
        if isinstance(loaded, dict) and isinstance(loaded.get(wrapper), dict):
            return _unwrapped(loaded[wrapper])
    return loaded


def _cut_short(path: Path, error: Exception) -> str:
    reason = (str(error).splitlines() or ["it ends early"])[0]
    return (
        f"{path.name} ({path.stat().st_size:,} bytes) is damaged or cut short: it reads neither as .safetensors nor as "
        f".pth ({reason}). Get the file again and compare its size with the source's."
    )
