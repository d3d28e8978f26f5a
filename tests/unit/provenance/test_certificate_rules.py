"""A certificate that C2PA refuses: the message says which rule it breaks. Each is refused by c2pa itself, first."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from cryptography.x509.oid import NameOID, ObjectIdentifier

from dragnuwa.common.errors import InputError
from dragnuwa.provenance.certificate import CERTIFICATE, KEY, TRUST, broken_rule
from dragnuwa.provenance.credentials import CLAIMS, DOCUMENTS
from dragnuwa.provenance.identity import FILE, Identity, read_identity, read_trust
from dragnuwa.provenance.signing import check_identity

ALL_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@dataclass
class Made:
    """A certificate as it is made, by default one that C2PA takes."""

    key: object = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    algorithm: str = "es256"
    purposes: tuple = (Purpose.EMAIL_PROTECTION,)
    uses: tuple = ("digital_signature",)
    authority: bool = True
    ca: bool = False

    def identity(self) -> Identity:
        root, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc)
        builder = (
            x509.CertificateBuilder(name("root"), name("Jane"), self.key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=self.ca, path_length=None), critical=True)
        )
        if self.uses:
            usage = x509.KeyUsage(**{use: use in self.uses for use in ALL_USES})
            builder = builder.add_extension(usage, critical=True)
        if self.authority:
            known = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key())
            builder = builder.add_extension(known, critical=False)
        if self.purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(self.purposes), critical=False)
        signed = builder.sign(root, hashes.SHA256())
        secret = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Identity(signed.public_bytes(Encoding.PEM), secret, self.algorithm)


def name(text: str) -> x509.Name:
    parts = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    return x509.Name([x509.NameAttribute(part, text) for part in parts])


def ec_key(curve) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve())


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"purposes": ()}, "has no extended key usage. Ask for one with"),
        ({"purposes": (Purpose.SERVER_AUTH,)}, "extended key usage is for something else. Ask for one with"),
        ({"purposes": (Purpose.ANY_EXTENDED_KEY_USAGE,)}, "extended key usage is any"),
        ({"purposes": (Purpose.EMAIL_PROTECTION, Purpose.OCSP_SIGNING)}, "OCSP signing beside another"),
        ({"authority": False}, "no authority key identifier. Ask for one that has it"),
        ({"uses": ()}, "key usage lacks digital signature"),
        ({"uses": ("key_encipherment",)}, "key usage lacks digital signature"),
        ({"uses": ("digital_signature", "key_cert_sign")}, "key usage has certificate sign"),
        ({"ca": True}, "is an authority's"),
        ({"key": rsa.generate_private_key(65537, 1024), "algorithm": "ps256"}, "key has 1024 bits, .* 2048 or more"),
        ({"key": ec_key(ec.SECP256K1)}, "is on the curve secp256k1"),
        ({"key": ec_key(ec.SECP384R1)}, 'For this certificate, write "algorithm": "es384"'),
        ({"key": rsa.generate_private_key(65537, 2048)}, 'For this certificate, write "algorithm": "ps256"'),
        ({"key": ed25519.Ed25519PrivateKey.generate()}, 'For this certificate, write "algorithm": "ed25519"'),
    ],
)  # fmt: skip
def test_the_rule_that_is_broken_is_named(fields, said):
    with pytest.raises(InputError, match=said):
        check_identity(Made(**fields).identity())


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"purposes": (Purpose.EMAIL_PROTECTION, Purpose.SERVER_AUTH)}, {"purposes": (ObjectIdentifier(DOCUMENTS),)},
        {"purposes": (ObjectIdentifier(CLAIMS),)},
        {"purposes": (Purpose.TIME_STAMPING,)}, {"key": ec_key(ec.SECP384R1), "algorithm": "es384"},
        {"key": rsa.generate_private_key(65537, 2048), "algorithm": "ps512"},
        {"key": ed25519.Ed25519PrivateKey.generate(), "algorithm": "ed25519"},
    ],
)  # fmt: skip
def test_what_c2pa_takes_breaks_no_rule(fields):
    identity = Made(**fields).identity()
    check_identity(identity)
    assert broken_rule(identity.certificate, identity.algorithm) is None


def test_a_damaged_certificate():
    identity = Made().identity()
    damaged = identity.certificate[:60] + b"!!" + identity.certificate[62:]
    with pytest.raises(InputError, match="the certificate is damaged"):
        check_identity(Identity(damaged, identity.key))


@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_damage_anywhere_is_told_and_never_an_error():
    certificate = Made().identity().certificate
    for position in range(len(certificate)):
        for other in (b"A", b"+", b"9"):
            damaged = certificate[:position] + other + certificate[position + 1 :]
            rule = broken_rule(damaged, "es256")
            assert rule is None or rule.startswith("the ")


@pytest.fixture
def folder(signer, tmp_path):
    """A signer's folder to be spoilt."""
    for file in signer.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


@pytest.mark.parametrize("file", [CERTIFICATE, KEY, TRUST])
@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_mark_at_the_beginning_is_named(folder, file, codec):
    (folder / file).write_text((folder / file).read_text(), encoding=codec)
    with pytest.raises(InputError, match=f'"{file[:-4]}" in signing.json names should be PEM, .* byte order mark'):
        read_identity(folder / FILE)
    if file == TRUST:  # c2pa overlooks the first root then
        with pytest.raises(InputError, match="byte order mark"):
            read_trust(folder / FILE)


@pytest.mark.parametrize("first", [CERTIFICATE, KEY])
def test_key_and_chain_in_one_file(folder, first):
    both = sorted([CERTIFICATE, KEY], key=lambda file: file != first)
    content = b"".join((folder / file).read_bytes() for file in both)
    kept = (folder / KEY).read_bytes()
    (folder / KEY).write_bytes(content)
    with pytest.raises(InputError, match=r"has certificates, too\. Leave the key alone there"):
        read_identity(folder / FILE)
    (folder / KEY).write_bytes(kept)
    (folder / CERTIFICATE).write_bytes(content)
    with pytest.raises(InputError, match=r"has a private key, too\. Put the key alone into the file"):
        read_identity(folder / FILE)
