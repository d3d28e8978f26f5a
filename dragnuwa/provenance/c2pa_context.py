"""How c2pa works here: it asks no server, makes no thumbnails, and trusts only the roots that a person names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..common.packages import need_c2pa

if TYPE_CHECKING:
    import c2pa

MAX_MANIFEST_MB = 16
"""Of credentials that are compressed, when unpacked."""
EMAIL, TIME_STAMPS, OCSP = "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"
DOCUMENTS, CLAIMS = "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.62558.2.1"
PURPOSES = (EMAIL, DOCUMENTS, CLAIMS, TIME_STAMPS, OCSP)
"""Extended key usages of a signer's certificate. By itself, c2pa takes neither document signing nor C2PA claim signing,
which the C2PA specification names and authorities on its trust list issue."""


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
