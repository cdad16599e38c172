"""Everything that may come back in an article's place, and how it may be filed.

The tables of the field notes on reliability (2.1 to 2.3), and what they leave out: one row a fault.
"""

from __future__ import annotations

import gzip
import tomllib
import zlib
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import brotli
import zstandard

from fault_origin import (
    OK,
    PAGE,
    PARAGRAPHS,
    RESET,
    Piece,
    Route,
    answer,
    endless,
    redirect,
)

BOMB = b"\0" * (64 * 2**20)


@dataclass(frozen=True, slots=True)
class Fault:
    """What comes back, and how it may be filed.

    ``ends`` are outcomes, or outcomes with a detail ("failed/timeout"), one of which must be met.
    ``alone`` faults stop or slow their whole host, so they get one of their own.
    """

    route: Route
    ends: frozenset[str]
    alone: bool = False


def _fault(ends: str, route: Route, *, alone: bool = False) -> Fault:
    return Fault(route, frozenset(ends.split()), alone)


def _bytes(ends: str, *pieces: Piece, alone: bool = False) -> Fault:
    return _fault(ends, lambda _: pieces, alone=alone)


def _answers(ends: str, body: bytes = PAGE, status: int = 200, **headers: str) -> Fault:
    label = headers.pop("label", "text/html")
    return _fault(ends, lambda _: answer(body, status, label, **headers))


def _leads(ends: str, to: str, status: int = 302) -> Fault:
    return _fault(ends, lambda _: redirect(to, status))


def html_page(head: str, body: str, lang: str = "en") -> bytes:
    return (
        f"<!doctype html><html lang='{lang}'><head>{head}</head><body>{body}</body></html>".encode()
    )


def _packed(coding: str, body: bytes, ends: str) -> Fault:
    return _answers(ends, body, Content_Encoding=coding)


READ = "read"
BAD = "failed/bad_http failed/bad_answer failed/connection_lost failed/cut_short failed/timeout"
CUT = "failed/cut_short"
LOST = "failed/connection_lost"
GUARD = "refused/guard"
HALF = len(PAGE) // 2


