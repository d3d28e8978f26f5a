"""Who signs: a certificate, its key and more, named in a small JSON file that stays on the signer's machine.

    {"certificate": "certificate.pem", "key": "key.pem", "algorithm": "es256", "timestamp_server": "https://...",
     "trust": "trust.pem"}

Paths are relative to the file's own folder. Only "certificate" and "key" are needed to sign, only "trust" to read.
Messages quote nothing of these files and name no paths, since they reach logs and other people's pages.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from pathlib import Path

from ..common.errors import InputError
from ..common.foreign_text import decoded, json_value

FILE = "signing.json"
ALGORITHMS = ("es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519")
KEYS = ("certificate", "key", "algorithm", "timestamp_server", "trust")
MAX_BYTES = 2**20
"""Of each file: a list of all the world's trusted signers has less."""
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
# Patterns rather than texts, which a scanner would take for a key that is published.
_KEY = re.compile(rb"-----BEGIN\sPRIVATE\sKEY-----")
_OTHER_KEY = re.compile(rb"-----BEGIN\s(EC|RSA)\sPRIVATE\sKEY-----")
_ANY_KEY = re.compile(rb"-----BEGIN\s([A-Z]+\s)?PRIVATE\sKEY-----")
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LOCKED_KEY = re.compile(rb"-----BEGIN\sENCRYPTED\sPRIVATE\sKEY-----|Proc-Type: 4,ENCRYPTED")


@dataclass(frozen=True)
class Identity:
    """What a signer signs with.

    Attributes:
        certificate: PEM, the signer's own certificate first, then those up to its root.
        key: PEM (PKCS #8) of its private key.
        algorithm: one of `ALGORITHMS`.
        timestamp_server: address of an RFC 3161 server, asked for the time of each signature; None for none.
        trust: PEM of the roots that are trusted in reading; None for none.
    """

    certificate: bytes = field(repr=False)
    key: bytes = field(repr=False)
    algorithm: str = ALGORITHMS[0]
    timestamp_server: str | None = None
    trust: bytes | None = field(default=None, repr=False)


def read_identity(path: Path) -> Identity:
    """The signer that a file names.

    Raises:
        InputError: if the file or one that it names is missing, unreadable, or no such file.
    """
    fields = _fields(path)
    for name in ("certificate", "key"):
        if name not in fields:
            raise InputError(f'{FILE} should name the {name}, as in "{name}": "{name}.pem", but it does not.')
    algorithm = fields.get("algorithm", ALGORITHMS[0]).lower()
    if algorithm not in ALGORITHMS:
        raise InputError(f'The "algorithm" in {FILE} should be one of {", ".join(ALGORITHMS)}.')
    server = fields.get("timestamp_server") or None
    if server is not None and not server.startswith(("http://", "https://")):
        raise InputError(f'The "timestamp_server" in {FILE} should be an address that begins with http:// or https://.')
    certificate = _certificates(path, fields, "certificate")
    return Identity(certificate, _key(path, fields), algorithm, server, _trust(path, fields))


def read_trust(path: Path) -> bytes | None:
    """The roots that a person trusts in reading, as PEM; None if there is no such file, or it names none.

    Raises:
        InputError: as `read_identity`.
    """
    return _trust(path, _fields(path)) if path.exists() else None


def read_roots(path: Path) -> bytes:
    """Roots in a PEM file. Raises InputError as `read_identity`."""
    return _pem_of_certificates(_content(path, "file of trusted roots"), "file of trusted roots")


def _fields(path: Path) -> dict[str, str]:
    try:
        fields = json_value(decoded(_content(path, f"file {FILE}")))
    except (ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{FILE} should be JSON in UTF-8, but it cannot be read.") from None
    if not isinstance(fields, dict) or not all(isinstance(value, str) for value in fields.values()):
        raise InputError(f"{FILE} should be one JSON object of texts, with some of {_listed(KEYS)}.")
    if unknown := sorted(fields.keys() - set(KEYS)):
        raise InputError(f'{FILE} has "{unknown[0][:40]}", which means nothing; known are {_listed(KEYS)}.')
    return fields


def _trust(path: Path, fields: dict[str, str]) -> bytes | None:
    return _certificates(path, fields, "trust") if fields.get("trust") else None


def _certificates(path: Path, fields: dict[str, str], name: str) -> bytes:
    what = _what(name)
    return _pem_of_certificates(_content(_beside(path, fields[name]), what), what)


def _pem_of_certificates(content: bytes, what: str) -> bytes:
    _check_begin(content, what)
    if _ANY_KEY.search(content):
        raise InputError(
            f'The {what} has a private key, too. Put the key alone into the file that "key" names, and leave the '
            "certificates here."
        )
    if _CERTIFICATE not in content or b"\0" in content:
        raise InputError(f"The {what} should hold certificates as PEM, BEGIN CERTIFICATE and so on, but it does not.")
    return content


def _key(path: Path, fields: dict[str, str]) -> bytes:
    what = _what("key")
    content = _content(_beside(path, fields["key"]), what)
    _check_begin(content, what)
    if _CERTIFICATE in content:
        raise InputError(
            f"The {what} has certificates, too. Leave the key alone there, and put the signer's own certificate and "
            'then those up to its root into the file that "certificate" names.'
        )
    if _LOCKED_KEY.search(content):
        raise InputError(f"The {what} is locked by a passphrase. Name one that is not, readable by you alone.")
    if _OTHER_KEY.search(content):
        raise InputError(f"The {what} is in an older form. Convert it: openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW")
    if not _KEY.search(content) or b"\0" in content:
        raise InputError(f"The {what} should hold one as PEM, BEGIN PRIVATE KEY and so on, but it does not.")
    return content


def _check_begin(content: bytes, what: str) -> None:
    """A mark at the beginning makes c2pa overlook the first certificate, or the key."""
    if content.startswith(_MARKS):
        raise InputError(
            f"The {what} should be PEM, but it begins with a byte order mark, as some editors write it. Save it as "
            "plain text, or as UTF-8 without that mark (BOM)."
        )


def _what(name: str) -> str:
    return f'file that "{name}" in {FILE} names'


def _beside(path: Path, name: str) -> Path:
    try:
        return path.parent / Path(name).expanduser()
    except RuntimeError:  # no such person's home
        return path.parent / name


def _content(path: Path, what: str) -> bytes:
    """The content of a file. No error says where it is, nor has a cause that does: ComfyUI would log both."""
    try:
        if path.is_dir():
            raise InputError(f"The {what} is a folder. Name a file.")
        if not path.exists():
            raise InputError(f"The {what} does not exist.")
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or "its name is impossible"
        raise InputError(f"The {what} cannot be read: {reason}.") from None
    if len(content) > MAX_BYTES:
        raise InputError(f"The {what} should have at most {MAX_BYTES // 2**20} MiB.")
    return content


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)
