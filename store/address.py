"""Addresses: one article, one canonical address, one number.

Everything here is pure: nothing is looked up and nothing is fetched. Whether an
address may be reached at all is the crawler's question (``crawler.guard``).
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit

LONGEST_ADDRESS = 2083
"""Longest address taken, in characters (the old common browser limit, Scrapy's URLLENGTH_LIMIT)."""

DEFAULT_PORTS = {"http": 80, "https": 443}

# fmt: off
TRACKING_NAMES = frozenset({
    # Parameters that name the road taken to a page and never the page; each is documented by
    # the advertising, mail or analytics system that adds it.
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid",
    "ttclid", "igshid", "igsh", "li_fat_id", "mc_cid", "mc_eid", "mkt_tok", "_ga", "_gl",
    "_hsenc", "_hsmi", "vero_id", "wickedid", "oly_anon_id", "oly_enc_id", "cmpid", "s_cid",
    "icid", "ocid", "smid", "smtyp", "ito", "xtor", "wt_mc", "wt.mc_id", "guccounter",
    "guce_referrer", "guce_referrer_sig", "ref_src", "ref_url", "__twitter_impression",
    "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee", "spm", "cvid",
})
# fmt: on
TRACKING_PREFIXES = ("utm_", "at_", "pk_", "piwik_", "mtm_", "hsa_")
AMP_PARAMETERS = frozenset({"amp", "amp=1", "amp=true", "outputtype=amp"})

_REMEMBERED = 4_096
"""Addresses whose form is remembered: one look asks for it a dozen times."""
_UNFIT = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff\\]")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9_-])?")


class AddressError(ValueError):
    """An address that cannot be used; the message says what, where and the next step."""


@lru_cache(_REMEMBERED)
def canonical(address: str) -> str:
    """Return the one form of ``address`` under which an article is known.

    Scheme and host in lower case, default port, fragment, tracking parameters and
    trailing AMP forms dropped. The order of the other parameters is kept, since some
    sites read it.

    Raises AddressError for anything but a plain http or https address.
    """
    parts = _parts(address)
    port = _port(parts, address)
    host = _host(parts, address)
    where = host if port is None else f"{host}:{port}"
    query = _query(parts.query)
    path = _path(parts.path)
    return f"{parts.scheme}://{where}{path}" + (f"?{query}" if query else "")


@lru_cache(_REMEMBERED)
def host_of(address: str) -> str:
    """Return the host of ``address``, with ``:port`` where the port is not the default.

    Raises AddressError as ``canonical`` does.
    """
    parts = _parts(address)
    port = _port(parts, address)
    host = _host(parts, address)
    return host if port is None else f"{host}:{port}"


def is_same_place(one: str, other: str) -> bool:
    """Say whether two canonical addresses differ in nothing that a reader would notice.

    Scheme, ``www.`` and a slash at the end come and go with a server's set-up.
    """
    return _place(one) == _place(other)


def _place(address: str) -> tuple[str, str, str]:
    parts = urlsplit(address)
    return parts.netloc.removeprefix("www."), parts.path.rstrip("/"), parts.query


def article_id(address: str) -> int:
    """Return the number of the article at ``address``: 63 bits of SHA-256 of its canonical form.

    The same on every machine, so that archives can be merged.
    """
    digest = hashlib.sha256(canonical(address).encode("ascii")).digest()
    return int.from_bytes(digest[:8], "big") & (2**63 - 1)


def _parts(address: str) -> SplitResult:
    text = address.strip()
    if len(text) > LONGEST_ADDRESS:
        raise AddressError(
            f"The address beginning {text[:60]!r} is longer than {LONGEST_ADDRESS} characters; "
            "give the article's plain address."
        )
    if _UNFIT.search(text):
        raise AddressError(
            f"The address {text!r:.200} holds a blank, a control character or a backslash; "
            "copy it again from the browser's address bar."
        )
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise AddressError(
            f"The address {text!r:.200} cannot be read ({error}); check it."
        ) from None
    if parts.scheme not in DEFAULT_PORTS:
        raise AddressError(
            f"The address {text!r:.200} does not begin with http:// or https://; "
            "give the full address, beginning with https://."
        )
    if "@" in parts.netloc:
        raise AddressError(
            f"The address {_without_userinfo(parts)!r} carries a user name or password; "
            "give it without them."
        )
    return parts


def _without_userinfo(parts: SplitResult) -> str:
    # A password is never repeated in a message, since messages are logged.
    return f"{parts.scheme}://…@{parts.netloc.rpartition('@')[2]}{parts.path}"


def _port(parts: SplitResult, address: str) -> int | None:
    """Return the port where it is not the scheme's own."""
    try:
        port = parts.port
    except ValueError:
        raise AddressError(
            f"The port in {address!r:.200} is not a number from 1 to 65535; leave it out."
        ) from None
    if port == 0:
        raise AddressError(f"The port in {address!r:.200} is 0, which no server has; leave it out.")
    return None if port == DEFAULT_PORTS[parts.scheme] else port


def _host(parts: SplitResult, address: str) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:  # an IPv6 address, which urlsplit has checked
        return f"[{host}]"
    try:
        name = host.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        name = ""
    if not _HOST.fullmatch(name):
        raise AddressError(
            f"The address {address!r:.200} names no host that can be asked; check it."
        )
    return name


def _path(path: str) -> str:
    path = _one_spelling(quote(path, safe="/%:@!$&'()*+,;=~-._")) or "/"
    if path.endswith(".amp.html"):
        return path.removesuffix(".amp.html") + ".html"
    folded = re.sub(r"(?:/amp/?|\.amp)$", "", path)
    return folded if folded.strip("/") else path


def _query(query: str) -> str:
    kept = [part for part in query.split("&") if part and not _is_noise(part)]
    return _one_spelling(quote("&".join(kept), safe="/%:@!$&'()*+,;=~-._?[]|"))


def _one_spelling(text: str) -> str:
    """Return text with its escapes written in one way (RFC 3986 6.2.2.1 and 6.2.2.2)."""
    return _ESCAPE.sub(_escape, text) if "%" in text else text


def _escape(found: re.Match[str]) -> str:
    letter = chr(int(found[1], 16))
    return letter if letter in _UNRESERVED else found[0].upper()


def _is_noise(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    if parameter.lower() in AMP_PARAMETERS:
        return True
    return name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES)
