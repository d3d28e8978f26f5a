"""A certificate for trying: C2PA takes none that is its own issuer, so a root is made that issues one."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..common.errors import InputError
from .identity import FILE

CERTIFICATE, KEY, TRUST = "certificate.pem", "key.pem", "trust.pem"
MAX_NAME = 64  # characters, as X.509 has it
_SKEW = timedelta(hours=1)  # by which clocks may differ
_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def make_certificate(folder: Path, name: str, days: int) -> list[Path]:
    """Writes a certificate, its key, the root that issued it, and a `signing.json` that names them.

    The root's own key is thrown away, so that nobody can issue another one. Only its owner can read the key's file.

    Args:
        folder: made if it is missing.
        name: whom the certificate names; nobody checks that.
        days: for which it is valid.

    Returns:
        The files.

    Raises:
        InputError: if the name is unusable, or one of the files exists.
        OSError: if they cannot be written.
    """
    name = name.strip()
    if not name.isprintable() or not 0 < len(name) <= MAX_NAME:
        raise InputError(f"The name should have 1 to {MAX_NAME} visible characters.")
    paths = [folder / part for part in (CERTIFICATE, KEY, TRUST, FILE)]
    if there := [path.name for path in paths if path.exists()]:
        raise InputError(f"The folder has {', '.join(there)} already. Give another folder, or move them away.")
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _name(f"{name[: MAX_NAME - 16]} (trial root)")
    root = _certificate(issuer, issuer, root_key, root_key, days)
    own = _certificate(_name(name), issuer, key, root_key, days)
    chain = own.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    named = {"certificate": CERTIFICATE, "key": KEY, "algorithm": "es256", "trust": TRUST}
    contents = (chain, secret, root.public_bytes(Encoding.PEM), json.dumps(named, indent=2).encode() + b"\n")
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in zip(paths, contents, strict=True):
        _write(path, content, 0o600 if path.name == KEY else 0o644)
    return paths


def _write(path: Path, content: bytes, mode: int) -> None:
    """A new file that never had another mode."""
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    with open(opened, "wb") as file:
        file.write(content)


def _name(name: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)  # which C2PA shows as the issuer
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, days: int
) -> x509.Certificate:
    """A root if it is issued by itself, or else a certificate of the kind that C2PA takes."""
    is_root, now = subject == issuer, datetime.now(timezone.utc)
    uses = ("key_cert_sign", "crl_sign") if is_root else ("digital_signature",)
    builder = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(x509.KeyUsage(**{use: use in uses for use in _USES}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if not is_root:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(by, hashes.SHA256())
