"""Link headers (RFC 8288): what a server says about relations of what it sends. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin

from store.address import LONGEST_ADDRESS

_MOST_BYTES = 16_384
_LINK = re.compile(rf"<([^<>]{{0,{LONGEST_ADDRESS}}})>((?:\s*;[^<,;\"]*(?:\"[^\"]*\")?)*)")
_PARAMETER = re.compile(r";\s*([^\s=;,\"]+)\s*(?:=\s*(?:\"([^\"]*)\"|([^\s;,\"]*)))?")


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation of a Link header: its name in lower case, and where it points."""

    name: str
    target: str


def relations(values: Iterable[str], base: str) -> list[Relation]:
    """Return the relations in the values of all Link headers of an answer from ``base``."""
    found = []
    for target, parameters in _LINK.findall(", ".join(values)[:_MOST_BYTES]):
        try:
            place = urljoin(base, target.strip())
        except ValueError:
            continue
        found += [Relation(name, place) for name in _names(parameters)]
    return found


def _names(parameters: str) -> list[str]:
    """Return the names in the first ``rel``: of several only that counts (RFC 8288 3.3)."""
    for name, quoted, token in _PARAMETER.findall(parameters):
        if name.lower() == "rel":
            return (quoted or token).lower().split()  # type: ignore[no-any-return]
    return []
