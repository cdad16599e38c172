"""Bytes of a page to text, the same text whatever the labels of the day say.

A server's ``charset`` label may flip between two fetches of the same bytes; a
reading that believed it would report an edit nobody made. So the bytes are
asked first (utf-8 that decodes is utf-8, whatever the labels say), then what is
written inside the page, and the header last.
"""

from __future__ import annotations

import re

from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

# One stray byte in a page of valid utf-8 is a slip of an advert or a cut at the end,
# not another encoding: fewer bad bytes than this share of the good sequences.
_STRAY_SHARE = 0.02
# Where the page or the server says utf-8, broken text in it (an advert's, a reader's name) is no
# other encoding either, as long as most of what is not ASCII is whole.
_STRAY_SHARE_DECLARED = 0.5
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
# Halves of UTF-16 pairs written as if they were characters (CESU-8): no utf-8, nor other text.
_SURROGATES = re.compile(rb"(?:\xed[\xa0-\xbf][\x80-\xbf])+")
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")  # as "surrogateescape" leaves them
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
# Where stray bytes say nothing of the text: what no reader sees. Linear: no search passes by the
# next beginning of the same.
_UNSEEN = re.compile(
    rb"<!--(?:(?!<!--).)*?-->|<(script|style)\b(?:(?!<\1\b).)*?</\1", re.DOTALL | re.IGNORECASE
)
# These turn plain ASCII into markup, and no honest page uses them (WHATWG knows none of them).
_REFUSED = frozenset({"utf-7", "utf7", "unicode-escape", "raw-unicode-escape"})


def _stray_byte(match: re.Match[str]) -> str:
    """Read a byte that utf-8 refused as Windows-1252, the usual guest."""
    return bytes([ord(match[0]) - 0xDC00]).decode("cp1252", "replace")


def _whole_pairs(match: re.Match[bytes]) -> bytes:
    """The characters that pairs of surrogates stand for; a half without its other is nothing."""
    halves = match[0].decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    return halves.decode("utf-16-le", "ignore").encode()


def decode(body: bytes, content_type: str | None = None) -> str:
    """The text of a response body.

    Order: utf-8 if it decodes strictly, a byte order mark, utf-8 with a few stray
    bytes, the page's own declaration, the ``Content-Type`` header, Windows-1252.
    Never raises: what no encoding explains becomes U+FFFD.
    """
    bom, _ = read_bom(body)
    if bom is not None:
        return body.decode(bom, "replace").removeprefix("\ufeff")
    if _is_wide(body):
        return body.decode("utf-16-le" if body[1:2] == b"\0" else "utf-16-be", "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    labels = (html_body_declared_encoding(body), http_content_type_encoding(content_type))
    whole = _SURROGATES.sub(_whole_pairs, body)
    if _mostly_utf8(whole, declared="utf-8" in labels, mended=len(whole) < len(body)):
        return _ESCAPED_BYTE.sub(_stray_byte, whole.decode("utf-8", "surrogateescape"))
    return _first_clean(body, [label for label in labels if label and label not in _REFUSED])


def _is_wide(body: bytes) -> bool:
    """Whether every other byte of the start is NUL: utf-16 without its mark."""
    start = body[:200]
    return len(start) > 3 and start.count(0) * 5 > len(start) * 2


def _mostly_utf8(body: bytes, *, declared: bool, mended: bool) -> bool:
    """Whether the page is utf-8 but for stray bytes.

    ``declared`` says that it claims to be, ``mended`` that surrogates were taken out of it.
    """
    body = _UNSEEN.sub(b"", body)
    good = len(_MULTIBYTE.findall(body))
    bad = len(_HIGH_BYTE.findall(_MULTIBYTE.sub(b"", body)))
    share = _STRAY_SHARE_DECLARED if declared else _STRAY_SHARE
    return bad <= max(1, good * share) and (good > 0 or mended)


def _first_clean(body: bytes, labels: list[str]) -> str:
    """The first label's reading without a replacement character, else the least broken one."""
    readings = []
    for label in [*labels, "cp1252"]:
        try:
            text = body.decode(label, "replace")
        except (LookupError, UnicodeError):  # Python's "hex", "idna" and such are no charsets
            continue
        if "�" not in text:
            return text
        readings.append(text)
    return min(readings, key=lambda text: text.count("�"))


# --------------------------------------------------------------------------
# References to what is no character

_REFERENCE = re.compile(r"&#(?:x(?P<hex>[0-9a-f]+)|(?P<number>[0-9]+));?", re.IGNORECASE)
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST_REFERENCE = 7  # digits of the last code point, 1114111


def without_false_references(html: str) -> str:
    """A page without numeric references to characters that XML 1.0 (2.2) cannot hold.

    One ``&#27;`` in its body, and the main-text reader returns nothing at all.
    """
    return _REFERENCE.sub(_true_reference, html) if "&#" in html else html


def _true_reference(match: re.Match[str]) -> str:
    """A reference as it stands, or nothing where it names no character."""
    digits = (match["hex"] or match["number"]).lstrip("0")
    if not digits or len(digits) > _LONGEST_REFERENCE:
        return ""
    point = int(digits, 16 if match["hex"] else 10)
    return "" if point > 0x10FFFF or _NO_CHARACTER.match(chr(point)) else match[0]


# --------------------------------------------------------------------------
# Text that was encoded twice

# A utf-8 sequence that somebody read as Latin-1 or Windows-1252 and encoded again ("Ã±", "â€™").
_TWICE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{1,3}")
_LATIN = re.compile("[\u00c0-\u00ff]")
_LEAST_TWICE = 3
_TWICE_SHARE = 0.8  # of the accented letters; an honest page has hardly any such pair


def mended(text: str) -> str:
    """A text with doubly encoded letters put right, when most of its accents are of that kind.

    Some caches and archives encode a page twice on one day and not on the next.
    """
    hits = [match[0] for match in _TWICE.finditer(text) if _once(match[0]) != match[0]]
    if len(hits) < _LEAST_TWICE or len(hits) < _TWICE_SHARE * len(_LATIN.findall(text)):
        return text
    return _TWICE.sub(lambda match: _once(match[0]), text)


def _once(run: str) -> str:
    """A run of letters decoded once more, or itself where that gives no text."""
    try:
        raw = b"".join(
            bytes([ord(sign)]) if ord(sign) < 256 else sign.encode("cp1252") for sign in run
        )
        return raw.decode("utf-8")
    except UnicodeError:
        return run
