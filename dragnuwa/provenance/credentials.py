"""Reads the content credentials of a file. They come from strangers: every text in them is shortened and made
printable, and the drags are no more than a text until `dragnuwa.trajectory.parse` has checked them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from ..common.errors import InputError, need_c2pa, printable
from ..common.interrupt import run_aside
from .manifest import DRAWING, MAX_DRAWING_BYTES, VERSION, made_by
from .parts import BOXED, MAX_BYTES, check_parts
from .watched_file import WatchedFile

if TYPE_CHECKING:
    import c2pa

INTACT, EXPIRED, CHANGED, ELSEWHERE = "intact", "expired", "changed", "elsewhere"
"""Nothing was changed since the signature; nor here, but the certificate has expired, and no time stamp says that it
was valid then; something was changed, or C2PA does not accept the signature; the credentials are on a server, which is
not asked."""
MAX_FILE_BYTES = 2**32
MAX_TEXT = 200  # characters of a name
MAX_LISTED = 10
MEDIA = {
    ".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".png": "image/png", ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg", ".webp": "image/webp", ".gif": "image/gif", ".avif": "image/avif", ".avi": "video/avi",
}  # fmt: skip
"""Kinds of files that can have credentials, by their suffix."""
_UNTRUSTED, _EXPIRED = "signingCredential.untrusted", "signingCredential.expired"  # codes of failures
_ACTIONS = ("c2pa.actions", "c2pa.actions.v2")
MAX_MANIFEST_MB = 16
"""Of credentials that are compressed, when unpacked."""
EMAIL, TIME_STAMPS, OCSP = "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"
DOCUMENTS, CLAIMS = "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.62558.2.1"
PURPOSES = (EMAIL, DOCUMENTS, CLAIMS, TIME_STAMPS, OCSP)
"""Extended key usages of a signer's certificate. By itself, c2pa takes neither document signing nor C2PA claim signing,
which the C2PA specification names and authorities on its trust list issue."""


@dataclass(frozen=True)
class Credentials:
    """What a file's credentials say, which is no more than what their signer says.

    Attributes:
        state: `INTACT`, `EXPIRED`, `CHANGED` or `ELSEWHERE`; of the latter, nothing else is known.
        signer: the name in the certificate; empty if there is none.
        trusted: whether the certificate leads to a root that the reader trusts.
        time: of the signature, if a time stamp server has said it.
        made: one of `manifest.MADE`, or IPTC's term for another way.
        tool: the program that wrote them.
        model, drawing: of our own assertion; empty and None if there is none.
        omitted: whether the drags were too long to be recorded.
        ingredients: titles of what the file was made from.
    """

    state: str
    signer: str = ""
    trusted: bool = False
    time: str = ""
    made: str = ""
    tool: str = ""
    model: str = ""
    drawing: str | None = None
    omitted: bool = False
    ingredients: tuple[str, ...] = ()


def read_credentials(path: Path, trust: bytes | None = None) -> Credentials | None:
    """The credentials of a file; None if it has none, or is of a kind that cannot have them.

    Args:
        path: of the file.
        trust: PEM of the roots that are trusted; None for none.

    Raises:
        InputError: if the file or its credentials are too large, are made of too many parts, or damaged beyond reading.
        PackageError: if c2pa-python is missing.
        OSError: if it cannot be read.
    """
    media = MEDIA.get(path.suffix.lower())
    if media is None:
        return None
    with open(path, "rb") as file:
        return read_stream(file, media, trust)


def read_stream(file: BinaryIO, media: str, trust: bytes | None = None) -> Credentials | None:
    """The same for an open file of a media type."""
    _check_size(file, media)
    watched = WatchedFile(file)
    written = run_aside(lambda: _read(watched, media, trust), watched.give_up)
    if written is None or isinstance(written, Credentials):
        return written
    return _understood(written)


def _read(watched: WatchedFile, media: str, trust: bytes | None) -> str | Credentials | None:
    """What c2pa reads, as JSON; without it, None where there are no credentials, or that they are elsewhere."""
    with context(trust) as used:
        import c2pa

        try:
            reader = c2pa.Reader.try_create(media, watched, context=used)
            watched.check()
            if reader is None:
                return None
            with reader:
                return reader.json()
        except c2pa.C2paError as error:
            watched.check()
            if str(error).startswith("Remote"):
                return Credentials(ELSEWHERE)
            raise InputError("The file cannot be read as what its name says, or its credentials are damaged.") from None


def too_large() -> str:
    """What to say of a file that is larger than `MAX_FILE_BYTES`."""
    return f"The file should have at most {MAX_FILE_BYTES // 2**30} GiB."


def _check_size(file: BinaryIO, media: str) -> None:
    end = file.seek(0, 2)
    if end > MAX_FILE_BYTES:
        raise InputError(too_large())
    if media.startswith("image/") and media not in BOXED and end > MAX_BYTES:
        raise InputError(f"The credentials should have at most {MAX_BYTES // 2**20} MiB.")
    check_parts(file, media, end)
    file.seek(0)


def _understood(written: str) -> Credentials:
    try:
        store = json.loads(written)
    except (ValueError, RecursionError):
        raise InputError("The credentials are damaged: they cannot be read.") from None
    manifest = _dict(_dict(store.get("manifests")).get(store.get("active_manifest")))
    signature = _dict(manifest.get("signature_info"))
    trusted = store.get("validation_state") == "Trusted"
    own = _own(manifest)
    drawing = own.get("trajectories")
    return Credentials(
        state=_state(store),
        signer=_text(signature.get("common_name")) or _text(signature.get("issuer")),
        trusted=trusted,
        time=_text(signature.get("time")),
        made=_made(manifest),
        tool=_text(_dict(next(iter(_list(manifest.get("claim_generator_info"))), None)).get("name")),
        model=_text(own.get("model")),
        drawing=drawing if isinstance(drawing, str) and len(drawing) <= MAX_DRAWING_BYTES else None,
        omitted="omitted" in own or (isinstance(drawing, str) and len(drawing) > MAX_DRAWING_BYTES),
        ingredients=tuple(_text(_dict(one).get("title")) for one in _list(manifest.get("ingredients"))[:MAX_LISTED]),
    )


def _state(store: dict) -> str:
    if store.get("validation_state") in ("Valid", "Trusted"):
        return INTACT
    found = _list(_dict(_dict(store.get("validation_results")).get("activeManifest")).get("failure"))
    codes = {str(_dict(failure).get("code")) for failure in found} - {_UNTRUSTED}
    return EXPIRED if codes == {_EXPIRED} else CHANGED


def _own(manifest: dict) -> dict:
    """Our assertion's data, if its version is one that we know."""
    data = next((data for label, data in _assertions(manifest) if label == DRAWING), {})
    return data if data.get("version") == VERSION else {}


