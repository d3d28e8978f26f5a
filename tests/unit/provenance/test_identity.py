"""Who signs: what cannot sign is told in one sentence, which quotes no key and names no place."""

import json
import os
import stat
from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from dragnuwa.common.errors import InputError
from dragnuwa.provenance.certificate import CERTIFICATE, KEY, TRUST, make_certificate
from dragnuwa.provenance.identity import FILE, read_identity, read_trust
from dragnuwa.provenance.signing import check_identity

PLACE = "/home/jane/secret-place.pem"


@pytest.fixture
def folder(signer, tmp_path):
    """A signer's folder to be spoilt."""
    for file in signer.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def refusal(folder) -> str:
    """Why nothing can be signed; the error and all of its causes quote no key and name no place."""
    secret = [line for line in (folder / KEY).read_text().splitlines() if len(line) > 40] if is_text(folder) else []
    with pytest.raises(InputError) as error:
        check_identity(read_identity(folder / FILE))
    told = str(error.value)
    everything = "".join(f"{type(one).__name__}: {one}" for one in chain(error.value))
    assert "\n" not in told
    assert not [part for part in (*secret, str(folder), PLACE) if part in everything]
    return told


def is_text(folder) -> bool:
    try:
        (folder / KEY).read_text()
    except (OSError, ValueError):
        return False
    return True


def chain(error: BaseException):
    """What ComfyUI would log of an error: its causes, as far as they are shown."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def change(folder, **fields):
    found = json.loads((folder / FILE).read_text())
    (folder / FILE).write_text(json.dumps({**found, **fields}))


def other_key(folder, form=PrivateFormat.PKCS8, encryption=None) -> bytes:
    key = load_pem_private_key((folder / KEY).read_bytes(), None)
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption())


def test_a_certificate_for_trying_can_sign(signer):
    check_identity(read_identity(signer / FILE))


def test_only_its_owner_can_read_the_key(signer):
    assert stat.S_IMODE((signer / KEY).stat().st_mode) == 0o600


def test_the_key_is_not_shown_with_the_identity(identity):
    assert "PRIVATE" not in repr(identity) and "BEGIN" not in repr(identity)


def test_nothing_is_overwritten(signer):
    before = (signer / KEY).read_bytes()
    with pytest.raises(InputError, match="already"):
        make_certificate(signer, "Another", 1)
    assert (signer / KEY).read_bytes() == before


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\nb", "\ud800"])
def test_a_name_that_a_certificate_cannot_have_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="visible characters"):
        make_certificate(tmp_path / "new", name, 1)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (FILE, "does not exist"),
        (KEY, 'The file that "key" in signing.json names does not exist'),
        (CERTIFICATE, 'The file that "certificate" in signing.json names does not exist'),
        (TRUST, 'The file that "trust" in signing.json names does not exist'),
    ],
)
def test_a_missing_file_is_named_by_what_it_is(folder, file, said):
    (folder / file).unlink()
    assert said in refusal(folder)


@pytest.mark.parametrize("file", [FILE, KEY, CERTIFICATE])
def test_a_folder_in_place_of_a_file(folder, file):
    (folder / file).unlink()
    (folder / file).mkdir()
    assert "is a folder" in refusal(folder)


@pytest.mark.parametrize("file", [FILE, KEY, CERTIFICATE])
def test_a_file_that_cannot_be_read(folder, file):
    """A link to itself, since whoever runs the tests may read whatever has no permissions."""
    (folder / file).unlink()
    os.symlink(folder / file, folder / file)
    assert "does not exist" in refusal(folder) or "cannot be read" in refusal(folder)


@pytest.mark.parametrize("file", [KEY, CERTIFICATE])
@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe" * 100, b"\0" * 50, b"x" * (2**20 + 1)])
def test_a_file_that_holds_something_else(folder, file, content):
    (folder / file).write_bytes(content)
    assert "PEM" in refusal(folder) or "at most 1 MiB" in refusal(folder)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"certificate": 1}', '{"x": "y"}', "[" * 10**5, '{"key": "\\ud800"}', '{"key": "key.pem"}']
)
def test_a_signing_file_that_is_none(folder, text):
    (folder / FILE).write_text(text)
    assert FILE in refusal(folder)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_signing_file_that_another_program_saved(folder, encoding):
    expected, text = read_identity(folder / FILE), (folder / FILE).read_text()
    (folder / FILE).write_bytes(text.replace("\n", "\r\n").replace(" ", "\u00a0").encode(encoding))
    assert read_identity(folder / FILE) == expected


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"algorithm": "rot13"}, "should be one of"),
        ({"timestamp_server": "file:///etc/passwd"}, "begins with http"),
        ({"key": PLACE}, "does not exist"),
        ({"key": "a\0b"}, "does not exist"),
        ({"key": "k" * 5000}, "cannot be read"),
        ({"key": "~nobody-at-all/key.pem"}, "does not exist"),
        ({"algorithm": "ps256"}, "no private key for that algorithm"),
    ],
)
def test_fields_that_cannot_be_used(folder, fields, said):
    change(folder, **fields)
    assert said in refusal(folder)


def test_another_ones_key(folder, tmp_path):
    make_certificate(tmp_path / "other", "Other", 1)
    (folder / KEY).write_bytes((tmp_path / "other" / KEY).read_bytes())
    assert "the key does not belong to the certificate" in refusal(folder)


def test_a_locked_key_and_one_in_an_older_form(folder):
    old, locked = (
        other_key(folder, PrivateFormat.TraditionalOpenSSL),
        other_key(folder, encryption=BestAvailableEncryption(b"secret")),
    )
    (folder / KEY).write_bytes(old)
    assert "openssl pkcs8" in refusal(folder)
    (folder / KEY).write_bytes(locked)
    assert "locked by a passphrase" in refusal(folder)


def test_an_expired_certificate(folder):
    chain_ = x509.load_pem_x509_certificates((folder / CERTIFICATE).read_bytes())
    key = load_pem_private_key((folder / KEY).read_bytes(), None)
    now, day = datetime.now(timezone.utc), timedelta(days=1)
    builder = x509.CertificateBuilder(
        chain_[0].issuer, chain_[0].subject, key.public_key(), 5, now - 9 * day, now - day
    )
    for extension in chain_[0].extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    expired = builder.sign(key, hashes.SHA256())
    parts = [one.public_bytes(Encoding.PEM) for one in (expired, chain_[1])]
    (folder / CERTIFICATE).write_bytes(b"".join(parts))
    assert "expired" in refusal(folder)


def test_a_certificate_that_is_its_own_issuer(folder):
    (folder / CERTIFICATE).write_bytes((folder / TRUST).read_bytes())
    assert "its own issuer" in refusal(folder)


def test_trust_needs_no_key(folder):
    (folder / KEY).unlink()
    assert read_trust(folder / FILE) == (folder / TRUST).read_bytes()
    (folder / FILE).write_text(json.dumps({"trust": TRUST}))
    assert read_trust(folder / FILE) == (folder / TRUST).read_bytes()
    assert read_trust(folder / "none.json") is None
