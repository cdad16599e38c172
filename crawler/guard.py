"""What the crawler may reach: the judgement, without any input or output.

The boundary is ``judge_ip``, asked about every address a name resolves to, at the moment of
connecting (``crawler.connect``), so that a name which answers differently the second time gains
nothing. ``judge_address`` looks at the address as written, before anything is resolved, to say
clearly why it is refused. Only a host and port that the person allowed by name pass both.
"""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from store.address import DEFAULT_PORTS, AddressError, canonical

INSIDE = tuple(
    (ip_network(network), meaning)
    for network, meaning in (
        # IANA special-purpose registries (RFC 6890 and its updates); the ones that tunnel to IPv4
        # are refused whole, since what stands at their end cannot be judged here.
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a carrier's inner network"),
        ("127.0.0.0/8", "this machine"),
        ("169.254.0.0/16", "a link-local or cloud metadata address"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "a protocol assignment"),
        ("192.0.2.0/24", "a documentation network"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "a private network"),
        ("198.18.0.0/15", "a benchmarking network"),
        ("198.51.100.0/24", "a documentation network"),
        ("203.0.113.0/24", "a documentation network"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
        ("::/96", "this machine, or an IPv4 address in an old disguise"),
        ("64:ff9b::/96", "an IPv4 address behind NAT64"),
        ("64:ff9b:1::/48", "an IPv4 address behind NAT64"),
        ("100::/64", "a discard network"),
        ("2001::/23", "a protocol assignment or Teredo tunnel"),
        ("2001:db8::/32", "a documentation network"),
        ("2002::/16", "a 6to4 tunnel"),
        ("3fff::/20", "a documentation network"),
        ("5f00::/16", "a segment routing network"),
        ("fc00::/7", "a private network"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "an old site-local network"),
        ("ff00::/8", "a multicast address"),
    )
)
_MAPPED = IPv6Network("::ffff:0:0/96")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
# What one parser or another takes for the host of an address, up to the first path or query.
_AUTHORITY = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?[/\\]{2}([^/?]*)", re.IGNORECASE)
_TWO_HOSTS = re.compile(r"[\\@\s\x00-\x20]")


def judge_ip(ip: str) -> str | None:
    """Return why ``ip`` must not be reached, or None where it may be.

    ``ip`` is an address as a resolver returns it; what is not an address is refused.
    """
    try:
        address = _unwrapped(ip_address(ip.partition("%")[0]))
    except ValueError:
        return f"{ip!r} is not an address on a network."
    for network, meaning in INSIDE:
        if address.version == network.version and address in network:
            return f"{ip} is {meaning}, not a public web server."
    if not address.is_global or address.is_multicast:
        return f"{ip} is not a public address."
    return None


def judge_address(address: str, allow_hosts: tuple[str, ...]) -> str | None:
    """Return why ``address``, as written, must not be asked for, or None where it may be.

    Scheme http or https, port 80 or 443, no user name, backslash or control character, and no
    inside address in any spelling, unless the exact ``host:port`` stands in ``allow_hosts``.
    """
    try:
        canonical(address)
    except AddressError as error:
        return str(error)
    host, port = host_and_port(address)
    if is_allowed(host, port, allow_hosts):
        return None
    if port not in DEFAULT_PORTS.values():
        return (
            f"Port {port} is not a web port; only 80 and 443 are asked "
            f"unless {host}:{port} stands in allow_hosts."
        )
    written = _written_ip(host)
    refusal = None if written is None else judge_ip(written)
    if refusal is not None:
        return f"{refusal} Put {host}:{port} in allow_hosts if you mean it."
    return None


def judge_location(location: str) -> str | None:
    """Return why a redirect to ``location``, as sent, is not followed, or None where it may be.

    Looked at before it is joined with the page's own address, which makes something harmless, or
    another host, of what two parsers read differently. What it leads to is judged again.
    """
    location = location.strip()
    scheme = _SCHEME.match(location)
    if scheme and scheme[1].lower() not in DEFAULT_PORTS:
        return "It is neither http nor https."
    host = _AUTHORITY.match(location)
    if host and _TWO_HOSTS.search(host[1]):
        return "Its host can be read in two ways."
    try:
        urlsplit(location).port  # noqa: B018 - asked for what it raises
    except ValueError:
        return "It cannot be read."
    return None


def is_allowed(host: str, port: int, allow_hosts: tuple[str, ...]) -> bool:
    """Whether the person allowed exactly this host and port by name."""
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}".lower() in allow_hosts


def own_hosts(allow_hosts: tuple[str, ...]) -> frozenset[str]:
    """Return the allowed hosts as ``store.address.host_of`` writes them."""
    return frozenset(
        host.rpartition(":")[0] if host.rpartition(":")[2] in {"80", "443"} else host
        for host in allow_hosts
    )


def host_and_port(address: str) -> tuple[str, int]:
    """Return host (no brackets, lower case) and port of an address that ``canonical`` takes."""
    parts = urlsplit(canonical(address))
    return parts.hostname or "", parts.port or DEFAULT_PORTS[parts.scheme]


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address inside an IPv4-mapped one, else the address itself."""
    if isinstance(address, IPv6Address) and address in _MAPPED:
        return address.ipv4_mapped or address
    return address


def _written_ip(host: str) -> str | None:
    """Return the address that ``host`` spells (decimal, octal, hexadecimal, short), else None."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761
        return "127.0.0.1"
    if ":" in host:
        return host
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None