def _made(manifest: dict) -> str:
    for label, data in _assertions(manifest):
        if label in _ACTIONS:
            for action in _list(data.get("actions")):
                term = _dict(action).get("digitalSourceType")
                if isinstance(term, str):
                    return made_by(term) or _text(term.rsplit("/", 1)[-1])
    return ""


def _assertions(manifest: dict) -> Iterator[tuple[Any, dict]]:
    for one in _list(manifest.get("assertions")):
        yield _dict(one).get("label"), _dict(_dict(one).get("data"))


def _dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """A name from a stranger on one line, shortened and printable; empty if it is none."""
    if not isinstance(value, str):
        return ""
    return printable(" ".join(value[: MAX_TEXT + 1].split()))[:MAX_TEXT]


def context(trust: bytes | None = None) -> c2pa.Context:
    """A context for reading and writing.

    Args:
        trust: PEM of the roots that are trusted; None for none.

    Raises:
        PackageError: if c2pa-python is missing.
    """
    need_c2pa()
    import c2pa

    return c2pa.Context.from_dict(settings(trust))


def settings(trust: bytes | None) -> dict[str, Any]:
    """c2pa's settings; also those with which it begins, since a release may change them."""
    found: dict[str, Any] = {
        "version": 1,
        "core": {"allowed_network_hosts": [], "max_decompressed_manifest_size_in_mb": MAX_MANIFEST_MB},
        "verify": {
            "verify_after_reading": True,
            "verify_after_sign": True,
            "verify_trust": True,
            "ocsp_fetch": False,
            "remote_manifest_fetch": False,
        },
        "builder": {"thumbnail": {"enabled": False}},
        "trust": {"trust_config": "\n".join(PURPOSES)},
    }
    if trust is not None:
        found["trust"]["user_anchors"] = trust.decode("ascii", "replace")
    return found