def _chunked(*chunks: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LENGTH = OK + b"Content-Length: %d\r\n\r\n" % len(PAGE)

WIRE: dict[str, Fault] = {
    "whole": _answers(READ),
    "hang-up": _bytes(LOST),
    "reset": _bytes(LOST, RESET),
    "reset-in-head": _bytes(LOST, b"HTTP/1.1 200 OK\r\nContent-Ty", RESET),
    "reset-in-body": _bytes(f"{LOST} {CUT}", LENGTH + PAGE[:HALF], 0.1, RESET),
    "reset-in-chunk": _bytes(f"{LOST} {CUT}", CHUNKED + _chunked(PAGE[:HALF]), 0.1, RESET),
    "reset-closed-body": _bytes(f"{LOST} {CUT}", OK + b"\r\n" + PAGE[:HALF], 0.1, RESET),
    "closed-in-head": _bytes(BAD, b"HTTP/1.1 200 OK\r\nContent-Ty"),
    "silent": _bytes("failed/timeout", 30.0, alone=True),
    "silent-after-head": _bytes("failed/timeout", LENGTH, 30.0, alone=True),
    "silent-at-half": _bytes("failed/timeout", LENGTH + PAGE[:HALF], 30.0, alone=True),
    "drip": _fault(
        "failed/timeout",
        lambda _: (p for n in range(400) for p in (b"H" if n else b"HTTP/1.1 200 O", 0.1)),
        alone=True,
    ),
    "drip-body": _fault(
        "failed/timeout",
        lambda _: (p for n in range(400) for p in (PAGE[n : n + 1] if n else LENGTH, 0.1)),
        alone=True,
    ),
    "not-http": _bytes(BAD, b"220 mail.example ESMTP ready\r\n" * 3),
    "http-0.9": _bytes(BAD, PAGE),
    "http-1.0": _bytes(READ, b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE),
    "http-9.9": _bytes(f"{BAD} {READ}", LENGTH.replace(b"1.1", b"9.9", 1) + PAGE),
    "tls-on-plain": _bytes(BAD, b"\x15\x03\x01\x00\x02\x02\x0a"),
    "no-reason": _bytes(READ, LENGTH.replace(b" OK", b"", 1) + PAGE),
    "status-word": _bytes(BAD, b"HTTP/1.1 OK 200\r\n\r\n" + PAGE),
    "status-0": _bytes(f"{BAD} unreadable", LENGTH.replace(b"200", b"000", 1) + PAGE),
    "status-negative": _bytes(f"{BAD} unreadable", LENGTH.replace(b"200", b"-20", 1) + PAGE),
    "status-long": _bytes(f"{BAD} unreadable", LENGTH.replace(b"200", b"2" * 5000, 1) + PAGE),
    "status-five-digits": _bytes("failed/bad_http", LENGTH.replace(b"200", b"99999", 1) + PAGE),
    "header-no-colon": _bytes(f"{BAD} {READ}", OK + b"rubbish\r\n\r\n" + PAGE),
    "header-nul": _bytes(f"{BAD} {READ}", OK + b"X-A: \0\x01\r\n\r\n" + PAGE),
    "header-latin": _bytes(READ, OK + "X-A: caf\xe9 \u20ac\r\n\r\n".encode() + PAGE),
    "header-folded": _bytes(f"{BAD} {READ}", OK + b"X-A: one\r\n two\r\n\r\n" + PAGE),
    "header-folded-first": _bytes("failed/bad_http", LENGTH.replace(b"\r\n", b"\r\n a: b\r\n", 1)),
    "header-line-long": _bytes(READ, OK + b"X-A: " + b"a" * 60_000 + b"\r\n\r\n" + PAGE),
    "line-feeds": _bytes(f"{BAD} {READ}", LENGTH.replace(b"\r\n", b"\n") + PAGE),
    "blank-line-first": _bytes(f"{BAD} {READ}", b"\r\n" + LENGTH + PAGE),
    "length-short": _bytes(
        f"{CUT} {READ}", OK + b"Content-Length: %d\r\n\r\n" % (len(PAGE) - 20) + PAGE
    ),
    "length-long": _bytes(CUT, OK + b"Content-Length: 99999\r\n\r\n" + PAGE),
    "length-negative": _bytes(BAD, OK + b"Content-Length: -5\r\n\r\n" + PAGE),
    "length-word": _bytes(BAD, OK + b"Content-Length: many\r\n\r\n" + PAGE),
    "length-twice": _bytes(f"{BAD}", OK + b"Content-Length: 9\r\nContent-Length: 5\r\n\r\n" + PAGE),
    "length-zero": _bytes("unreadable/empty", OK + b"Content-Length: 0\r\n\r\n" + PAGE),
    "length-huge": _bytes("failed/too_large", OK + b"Content-Length: 99999999999\r\n\r\nabc"),
    "length-and-chunked": _bytes(
        f"{BAD} {READ}",
        OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + _chunked(PAGE, b""),
    ),
    "chunks": _bytes(READ, CHUNKED + _chunked(PAGE[:99], PAGE[99:], b"")),
    "chunk-bad": _bytes(BAD, CHUNKED + b"zz\r\n"),
    "chunk-negative": _bytes(BAD, CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n"),
    "chunk-overflow": _bytes(BAD, CHUNKED + b"f" * 40 + b"\r\nhello"),
    "chunk-huge": _bytes(f"{BAD} failed/too_large", CHUNKED + b"7fffffff\r\n" + PAGE),
    "chunk-unended": _bytes(CUT, CHUNKED + _chunked(PAGE)),
    "chunk-no-last-line": _bytes(f"{CUT} {READ}", CHUNKED + _chunked(PAGE) + b"0\r\n"),
    "chunk-short": _bytes(BAD, CHUNKED + b"5\r\nhello world\r\n0\r\n\r\n"),
    "chunk-extension-flood": _fault(
        "failed", lambda _: endless(CHUNKED + b"5;", b"a=b;" * 4000), alone=True
    ),
    "chunk-empty-flood": _fault(
        "failed", lambda _: endless(CHUNKED, b"1\r\na\r\n" * 4000), alone=True
    ),
    "trailer-flood": _fault(
        "failed read",
        lambda _: endless(CHUNKED + _chunked(PAGE) + b"0\r\n", b"X-A: b\r\n" * 4000),
        alone=True,
    ),
    "transfer-gzip": _bytes(
        "failed unreadable",
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + _chunked(gzip.compress(PAGE), b""),
    ),
    "second-answer": _bytes(READ, LENGTH + PAGE + b"HTTP/1.1 404 No\r\n\r\n"),
    "close-cut": _bytes(CUT, OK + b"\r\n" + PAGE[:HALF]),
    "close-whole": _bytes(READ, OK + b"\r\n" + PAGE),
    "interim": _bytes(READ, b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + LENGTH + PAGE),
    "interim-flood": _fault(
        "failed/head_too_large",
        lambda _: endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 400),
        alone=True,
    ),
    "continue-flood": _fault(
        "failed/head_too_large",
        lambda _: endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 400),
        alone=True,
    ),
    "switching": _bytes(BAD, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"),
    "head-endless": _fault(
        "failed/head_too_large",
        lambda _: endless(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"a" * 4000 + b"\r\n"),
        alone=True,
    ),
    "head-one-line": _fault(
        "failed", lambda _: endless(b"HTTP/1.1 200 OK\r\nX-More: ", b"a" * 65536), alone=True
    ),
    "status-endless": _fault("failed", lambda _: endless(b"HTTP/1.1 200 ", b"K" * 65536)),
    "head-many": _bytes("failed read", OK + b"X-A: b\r\n" * 9000 + b"\r\n" + PAGE),
    "cookie-flood": _bytes(
        "failed/head_too_large", OK + b"Set-Cookie: a=%s\r\n" % (b"b" * 4000) * 100 + b"\r\n" + PAGE
    ),
    "cookies": _bytes(READ, OK + b"Set-Cookie: a=b; Path=/\r\n" * 300 + b"\r\n" + PAGE),
    "body-endless": _fault("failed/too_large", lambda _: endless(OK + b"\r\n", b"a" * 65536)),
    "body-endless-slow": _fault(
        "failed/timeout",
        lambda _: (p for n in range(400) for p in (OK + b"\r\n" if not n else b"a" * 99, 0.1)),
        alone=True,
    ),
}

STATUS: dict[str, Fault] = {
    **{f"status-{status}": _answers("unreadable", PAGE, status) for status in (226, 299, 600, 999)},
    "status-202": _answers("unreadable/http_202 blocked", b"", 202),
    "status-203": _answers("unreadable read", PAGE, 203),
    "status-204": _bytes("unreadable/http_204", b"HTTP/1.1 204 No\r\nConnection: close\r\n\r\n"),
    "status-205": _answers("unreadable/http_205", b"", 205),
    "status-206": _answers("unreadable/http_206", PAGE[:HALF], 206),
    "status-300": _answers("failed", b"", 300),
    "status-304": _bytes("failed/http_304", b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "status-305": _answers("failed", b"", 305),
    "status-401": _answers("blocked/http_401", b"", 401, WWW_Authenticate="Basic"),
    "status-402": _answers("blocked/http_402", b"", 402),
    "status-403": _answers("blocked/http_403", b"", 403),
    "status-403-article": _answers("blocked/http_403", PAGE, 403),
    "status-404": _answers("gone/http_404", b"", 404),
    "status-404-article": _answers("gone/http_404", PAGE, 404),
    "status-407": _answers("failed blocked", b"", 407),
    "status-410": _answers("gone/http_410", b"", 410),
    "status-451": _answers(
        "refused/legal", b"", 451, Link='<https://example.org/court>; rel="blocked-by"'
    ),
    **{
        f"status-{status}": _answers(f"failed/http_{status}", b"", status)
        for status in (400, 405, 406, 408, 409, 411, 413, 414, 415, 418, 421, 425, 426, 431)
    },
    **{
        f"status-{status}": _answers(f"failed/http_{status}", PAGE, status)
        for status in (500, 501, 502, 504, 505, 507, 508, 511, 520, 522, 525, 530)
    },
    **{
        f"status-{status}-{name}": Fault(
            partial(lambda status, wish, _: answer(b"", status, Retry_After=wish), status, wish),
            frozenset({f"failed/http_{status}"}),
            alone=True,
        )
        for status in (429, 503)
        for name, wish in {
            "seconds": "120",
            "date": "Wed, 21 Oct 2099 07:28:00 GMT",
            "past": "Wed, 21 Oct 1999 07:28:00 GMT",
            "negative": "-5",
            "zero": "0",
            "huge": "9" * 400,
            "garbage": "soon, \x01 I hope",
            "fraction": "1.5",
            "empty": "",
        }.items()
    },
}

INSIDE = (
    "http://127.0.0.1:9/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/",
    "http://100.64.0.1/",
    "http://0.0.0.0/",
    "http://0/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0x7f.1/",
    "http://127.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://localhost/",
    "http://a.localhost/",
    "http://localhost./",
    "http://\uff11\uff12\uff17.0.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://user:secret@example.com/",
    "http://127.0.0.1\\@example.com/",
    "http://example.com:22/",
    "http://example.com:25/",
    "//127.0.0.1:9/",
)

REDIRECTS: dict[str, Fault] = {
    "loop": _leads("failed/redirects", "/first/loop"),
    "loop-mutual": _leads("failed/redirects", "/mutual/a"),
    "growing": _leads("failed/redirects", "/growing?a"),
    "no-location": _answers("failed/http_302", b"", 302),
    "empty-location": _leads("failed", ""),
    "blank-location": _leads("failed refused", "http://exa mple.com/ a"),
    "two-locations": _bytes(
        "failed refused gone",
        b"HTTP/1.1 302 Found\r\nLocation: /nowhere\r\nLocation: http://10.0.0.1/\r\n"
        b"Content-Length: 0\r\n\r\n",
    ),
    "long-location": _leads("failed refused", "http://example.com/" + "a" * 9000),
    "to-missing": _leads("gone/http_404", "/nowhere"),
    "to-bad-port": _leads("failed refused", "http://example.com:99999/"),
    **{
        f"to-{scheme}": _leads("failed refused gone/http_404", there)
        for scheme, there in {
            "file": "file:///etc/passwd",
            "ftp": "ftp://example.com/a",
            "data": "data:text/html,<p>hello",
            "javascript": "javascript:alert(1)",
            "gopher": "gopher://example.com/",
            "nothing": "://",
        }.items()
    },
    **{f"to-inside-{n}": _leads(f"{GUARD} failed", there) for n, there in enumerate(INSIDE)},
    "to-home": _leads("gone/redirect_home", "/"),
    "to-home-query": _leads("gone unreadable", "/?from=article"),
    "to-section": _leads("gone unreadable/listing", "/first"),
    "to-login": _leads("blocked/login", "/login?next=article"),
    "to-consent": _leads("blocked/cookie_wall", "/consent?back=article"),
    "to-captcha": _leads("blocked/captcha", "/challenge"),
    "refresh-inside": _answers(
        f"unreadable blocked {GUARD}",
        html_page("<meta http-equiv=refresh content='0;url=http://10.0.0.1/'>", ""),
    ),
    "refresh-home": _answers(
        "unreadable gone",
        html_page("<meta http-equiv='refresh' content='0; url=/'>", "<p>One moment, please.</p>"),
    ),
    "refresh-header": _answers("unreadable", html_page("", ""), Refresh="0; url=http://10.0.0.1/"),
    "script-away": _answers(
        "unreadable",
        html_page("<script>window.location.replace('/other')</script>", "<p>Redirecting…</p>"),
    ),
}

CODINGS: dict[str, Fault] = {
    "gzip": _packed("gzip", gzip.compress(PAGE), READ),
    "gzip-upper": _packed("GZIP", gzip.compress(PAGE), READ),
    "x-gzip": _packed("x-gzip", gzip.compress(PAGE), READ),
    "gzip-members": _packed("gzip", gzip.compress(PAGE[:99]) + gzip.compress(PAGE[99:]), READ),
    "gzip-rubbish-behind": _packed("gzip", gzip.compress(PAGE) + b"\0" * 9, READ),
    "deflate": _packed("deflate", zlib.compress(PAGE), READ),
    "deflate-raw": _packed("deflate", zlib.compress(PAGE)[2:-4], READ),
    "br": _packed("br", brotli.compress(PAGE), READ),
    "zstd": _packed("zstd", zstandard.compress(PAGE), READ),
    "zstd-frames": _packed(
        "zstd", zstandard.compress(PAGE[:99]) + zstandard.compress(PAGE[99:]), READ
    ),
    "zstd-skipped": _packed(
        "zstd", b"\x50\x2a\x4d\x18\3\0\0\0abc" + zstandard.compress(PAGE), READ
    ),
    "zstd-frame-cut": _packed(
        "zstd", zstandard.compress(PAGE[:99]) + zstandard.compress(PAGE[99:])[:-9], CUT
    ),
    "identity": _packed("identity", PAGE, READ),
    "gzip-br": _packed("gzip, br", brotli.compress(gzip.compress(PAGE)), READ),
    "gzip-cut": _packed("gzip", gzip.compress(PAGE)[:-40], CUT),
    "gzip-cut-in-trailer": _packed("gzip", gzip.compress(PAGE)[:-3], CUT),
    "deflate-cut": _packed("deflate", zlib.compress(PAGE)[:-40], CUT),
    "br-cut": _packed("br", brotli.compress(PAGE)[:-9], CUT),
    "zstd-cut": _packed("zstd", zstandard.compress(PAGE)[:-9], CUT),
    "gzip-lie": _packed("gzip", PAGE, "unreadable/bad_encoding"),
    "br-lie": _packed("br", PAGE, "unreadable/bad_encoding failed/cut_short"),
    "zstd-lie": _packed("zstd", PAGE, "unreadable/bad_encoding"),
    "gzip-crc": _packed(
        "gzip", gzip.compress(PAGE)[:-8] + b"\0" * 8, "unreadable/bad_encoding failed"
    ),
    "gzip-unsaid": _answers("unreadable/not_html", gzip.compress(PAGE)),
    "gzip-thrice": _packed("gzip, gzip, gzip", PAGE, "unreadable/bad_encoding"),
    "coding-unknown": _packed("sdch", b"\x01\x02\x03" * 99, "unreadable/bad_encoding"),
    "coding-flood": _packed("gzip, " * 900, PAGE, "unreadable/bad_encoding"),
    "gzip-members-flood": _packed("gzip", gzip.compress(b"") * 9000, "unreadable"),
    "gzip-bomb": _packed("gzip", gzip.compress(BOMB), "unreadable/too_large"),
    "gzip-bomb-nested": _packed(
        "gzip, gzip", gzip.compress(gzip.compress(BOMB)), "unreadable/too_large"
    ),
    "deflate-bomb": _packed("deflate", zlib.compress(BOMB), "unreadable/too_large"),
    "br-bomb": _packed("br", brotli.compress(BOMB, quality=1), "unreadable/too_large"),
    "zstd-bomb": _packed("zstd", zstandard.compress(BOMB), "unreadable/too_large"),
}


def _labelled(charset: str) -> dict[str, Any]:
    return {"label": f"text/html; charset={charset}"}


WRONG = "unreadable/not_html"
BYTES: dict[str, Fault] = {
    "empty": _answers("unreadable/empty", b""),
    "blank": _answers("unreadable/empty", b"  \r\n\t\n"),
    "bom-only": _answers("unreadable", b"\xef\xbb\xbf"),
    "nul-only": _answers("unreadable", b"\0" * 5000),
    "nul-bytes": _answers("read", PAGE.replace(b"the", b"th\0e", 3).replace(b"th\0e", b"the")),
    "nul-between": _answers("read unreadable", PAGE.replace(b"<p>", b"\0<p>\0")),
    "bom": _answers(READ, b"\xef\xbb\xbf" + PAGE),
    "utf-16": _answers(READ, PAGE.decode().encode("utf-16")),
    "utf-16-labelled": _answers(READ, PAGE.decode().encode("utf-16"), **_labelled("utf-16")),
    "utf-16-be": _answers(READ, PAGE.decode().encode("utf-16-be"), **_labelled("utf-16be")),
    "utf-16-lie": _answers(READ, PAGE, **_labelled("utf-16")),
    "charset-unknown": _answers(READ, PAGE, **_labelled("klingon")),
    "charset-garbage": _answers(READ, PAGE, **_labelled("'\"<>\x01")),
    "charset-latin": _answers(READ, PAGE, **_labelled("iso-8859-1")),
    "charset-utf-7": _answers(READ, PAGE, **_labelled("utf-7")),
    "random": _answers("unreadable", bytes((n * n * 31 + n) % 256 for n in range(20000))),
    "png-as-html": _answers("unreadable", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40),
    "pdf-as-html": _answers("unreadable", b"%PDF-1.7\n" + b"1 0 obj <</Type /Page>> endobj\n" * 99),
    "jpeg-as-html": _answers("unreadable/not_html", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40),
    "webp-as-html": _answers("unreadable/not_html", b"RIFF\x10\0\0\0WEBP" + bytes(range(256)) * 40),
    "zip-as-html": _answers("unreadable", b"PK\x03\x04" + bytes(range(256)) * 9),
    "json-as-html": _answers("unreadable", b'{"error": "The service is busy, try again later."}'),
    "json-article-as-html": _answers(
        "unreadable", b'{"headline": "The weir", "body": "%s"}' % PARAGRAPHS.encode()[:900]
    ),
    "script-as-html": _answers("unreadable", b"window.a = function () { return 1; };\n" * 99),
    "text-as-html": _answers("unreadable", b"ok\n"),
    "png": _answers(WRONG, b"\x89PNG\r\n", label="image/png"),
    "pdf": _answers(WRONG, b"%PDF-1.7\n", label="application/pdf"),
    "json": _answers(WRONG, b"{}", label="application/json"),
    "html-as-json": _answers(WRONG, PAGE, label="application/json"),
    "html-as-text": _answers(READ, PAGE, label="text/plain"),
    "html-as-octets": _answers(READ, PAGE, label="application/octet-stream"),
    "xhtml": _answers(READ, PAGE, label="application/xhtml+xml"),
    "label-empty": _answers(READ, PAGE, label=""),
    "label-garbage": _answers("unreadable", PAGE, label="\x01;;;"),
    "label-none": _bytes(READ, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PAGE) + PAGE),
    "video": _answers(WRONG, b"\0\0\0\x20ftypmp42", label="video/mp4"),
    "rss-at-page": _answers("unreadable/is_feed", b"<?xml version='1.0'?><rss><channel/></rss>"),
    "map-at-page": _answers("unreadable/is_sitemap", b"<urlset></urlset>", label="text/xml"),
    "many-attributes": _answers(
        "unreadable",
        html_page("", "<p " + " ".join(f"a{n}=1" for n in range(40000)) + ">Hello.</p>"),
    ),
    "many-elements": _answers("unreadable", html_page("", "<p>a" * 300_000)),
    "deep": _answers("unreadable read", html_page("", "<div>" * 100_000 + PARAGRAPHS)),
    "long-line": _answers("unreadable read", html_page("", "<p>" + "word " * 1_500_000)),
    "regex-food": _answers("unreadable read", html_page("", "<p>" + "(" * 400_000 + "</p>")),
    "entities": _answers(
        "unreadable read",
        b"<!DOCTYPE html [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><html><body>&b;</body></html>",
    ),
    "surrogate": _answers(
        READ,
        PAGE.replace(
            b"</head>",
            b'<script type="application/ld+json">'
            b'{"@type":"NewsArticle","author":"\\ud800"}</script></head>',
        ),
    ),
}


@lru_cache(maxsize=1)
def pages() -> dict[str, Fault]:
    """The pages of fault_pages.toml: what real systems put in an article's place."""
    return {
        name: _answers(row["ends"], page_of(name), row.get("status", 200))
        for name, row in _rows().items()
    }


@lru_cache(maxsize=1)
def _rows() -> dict[str, dict[str, Any]]:
    rows = tomllib.loads(Path(__file__).with_name("fault_pages.toml").read_text("utf-8"))["page"]
    return {row["name"]: row for row in rows}


def page_of(name: str) -> bytes:
    """The body of a page of fault_pages.toml."""
    return _drawn(_rows()[name])


def _drawn(row: dict[str, Any]) -> bytes:
    if "html" in row:
        return str(row["html"]).encode()
    words = "".join(f"<p>{one}</p>" for one in row["words"])
    title = row["title"]
    shell = "<header><a href='/'>The Harbour Post</a><nav><a href='/world'>World</a></nav></header>"
    return html_page(
        f"<meta charset='utf-8'><title>{title}</title>",
        f"{shell}<main><h1>{title}</h1>{words}</main><footer><p>Contact · Imprint</p></footer>",
        row.get("lang", "en"),
    )


def all_faults() -> dict[str, Fault]:
    """Every fault by its name, which is its path too."""
    return {**WIRE, **STATUS, **REDIRECTS, **CODINGS, **BYTES, **pages()}
