"""What is known of a video: its credentials, the drags that it was made from, and a report of both in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..common.errors import InputError, PackageError
from ..common.interrupt import checkpoint
from ..trajectory import Trajectories, TrajectoryError, parse
from .comfy_metadata import SIZE, Written, comfy_metadata, drawings_in
from .credentials import CHANGED, ELSEWHERE, EXPIRED, Credentials, read_credentials

CREDENTIALS, METADATA = "credentials", "metadata"
"""Where drags come from: the credentials, or what ComfyUI writes into its files."""
MAX_REASON = 200  # characters


@dataclass(frozen=True)
class Provenance:
    """What is known of a file.

    Attributes:
        credentials: None if it has none.
        drawing: the drags, checked; None if there are none.
        origin: of the drags, `CREDENTIALS` or `METADATA`; None without any.
        notes: what else to tell, a sentence each.
    """

    credentials: Credentials | None
    drawing: Trajectories | None = None
    origin: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_changed(self) -> bool:
        """Whether it was changed after it was signed."""
        return self.credentials is not None and self.credentials.state == CHANGED

    def report(self) -> str:
        """A few sentences, a line each."""
        return "\n".join([*_of_credentials(self.credentials), *self._of_drawing(), *self.notes])

    def _of_drawing(self) -> list[str]:
        if self.drawing is None:
            return ["It has no drags of DragNUWA."]
        count = len(self.drawing.tracks), len(self.drawing.objects)
        what = " and ".join(
            f"{n} {name}{'s' * (n != 1)}" for n, name in zip(count, ("drag", "object"), strict=True) if n
        )
        where = "its credentials" if self.origin == CREDENTIALS else "ComfyUI's metadata, which anyone can change"
        return [f"Drawing: {what or 'empty'}, from {where}."]


def read(path: Path, trust: bytes | None = None) -> Provenance:
    """What is known of a video or picture.

    Args:
        path: of the file.
        trust: PEM of the roots that are trusted; None for none.

    Raises:
        InputError: if the file can be read in no way.
        OSError: if it cannot be read at all.
    """
    checkpoint()
    notes: list[str] = []
    credentials = None
    try:
        credentials = read_credentials(path, trust)
    except (InputError, PackageError) as error:
        notes.append(f"Its credentials were not read: {error}")
    if credentials is not None and credentials.drawing is not None:
        drawing = first_drawing([Written(credentials.drawing, SIZE)], notes)
        if drawing is not None:
            return Provenance(credentials, drawing, CREDENTIALS, tuple(notes))
    checkpoint()
    try:
        found = drawings_in(comfy_metadata(path))
    except InputError as error:
        if credentials is None:
            raise
        found = []
        notes.append(f"ComfyUI's metadata was not read: {error}")
    drawing = first_drawing(found, notes)
    return Provenance(credentials, drawing, None if drawing is None else METADATA, tuple(notes))


def first_drawing(found: list[Written], notes: list[str]) -> Trajectories | None:
    """The first drawing with drags or objects, or else the first that can be read.

    Args:
        notes: gets a sentence for each that cannot be read, and one if there are several.
    """
    read = []
    for written in found:
        width, height = written.size
        try:
            read.append(parse(written.text, width=width, height=height))
        except TrajectoryError as error:
            notes.append(f"A drawing in it cannot be read: {str(error)[:MAX_REASON]}")
    drawn = [one for one in read if one.tracks or one.objects]
    if len(drawn) > 1:
        notes.append(f"It holds {len(drawn)} drawings; this is the first.")
    return next(iter(drawn or read), None)


def _of_credentials(found: Credentials | None) -> list[str]:
    if found is None:
        return ["It has no content credentials."]
    if found.state == ELSEWHERE:
        return ["Its content credentials are kept on a server, which is not asked."]
    signer = f'"{found.signer}"' if found.signer else "a signer without a name"
    when = f" at {found.time}" if found.time else ""
    if found.state == CHANGED:
        said = [
            f"Its content credentials are broken: the file was changed after {signer} signed it, or C2PA does not "
            "accept the signature."
        ]
    else:
        said = [f"Its content credentials are intact: nothing was changed since {signer} signed it{when}."]
        said.append(_of_signer(found))
    if found.made:
        said.append(f"Made: {found.made}{f', with {found.tool}' if found.tool else ''}.")
    if found.model:
        said.append(f"Model: {found.model}.")
    if found.ingredients:
        said.append(f"From: {', '.join(name or 'something without a name' for name in found.ingredients)}.")
    if found.omitted:
        said.append("The drags were too long to be recorded.")
    return said


def _of_signer(found: Credentials) -> str:
    if found.state == EXPIRED:
        return "The certificate has expired, and no time stamp says that it was valid then."
    if found.trusted:
        return "The signer is on your list of trusted ones."
    return "The signer is on no list of yours, so anyone may have chosen that name."
