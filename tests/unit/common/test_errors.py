"""Messages that quote what comes from outside can be printed anywhere."""

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragnuwa.common.errors import InputError, printable


@given(st.text(st.characters(categories=None)))
def test_every_text_can_be_written_as_utf8_without_controlling_a_terminal(text):
    shown = printable(text)
    assert shown.encode("utf-8").decode("utf-8") == shown
    assert shown.replace("\n", "").isprintable()
    if text.replace("\n", "").isprintable():
        assert shown == text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "gbk"])
def test_every_text_can_be_written_to_the_streams_of_the_process(encoding, monkeypatch):
    log = io.TextIOWrapper(io.BytesIO(), encoding=encoding)  # strict, as ComfyUI's is
    monkeypatch.setattr(sys, "stderr", log)
    log.write(str(InputError("\ud800 \u540d \xe9 \x1b[2J \u202e \U0001f600 \0")))
    log.flush()


def test_a_process_without_streams(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "stdout", None)
    assert printable("\u540d\ud83d") == "\u540d\\ud83d"


def test_line_breaks_stay():
    assert str(InputError("one\ntwo\r\x07")) == "one\ntwo\\r\\x07"
