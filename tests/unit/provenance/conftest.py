"""A signer and a signed video."""

from pathlib import Path

import pytest

from dragnuwa.provenance.certificate import TRUST, make_certificate
from dragnuwa.provenance.identity import FILE, Identity, read_identity
from dragnuwa.provenance.manifest import Record
from dragnuwa.provenance.signing import sign
from tests.support.credentials import DRAWING, write_mp4

NAME = "Jane Doe"


@pytest.fixture(scope="session")
def signer(tmp_path_factory) -> Path:
    """A folder with a certificate for trying."""
    folder = tmp_path_factory.mktemp("signer")
    make_certificate(folder, NAME, 30)
    return folder


@pytest.fixture(scope="session")
def identity(signer) -> Identity:
    return read_identity(signer / FILE)


@pytest.fixture(scope="session")
def trust(signer) -> bytes:
    return (signer / TRUST).read_bytes()


@pytest.fixture(scope="session")
def unsigned(tmp_path_factory) -> Path:
    return write_mp4(tmp_path_factory.mktemp("unsigned") / "unsigned.mp4")


@pytest.fixture(scope="session")
def signed(tmp_path_factory, unsigned, identity) -> Path:
    path = tmp_path_factory.mktemp("signed") / "signed.mp4"
    sign(unsigned, path, Record("by a model", "signed.mp4", DRAWING, "a model"), identity)
    return path
