"""Named regions of a page: what class, id, role and tag names say a part of it is for.

Names are evidence, not proof: themes put "has-sidebar" on the body and
"newsletter" on a whole layout. So a region is only believed by ``body`` when it
does not hold the article itself.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from lxml.etree import _Attrib
from lxml.html import HtmlElement


@dataclass(frozen=True, slots=True)
class Region:
    """An element that names itself as something other than the article."""

    name: str
    element: HtmlElement


_TAGS = {
    "nav": "navigation",
    "aside": "sidebar",
    "footer": "footer",
    "form": "form",
    "dialog": "consent",
}
_ROLES = {
    "navigation": "navigation",
    "complementary": "sidebar",
    "contentinfo": "footer",
    "search": "navigation",
    "dialog": "consent",
    "alertdialog": "consent",
    "banner": "navigation",
}
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][a-z]{2})")


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    """One pattern for all regions of regions.toml; the group that matched names the region."""
    text = resources.files("crawler.extract").joinpath("regions.toml").read_text(encoding="utf-8")
    groups = (
        f"(?P<{row['name']}>{'|'.join(row['words']).replace('-?', '[-_]*')})"
        for row in tomllib.loads(text)["region"]
    )
    return re.compile(rf"(?:^|[\s_-])(?:{'|'.join(groups)})(?=$|[\s_-])")


def region_of(element: HtmlElement) -> Region | None:
    """The region an element opens, or None when it names none."""
    attributes = element.attrib
    name = _TAGS.get(str(element.tag))
    if attributes and name is None:
        name = _hidden(attributes) or _ROLES.get(attributes.get("role", ""))
        name = name or _named(attributes.get("class", ""), attributes.get("id", ""))
    return None if name is None else Region(name, element)


def _hidden(attributes: _Attrib) -> str | None:
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return "hidden"
    style = attributes.get("style")
    return "hidden" if style and _HIDDEN_STYLE.search(style) else None


@lru_cache(maxsize=8192)
def _named(classes: str, identity: str) -> str | None:
    """The region that class and id words name; long lists of words are utility classes, cut."""
    if not classes and not identity:
        return None
    names = _CAMEL.sub("-", f"{classes[:300]} {identity[:100]}").lower()
    match = _pattern().search(names)
    return match.lastgroup if match else None
