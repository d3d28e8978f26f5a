"""Saves a video with content credentials as the last that happens to its file, and reads such files."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import folder_paths
import torch
from comfy.cli_args import args
from comfy_execution.graph_utils import ExecutionBlocker

from ..common.clip_shape import odd_sides
from ..common.errors import InputError, PackageError, as_text
from ..common.images import as_images, to_bytes
from ..provenance import reading
from ..provenance.comfy_metadata import models_of_prompt
from ..provenance.credentials import MAX_FILE_BYTES, too_large
from ..provenance.identity import FILE, Identity, read_identity, read_trust
from ..provenance.manifest import MADE, Record
from ..trajectory import parse
from . import files
from .node_api import Input, InputImpl, Types

SYSTEM_USER = "dragnuwa"
MP4 = ".mp4"
PACK = Path(__file__).parents[2].name
"""The pack's folder in custom_nodes. No message has more of its path, since messages reach other people's pages."""


@dataclass(frozen=True)
class Told:
    """What a node is told of a video, besides its pictures.

    Attributes:
        made: one of `dragnuwa.provenance.manifest.MADE`.
        model: name of the model; if empty, the files that are loaded before the node.
        trajectories: text, which is recorded in the pack's own JSON; None for none.
        image: the start picture `[1, H, W, 3]`; None for none.
        prompt, extra, node_id: of the run.
    """

    made: str
    model: str = ""
    trajectories: str | None = None
    image: torch.Tensor | None = None
    prompt: dict | None = None
    extra: dict | None = None
    node_id: str | None = None


@dataclass(frozen=True)
class Saved:
    """A video that was saved and signed, a line about it, and a report."""

    file: files.NewFile
    line: str
    report: str


def identity_file() -> Path:
    """Where the signer is named: in a folder of ComfyUI's that it does not serve."""
    return Path(folder_paths.get_system_user_directory(SYSTEM_USER)) / FILE


def trust() -> bytes | None:
    """The roots that the server's owner trusts. Raises InputError if they cannot be read."""
    return read_trust(identity_file())


def refusal() -> str | None:
    """Why nothing can be signed on this machine, found out by signing an empty picture; None if it can."""
    from ..provenance.signing import check_identity

    try:
        check_identity(_identity())
    except (InputError, PackageError) as error:
        return str(error)
    return None


def save_signed(video: Input.Video, prefix: str, told: Told) -> Saved:
    """Saves a video as MP4, as Save Video does, signs it, checks it, and only then gives it its name.

    Args:
        video: encoded by ComfyUI, or copied where it is such a file already.
        prefix: of the file in ComfyUI's output folder.
        told: what the credentials say.

    Raises:
        InputError: if the signer or the drags cannot be used, or the prefix leads out of the output folder.
        PackageError: if c2pa-python is missing.
    """
    from ..provenance.signing import sign

    identity = _identity()
    size = video.get_dimensions()
    if isinstance(video, InputImpl.VideoFromComponents) and (odd := odd_sides(*size)):  # a file may be copied as it is
        raise InputError(odd)
    file = files.new_file(prefix, MP4, size)
    record = _record(told, file.name, size)
    folder = Path(folder_paths.get_temp_directory())
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dragnuwa-", dir=folder) as inside:
        unsigned = Path(inside) / f"video{MP4}"
        video.save_to(str(unsigned), format=Types.VideoContainer.MP4, metadata=_metadata(told))
        sign(unsigned, file.path, record, identity)
    found = reading.read(file.path, identity.trust)
    line = f'Signed {file.name} as "{found.credentials.signer}".'
    return Saved(file, line, f"{line}\n{found.report()}")


def read_video(name: str) -> tuple[str | ExecutionBlocker, str]:
    """The drags of a video in ComfyUI's folders, as the pack's own JSON, and a report. Without drags, what is connected
    to them does not run.

    Raises:
        InputError: if there is no such file, or it cannot be read.
    """
    found = reading.read(files.input_file(name, "file"), trust())
    report = found.report()
    if found.drawing is None:
        return ExecutionBlocker(f"The video has no drags to take. {report.splitlines()[0]}"), report
    return found.drawing.to_json(), report


def fingerprint_to_read(name: str) -> tuple[str, str, str]:
    """Changes whenever the result of `read_video` does; ComfyUI then runs the node again: with what the file and the
    list of trusted roots hold, whatever their times and sizes are, and with the day, since certificates expire.

    ComfyUI writes it into the files that it saves, so it holds no paths. It does not check for interrupts, which
    ComfyUI would take for an error of the fingerprint.

    Raises:
        InputError: as `read_video`.
    """
    path = files.input_file(name, "file")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise InputError(too_large())
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while part := file.read(2**20):
            digest.update(part)
    return digest.hexdigest(), _digest(trust()), datetime.now(timezone.utc).date().isoformat()


def fingerprint_to_sign() -> tuple[str, str]:
    """Changes with the certificate, and with the list of trusted roots, which the report is about: ComfyUI then signs
    the same video again."""
    identity = _identity()
    return _digest(identity.certificate), _digest(identity.trust)


def _digest(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()


def _identity() -> Identity:
    path = identity_file()
    if not path.exists():
        raise InputError(
            f"ComfyUI knows no certificate to sign with. Put {FILE} into the folder {path.parent.name} of ComfyUI's "
            "user folder. In ComfyUI's own folder and with its Python, this makes one for trying: python "
            f'custom_nodes/{PACK}/dragnuwa/provenance certificate user/{path.parent.name} --name "Your Name"'
        )
    return read_identity(path)


def _record(told: Told, title: str, size: tuple[int, int]) -> Record:
    from ..provenance.manifest import picture_of_pixels

    model = as_text(told.model, "model").strip() or ", ".join(models_of_prompt(told.prompt, told.node_id))
    if as_text(told.made, "made") not in MADE:  # a linked text, which ComfyUI does not compare with the options
        raise InputError(f'made should be one of: {"; ".join(MADE)}. Found "{told.made[:40]}".')
    drawing = picture = None
    if told.trajectories is not None:
        drags = parse(told.trajectories, width=size[0], height=size[1])
        drawing = drags.to_json()
    if told.image is not None:
        picture = picture_of_pixels(to_bytes(as_images(told.image[:1]))[0])
    return Record(told.made, title, drawing, model, picture)


def _metadata(told: Told) -> dict[str, Any] | None:
    """What Save Video would write into the file."""
    if args.disable_metadata:
        return None
    return {**(told.extra or {}), **({} if told.prompt is None else {"prompt": told.prompt})} or None
