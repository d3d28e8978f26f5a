"""Text that went through other programs and systems on its way: its encoding, line ends, blanks and marks.

One rule for everything that is read. A file is UTF-8, or UTF-16 or UTF-32 where its first bytes say so, or where every
other byte is zero, as some programs write it. A text keeps its characters if it can be read as it is; otherwise
what such programs put in is taken out (`tidied`)."""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from typing import Any

REMEDY = "Save the file again as plain text in UTF-8."
_MARKS = (  # UTF-32 first, since its mark begins with that of UTF-16
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF8, "utf-8-sig"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)
_PROBED = 512  # bytes
_RARE_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_BLANKS = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\xad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_FENCE = "```"
_SIGNS = str.maketrans({
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\uff07", "'"),
    **dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d", "-"),
    **dict.fromkeys("\uff0c\u3001", ","),
    "\uff1a": ":", "\uff1b": ";", "\uff3b": "[", "\uff3d": "]", "\uff5b": "{", "\uff5d": "}", "\uff0e": ".",
})  # fmt: skip


def decoded(data: bytes | bytearray) -> str:
    """The text in a file's bytes, without a byte order mark.

    Raises:
        UnicodeDecodeError: if it is not in one of these encodings.
    """
    start = bytes(data[:_PROBED])
    encoding = next((name for mark, name in _MARKS if start.startswith(mark)), None) or _unmarked(start)
    return bytes(data).decode(encoding).removeprefix("\ufeff")


def with_line_feeds(text: str) -> str:
    """A text whose lines end with line feeds, without a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def with_plain_blanks(text: str) -> str:
    """The same, also where lines end as few programs end them, with usual spaces for those of typesetting, and without
    characters that cannot be seen."""
    text = _RARE_LINE_ENDS.sub("\n", with_line_feeds(text))
    return text if text.isascii() else _INVISIBLE.sub("", _BLANKS.sub(" ", text))


def tidied(text: str) -> str:
    """A text such as JSON as it was before a word processor, a messenger or a forum changed it: plain blanks, straight
    quotation marks, hyphens as signs, and no fence of a code block around it."""
    text = with_plain_blanks(text).strip()
    if text.startswith(_FENCE) and text.endswith(_FENCE) and "\n" in text:
        text = text[text.index("\n") : -len(_FENCE)].strip()
    return text.translate(_SIGNS)


def json_value(text: str, **options: Any) -> Any:
    """The value of JSON as it is, or else as it is `tidied`; the options are those of `json.loads`.

    Raises:
        ValueError, RecursionError: of the text as it is.
    """
    try:
        return json.loads(text, **options)
    except (ValueError, RecursionError) as error:
        try:
            return json.loads(tidied(text), **options)
        except (ValueError, RecursionError):
            raise error from None


def _unmarked(start: bytes) -> str:
    """UTF-16 without a mark is told by the zeros of its ASCII characters, of which UTF-8 has none."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if len(start) < 4 or 4 * max(even, odd) < len(start):
        return "utf-8"
    return "utf-16-be" if odd == 0 else "utf-16-le" if even == 0 else "utf-8"
