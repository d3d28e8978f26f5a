"""Which of C2PA's rules for a signer's certificate is broken: c2pa itself says no more than that it is invalid.

The rules are those of the C2PA specification, "X.509 certificates", as c2pa's library checks them.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from .c2pa_context import CLAIMS, DOCUMENTS, EMAIL, OCSP, PURPOSES, TIME_STAMPS

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
