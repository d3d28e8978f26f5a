"""Reads weight files one tensor at a time, without executing anything in them."""

from __future__ import annotations

import os
import pickle  # nosec B403: for the exception that torch.load raises; nothing is unpickled with it
import pickletools  # nosec B403: counts opcodes, and executes none
import struct
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

import torch
from safetensors import SafetensorError, safe_open

from ..common.errors import InputError

# First bytes of files that people save by mistake instead of a checkpoint.
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
WEIGHT_DTYPES = (
    torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.float8_e4m3fn, torch.float8_e5m2,
)  # fmt: skip
COUNTERS = ("position_ids", "num_batches_tracked")  # suffixes of keys that hold integers rather than weights
MAX_PICKLE_OPCODES = 1_000_000  # a checkpoint has about 20 per tensor; torch reads a million in a few seconds
PICKLES = 5  # at the start of a legacy torch file, before the tensors' data
MAX_PICKLE_BYTES = 2**26  # of the pickle in a zip file, which only says where the tensors are
MAX_SHARED = 8  # maximum total size of tensors with shared storage, as a multiple of the file's size
WRAPPERS = ("state_dict", "module", "model")
# What torch raises for a damaged or hostile file. RecursionError is a RuntimeError, UnicodeDecodeError a ValueError.
# Torch passes files named .safetensors to safetensors, whatever they contain.
UNREADABLE = (
    RuntimeError, EOFError, OSError, LookupError, ValueError, TypeError, AttributeError, AssertionError,
    ArithmeticError, MemoryError, struct.error, zipfile.BadZipFile, zlib.error, SafetensorError,
)  # fmt: skip


class CheckpointError(InputError):
    """A file is not a DragNUWA checkpoint, or incomplete; the message is for the person who chose it."""

    __module__ = "dragnuwa.checkpoint"  # the host shows it, and would otherwise show the pack's full path


class Tensors(ABC):
    """The tensors of a file, read lazily, and the file's `metadata`."""

    metadata: Mapping[str, str] = MappingProxyType({})

    def __init__(self, path: Path):
        self.path = path

    @abstractmethod
    def keys(self) -> Iterable[str]: ...

    @abstractmethod
    def read(self, key: str) -> torch.Tensor:
        """The tensor, unchecked."""

    def get(self, key: str) -> torch.Tensor:
        """The tensor, checked by `check_weight`."""
        tensor = self.read(key)
        check_weight(self.path, key, tensor)
        return tensor


class _Safetensors(Tensors):
    def __init__(self, path: Path, file):
        super().__init__(path)
        self._file = file
        self.metadata = file.metadata() or {}

    def keys(self) -> list[str]:
        return list(self._file.keys())

    def read(self, key: str) -> torch.Tensor:
        try:
            return self._file.get_tensor(key)
        except (SafetensorError, AttributeError, RuntimeError) as error:  # a dtype that torch does not have
            raise CheckpointError(f"{self.path.name}: {key} cannot be read ({error}). Get the file again.") from None


class _Pickled(Tensors):
    """A torch file; memory-mapped if it is a zip file."""

    def __init__(self, path: Path, tensors: dict[str, torch.Tensor]):
        super().__init__(path)
        self._tensors = tensors

    def keys(self) -> Iterable[str]:
        return self._tensors.keys()

    def read(self, key: str) -> torch.Tensor:
        return self._tensors[key]


def check_weight(path: Path, key: str, tensor: torch.Tensor) -> None:
    """Raises if a tensor cannot be a weight, in one pass over its values.

    Raises:
        CheckpointError: if the values are not floating-point, or one is NaN or infinite. Keys with a suffix in
            `COUNTERS` may hold integers.
    """
    if tensor.dtype not in WEIGHT_DTYPES:
        return _check_counter(path, key, tensor)
    wide = tensor.half() if tensor.element_size() == 1 else tensor
    if tensor.numel() and not _is_finite(wide):
        raise CheckpointError(
            f"{path.name}: {key} holds numbers that are not finite. The file is damaged, or the training that made it "
            "has failed; get it again."
        )


def _check_counter(path: Path, key: str, tensor: torch.Tensor) -> None:
    if not tensor.is_complex() and key.endswith(COUNTERS):
        return
    found = str(tensor.dtype).removeprefix("torch.")
    raise CheckpointError(
        f"{path.name}: {key} holds numbers of the type {found}, which cannot be weights of this model. "
        "Expected float16, bfloat16 or float32. Get the file in one of these."
    )


