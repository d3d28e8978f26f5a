"""A certificate for trying: C2PA takes none that is its own issuer, so a root is made that issues one."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from ..common.errors import InputError
from .credentials import CLAIMS, DOCUMENTS, EMAIL, OCSP, PURPOSES, TIME_STAMPS
from .identity import FILE

CERTIFICATE, KEY, TRUST = "certificate.pem", "key.pem", "trust.pem"
MAX_NAME = 64  # characters, as X.509 has it
_SKEW = timedelta(hours=1)  # by which clocks may differ
_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
LEAST_BITS = 2048
CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
"""Curves of a key, and the algorithm of each."""
ANY = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string
HASHES = ("sha256", "sha384", "sha512")
_UNKNOWN = "the certificate has a key of a kind that C2PA does not know. Ask for one with another key"
_ASK = (
    f"Ask for one with the extended key usage email protection ({EMAIL}), document signing ({DOCUMENTS}) or C2PA claim "
    f"signing ({CLAIMS})"
)


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


def broken_rule(certificate: bytes, algorithm: str) -> str | None:
    """The first rule that the signer's certificate breaks, and what to do; None if it keeps all of them.

    Args:
        certificate: PEM, the signer's own certificate first.
        algorithm: with which it is to sign, such as "es256".
    """
    try:
        own = x509.load_pem_x509_certificates(certificate)[0]
        key, extensions, is_own_issuer = own.public_key(), own.extensions, own.issuer == own.subject
        hashed = own.signature_hash_algorithm  # all of these are read from the certificate only now
    except (ValueError, TypeError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return "the certificate is damaged. Copy it again, whole and unchanged"
    except UnsupportedAlgorithm:
        return _UNKNOWN
    if hashed is not None and hashed.name not in HASHES:
        return f"the certificate is signed with {hashed.name}, where C2PA asks for SHA-256 or longer. Ask for another"
    if is_own_issuer:
        return None  # which c2pa has a word of its own for
    return _of_key(key, algorithm) or _of_extensions(extensions)


def _of_key(key: object, algorithm: str) -> str | None:
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < LEAST_BITS:
            return (
                f"the certificate's key has {key.key_size} bits, where C2PA asks for {LEAST_BITS} or more. Ask for a "
                "certificate with a longer key"
            )
        fitting = ("ps256", "ps384", "ps512")
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in CURVES:
            return (
                f"the certificate's key is on the curve {key.curve.name}, where C2PA asks for one of "
                f"{', '.join(CURVES)}. Ask for a certificate with another key"
            )
        fitting = (CURVES[key.curve.name],)
    elif isinstance(key, ed25519.Ed25519PublicKey):
        fitting = ("ed25519",)
    else:
        return _UNKNOWN
    if algorithm in fitting:
        return None
    return f'the key is no private key for that algorithm. For this certificate, write "algorithm": "{fitting[0]}"'


def _of_extensions(extensions: x509.Extensions) -> str | None:
    found = {extension.oid: extension.value for extension in extensions}
    limits, uses = found.get(ExtensionOID.BASIC_CONSTRAINTS), found.get(ExtensionOID.KEY_USAGE)
    if limits is not None and limits.ca:
        return (
            "the certificate is an authority's (CA:TRUE). Put the signer's own certificate first, then those up to its "
            "root"
        )
    if ExtensionOID.AUTHORITY_KEY_IDENTIFIER not in found:
        return "the certificate has no authority key identifier. Ask for one that has it"
    if uses is None or not uses.digital_signature:
        return "the certificate's key usage lacks digital signature. Ask for one that has it"
    if uses.key_cert_sign:
        return "the certificate's key usage has certificate sign, which only an authority's may have. Ask for another"
    return _of_purposes(found.get(ExtensionOID.EXTENDED_KEY_USAGE))


def _of_purposes(given: x509.ExtendedKeyUsage | None) -> str | None:
    if given is None:
        return f"the certificate has no extended key usage. {_ASK}"
    purposes = {purpose.dotted_string for purpose in given}
    if ANY in purposes:
        return f"the certificate's extended key usage is any, which C2PA does not allow. {_ASK}"
    if not purposes & set(PURPOSES):
        return f"the certificate's extended key usage is for something else. {_ASK}"
    if purposes & {TIME_STAMPS, OCSP} and len(purposes) > 1:
        return f"the certificate's extended key usage has time stamping or OCSP signing beside another one. {_ASK}"
    return None
