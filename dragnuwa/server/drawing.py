"""The drawing that a video was made from, for the editor."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from ..common.errors import InputError
from ..provenance import reading
from .fields import fields_of
from .pictures import PagePictures
from .requests import Refused

TYPES = ("input", "output")
MAX_BYTES = 2**30
READING_BYTES = 400_000_000
"""Memory of reading a file's credentials and metadata within their own limits."""

TrustOf = Callable[[], "bytes | None"]


def no_trust() -> None:
    """Trusts no roots."""


def drawing(body: bytes, pictures: PagePictures, trust: TrustOf) -> bytes:
    """The answer of /dragnuwa/drawing.

    Args:
        trust: gives PEM of the roots that the server's owner trusts; None for none. Raises InputError if they cannot
            be read.
    """
    reference = fields_of(body, {"picture": ""})["picture"]
    if isinstance(reference, dict) and reference.get("type") not in TYPES:
        raise Refused(400, f"The type should be one of: {', '.join(TYPES)}.")
    path = Path(pictures.file(reference).path)
    if os.path.getsize(path) > MAX_BYTES:
        raise Refused(422, f"The video should have at most {MAX_BYTES // 2**30} GiB to be read here.")
    try:
        with pictures.budget.share(READING_BYTES):
            found = reading.read(path, trust())
    except (InputError, OSError) as error:
        reason = str(error) if isinstance(error, InputError) else "The file cannot be read."
        raise Refused(422, reason) from error
    if found.drawing is None:
        raise Refused(422, found.report())
    written = found.drawing.to_json()
    return f'{{"trajectories":{written},"about":{json.dumps(_about(found))}}}'.encode()


def _about(found: reading.Provenance) -> dict[str, object]:
    credentials = found.credentials if found.origin == reading.CREDENTIALS else None
    return {
        "origin": found.origin,
        "changed": found.is_changed,
        "signer": credentials.signer if credentials else "",
        "trusted": credentials is not None and credentials.trusted,
    }