@contextmanager
def open_tensors(path: str | os.PathLike) -> Iterator[Tensors]:
    """Opens a `.safetensors` or torch file, recognised by its first bytes.

    Raises:
        CheckpointError: if the file does not exist, has another format, is truncated, or holds anything but tensors.
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
            raise CheckpointError(_cut_short(path, error)) from None
        with file:
            yield _Safetensors(path, file)
    else:
        yield _Pickled(path, _load_pickled(path, pickled=head.startswith((b"\x80", b"PK"))))


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
        _bound_pickle(path, zipped)
        loaded = torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except pickle.UnpicklingError as error:
        if not pickled:
            raise CheckpointError(_cut_short(path, error)) from None
        raise CheckpointError(
            f"{path.name} holds Python objects other than tensors and is not loaded, since loading would run its code. "
            "Ask its author for a .safetensors file."
        ) from None  # its message quotes the file
    except CheckpointError:
        raise
    except UNREADABLE as error:
        raise CheckpointError(_cut_short(path, error)) from None
    loaded = _unwrapped(loaded)
    if not isinstance(loaded, dict) or not loaded:
        raise CheckpointError(f"{path.name} holds a {type(loaded).__name__}, not a dictionary of tensors by key.")
    if any(not isinstance(key, str) or not key.isascii() for key in loaded):
        raise CheckpointError(f"{path.name} has keys that are no plain text, so it holds no model's weights.")
    if strays := [key for key, value in loaded.items() if not isinstance(value, torch.Tensor)]:
        raise CheckpointError(f"{path.name} has keys that hold no tensor: {', '.join(map(str, strays[:4]))}.")
    _check_extent(path, loaded)
    return loaded


def _check_extent(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Raises if tensors claim more values than the file has. An expanded view, a sparse tensor or a meta tensor may
    have any shape, and reading all its values would take forever."""
    room = path.stat().st_size
    total = 0
    for key, tensor in tensors.items():
        plain = tensor.layout == torch.strided and tensor.device.type == "cpu"
        size = tensor.numel() * tensor.element_size()
        total += size
        if not plain or size > room or total > MAX_SHARED * room:
            raise CheckpointError(
                f"{path.name}: {key} has the shape {list(tensor.shape)[:8]}, for which the file does not hold the "
                "numbers. It holds no model's weights; get it again from its source."
            )


def _unwrapped(loaded: object) -> object:
    """Unwraps weights that a training framework saved under one or two keys of its own."""
    for _ in range(2):
        inner = [loaded[key] for key in WRAPPERS if isinstance(loaded, dict) and isinstance(loaded.get(key), dict)]
        loaded = inner[0] if inner else loaded
    return loaded


def _bound_pickle(path: Path, zipped: bool) -> None:
    """Raises if a pickle would keep torch busy for minutes, by counting its opcodes.

    A file that is not a pickle, or is damaged, passes: torch rejects it immediately.
    """
    if not zipped:
        with path.open("rb") as file:
            return _count_opcodes(path, file)
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.filename.endswith("data.pkl"):
                continue
            if entry.file_size > MAX_PICKLE_BYTES:
                raise _too_much(path)
            with archive.open(entry) as file:
                _count_opcodes(path, file)


def _count_opcodes(path: Path, file: BinaryIO) -> None:
    counted = 0
    for _ in range(PICKLES):
        try:
            for _ in pickletools.genops(file):
                counted += 1
                if counted > MAX_PICKLE_OPCODES:
                    raise _too_much(path)
        except CheckpointError:
            raise
        except (ValueError, EOFError):
            return


def _too_much(path: Path) -> CheckpointError:
    return CheckpointError(
        f"{path.name} holds far more Python objects than a checkpoint needs, and is not loaded. Ask its author for a "
        ".safetensors file."
    )


def _cut_short(path: Path, error: Exception) -> str:
    reason = (str(error).splitlines() or ["it ends early"])[0][:200]
    return (
        f"{path.name} ({path.stat().st_size:,} bytes) is damaged or cut short: it reads neither as .safetensors nor as "
        f".pth ({reason}). Get the file again and compare its size with the source's."
    )


def few(keys: list[str]) -> str:
    """The first four of `keys`, for a message."""
    return ", ".join(keys[:4]) + (f" and {len(keys) - 4} more" if len(keys) > 4 else "")


def _is_finite(tensor: torch.Tensor) -> bool:
    """Whether no value of a non-empty floating-point tensor is NaN or infinite.

    A finite sum implies finite terms, and torch sums at memory speed. If the sum is not finite it may merely have
    overflowed; then the minimum and maximum decide, since both propagate NaN and infinity.
    """
    return bool(tensor.sum().isfinite()) or all(bool(end.isfinite()) for end in tensor.aminmax())
