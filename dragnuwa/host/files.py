"""Files in ComfyUI's own folders: .flo files and videos to read, exports and videos to write."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import folder_paths
import numpy as np

from ..common.atomic import atomic_folder, atomic_write
from ..common.errors import InputError, as_text
from ..trajectory import write_flo
from ..trajectory.types import MAX_TEXT_BYTES
from .running_node import check_interrupt

MAX_NAME_BYTES = 200  # of a file or folder; file systems take 255, and ComfyUI adds a number


def flo_files(name: str) -> list[Path]:
    """The .flo file of this name in ComfyUI's input folder, or all of a folder, in numerical order.

    Args:
        name: same format as in ComfyUI's nodes: "flow/0001.flo", or with the suffix " [output]" for the output folder.

    Raises:
        InputError: if it leads out of the folder, does not exist, or contains no .flo file.
    """
    _check_name(name, "flo")
    plain, annotated = folder_paths.annotated_filepath(name.strip())
    base = annotated or folder_paths.get_input_directory()
    path = os.path.join(base, plain.strip())
    if not plain.strip() or not folder_paths.is_within_directory(base, path):
        raise InputError(f'Expected a .flo file or a folder of them inside of {_named(base)}; found "{name[:80]}".')
    if os.path.isfile(path):
        return [Path(path)]
    if not os.path.isdir(path):
        raise InputError(f'There is no "{plain.strip()[:80]}" in {_named(base)}. Copy the .flo files there first.')
    inside = (entry for entry in Path(path).iterdir() if entry.suffix.lower() == ".flo")
    files = [file for file in inside if file.is_file() and folder_paths.is_within_directory(base, str(file))]
    if not files:
        raise InputError(f'The folder "{plain.strip()[:80]}" in {_named(base)} holds no .flo file.')
    return sorted(files, key=_by_number)


def content(path: Path) -> bytes:
    """The bytes of a file with drags. Raises InputError if it is too large for one."""
    size = path.stat().st_size
    if size > MAX_TEXT_BYTES:
        raise InputError(
            f'The file "{path.name[:80]}" has {size >> 20} MiB, but drags have at most {MAX_TEXT_BYTES >> 20}. Use '
            "fewer tracks or frames."
        )
    with path.open("rb") as file:
        return file.read()


def fingerprint(name: str) -> tuple:
    """Changes whenever the result of `flo_files` does; ComfyUI then runs the node again.

    It has no paths of the machine, since ComfyUI writes it into the files that it saves.
    """
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in flo_files(name))


def save_text(text: str, prefix: str, ending: str) -> str:
    """Writes a new file and returns its name in the output folder. Raises InputError if the prefix leads out of it."""
    return save_bytes(text.encode("utf-8"), prefix, ending)


def save_bytes(data: bytes, prefix: str, ending: str) -> str:
    """As `save_text`."""
    folder, stem, within = _place(prefix)
    with atomic_write(folder / f"{stem}{ending}") as file:
        file.write(data)
    return f"{within}{stem}{ending}"


def save_flows(flows: Iterable[np.ndarray], prefix: str) -> str:
    """Writes fields [H, W, 2] into a new folder and returns its name in the output folder; errors as `save_text`.

    The folder gets its name once all of them are written. If the prompt is interrupted, nothing is left behind.
    """
    folder, stem, within = _place(prefix)
    with atomic_folder(folder / stem) as partial:
        for index, flow in enumerate(flows):
            check_interrupt()
            (partial / f"{index:04}.flo").write_bytes(write_flo(flow))
    return f"{within}{stem}"


@dataclass(frozen=True)
class NewFile:
    """A file to be written in the output folder: its path, and its name and folder within the output folder."""

    path: Path
    name: str
    subfolder: str


def new_file(prefix: str, ending: str, size: tuple[int, int]) -> NewFile:
    """An unused name for a picture or a video of (width, height) in pixels. Raises InputError as `save_text`."""
    folder, stem, within = _place(prefix, size)
    return NewFile(folder / f"{stem}{ending}", f"{stem}{ending}", within.rstrip("/"))


def input_videos() -> list[str]:
    """Names of the videos in the input folder, as Load Video lists them."""
    folder = folder_paths.get_input_directory()
    names = [name for name in os.listdir(folder) if os.path.isfile(os.path.join(folder, name))]
    return sorted(folder_paths.filter_files_content_types(names, ["video"]))


def input_file(name: str, what: str) -> Path:
    """A file by its name in ComfyUI's input folder, or with " [output]" behind it in the output folder.

    Raises:
        InputError: if it leads out of the folder, or does not exist.
    """
    _check_name(name, what)
    plain, annotated = folder_paths.annotated_filepath(name.strip())
    base = annotated or folder_paths.get_input_directory()
    path = os.path.join(base, plain.strip())
    if not folder_paths.is_within_directory(base, path) or not os.path.isfile(path):
        raise InputError(f'There is no "{name[:80]}" in ComfyUI\'s folders. Choose a file, or upload it.')
    return Path(path)


def _place(prefix: str, size: tuple[int, int] = (0, 0)) -> tuple[Path, str, str]:
    """An unused path for a prefix: its folder, the name without extension, and the folder within the output folder."""
    _check_name(prefix, "filename_prefix")
    output = folder_paths.get_output_directory()
    if not folder_paths.is_within_directory(output, os.path.join(output, os.path.dirname(os.path.normpath(prefix)))):
        raise InputError(f'Expected a filename_prefix inside of {_named(output)}; found "{prefix[:80]}".')
    folder, name, counter, subfolder, _ = folder_paths.get_save_image_path(prefix, output, *size)
    return Path(folder), f"{name}_{counter:05}_", f"{Path(subfolder).as_posix()}/" if subfolder else ""


def _check_name(name: str, what: str) -> None:
    as_text(name, what)
    if not name.isprintable():
        raise InputError(f'{what} should be a name of visible characters; found "{name[:80]}". Type it again.')
    if any(len(os.fsencode(part)) > MAX_NAME_BYTES for part in Path(name).parts):
        raise InputError(f'{what} should have shorter names, {MAX_NAME_BYTES} bytes at most; found "{name[:80]}...".')


def _named(base: str) -> str:
    return f"ComfyUI's {os.path.basename(os.path.normpath(base))} folder"


def _by_number(file: Path) -> list:
    """flow_2 comes before flow_10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", file.name.lower())]
