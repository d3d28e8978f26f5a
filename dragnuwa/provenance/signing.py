"""Writes content credentials into an MP4 file, as the last that happens to it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from ..common.atomic import atomic_write
from ..common.errors import InputError
from ..common.interrupt import checkpoint
from .credentials import CHANGED, context, read_stream
from .identity import FILE, Identity
from .manifest import Record, definition, ingredient, picture_of_pixels

if TYPE_CHECKING:
    import c2pa

MP4 = "video/mp4"
_TRIAL = "A trial of the certificate."
# Parts of c2pa's messages, and what they mean to the person. Its own words are not passed on: they may quote a file.
_REASONS = (
    ("signature does not match", "the key does not belong to the certificate"),
    ("not valid at time of signing", "the certificate has expired, or is not valid yet"),
    ("self-signed", "the certificate is its own issuer, which C2PA does not allow: put the signer's own certificate "
     "first, then those up to its root"),
    ("private key", "the key is no private key for that algorithm"),
    ("signing algorithm", "the key is no private key for that algorithm"),
    ("service responded", "the time stamp server gives no time stamp"),
    ("http", "the time stamp server does not answer"),
)  # fmt: skip


def check_identity(identity: Identity) -> None:
    """Signs an empty picture in memory, without a time stamp, to find out whether signing is possible.

    Raises:
        InputError: if the certificate, the key and the algorithm cannot sign.
        PackageError: if c2pa-python is missing.
    """
    trial = Identity(identity.certificate, identity.key, identity.algorithm)
    blank = picture_of_pixels(np.zeros((8, 8, 3), np.uint8))
    record = Record("by a model", _TRIAL)
    written = {**definition(record), "format": blank.media}
    _write(io.BytesIO(blank.content), io.BytesIO(), written, record, trial, blank.media)


def sign(source: Path, target: Path, record: Record, identity: Identity) -> None:
    """Writes a copy of an MP4 file with credentials, checks it, and only then gives it its name; `source` and `target`
    may be the same.

    Args:
        source: the MP4 file; unchanged, unless it is the target.
        target: complete or untouched, whatever happens.
        record: what the credentials say.
        identity: who signs.

    Raises:
        InputError: if the file is no MP4, has credentials already, or the identity cannot sign.
        PackageError: if c2pa-python is missing.
        OSError: if a file cannot be read or written.
    """
    checkpoint()
    with open(source, "rb") as file:
        if file.read(12)[4:8] != b"ftyp":
            raise InputError("Only MP4 files can be signed, and this is none.")
        file.seek(0)
        if read_stream(file, MP4) is not None:
            raise InputError("The file has content credentials already, and keeps them.")
        file.seek(0)
        with atomic_write(target) as written:
            _write(file, written, definition(record), record, identity, MP4)
            written.flush()
            written.seek(0)
            found = read_stream(written, MP4)
            if found is None or found.state == CHANGED:
                raise InputError("The signed file cannot be verified, and is not kept. Please report it.")
            checkpoint()


def _write(source: BinaryIO, target: BinaryIO, written: dict, record: Record, identity: Identity, media: str) -> None:
    with context() as used:
        import c2pa

        definition_text = json.dumps(written, ensure_ascii=False)  # as short as it can be, since its length is limited
        try:
            with _signer(identity) as signer, c2pa.Builder(definition_text, context=used) as builder:
                if record.picture is not None:
                    builder.add_ingredient(ingredient(), record.picture.media, io.BytesIO(record.picture.content))
                builder.sign(signer, media, source, target)
        except c2pa.C2paError.Io:
            raise OSError("The video or its signed copy cannot be read or written; is the disk full?") from None
        except c2pa.C2paError as error:
            raise InputError(_refusal(str(error), identity)) from None


def _signer(identity: Identity) -> c2pa.Signer:
    import c2pa

    server = identity.timestamp_server or ""
    info = c2pa.C2paSignerInfo(identity.algorithm.encode(), identity.certificate, identity.key, server.encode())
    if not server:
        info.ta_url = None  # afterwards, since older ones of c2pa-python take no None
    return c2pa.Signer.from_info(info)


def _refusal(found: str, identity: Identity) -> str:
    reason = _rule(identity) or next((reason for part, reason in _REASONS if part in found.lower()), None)
    if reason is None:
        reason = "C2PA does not accept the certificate, the key or the file"
    return f"The video cannot be signed as {FILE} says: {reason}."


def _rule(identity: Identity) -> str | None:
    """The rule that the certificate breaks; None if it breaks none, or in the registry's copy of the pack, which does
    not read certificates by itself."""
    try:
        from .certificate import broken_rule
    except ImportError:
        return None
    return broken_rule(identity.certificate, identity.algorithm)
