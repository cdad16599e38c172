"""The only place where text becomes markup.

``Html`` is text that is already safe to show; every other string that meets an
element is escaped, so forgetting to escape shows a page's mark-up as text
instead of obeying it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

# Characters that a reader cannot see but that change how what follows is read: the C0 and C1
# controls (tab, line feed and carriage return are white space), the bidi controls of UAX #9,
# the line and paragraph separators, interlinear annotation, and the invisible tag letters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_VOID = frozenset({"img", "br", "hr"})


class Html(str):
    """Text that holds our own elements and escaped words, and nothing else."""

    __slots__ = ()


def escape(text: str) -> Html:
    """The text as it stands, with nothing in it that a browser would obey.

    Invisible controls are written out as ⟨U+202E⟩, so that nobody reads another order
    than the stored one.
    """
    return Html(html.escape(_UNSEEN.sub(_named, text), quote=True))


def _named(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"


def element(
    name: str, *content: str, attributes: dict[str, str | None] | None = None, css: str = ""
) -> Html:
    """One element of ours. What is not Html is escaped; an attribute of None is left out."""
    given = {"class": css or None, **(attributes or {})}
    written = "".join(
        f' {key}="{escape(value)}"' for key, value in given.items() if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(content)}</{name}>")


def join(parts: Iterable[str], between: str = "") -> Html:
    """The parts as one piece; those that are not Html are escaped."""
    return Html(safe(between).join(safe(part) for part in parts))


def safe(text: str) -> Html:
    """Escaped, unless it is Html already."""
    return text if isinstance(text, Html) else escape(text)


def words(css: str, *content: str) -> Html:
    """A span with a class: how the pages give words their looks."""
    return element("span", *content, css=css)


def unseen(text: str) -> Html:
    """Words for those who listen; not drawn."""
    return words("sl-unseen", text)


def link(address: str, *content: str) -> Html:
    """A link inside the dashboard."""
    return element("a", *content, attributes={"href": address})


def scrolled(content: Html, label: str) -> Html:
    """Something wide in a place of its own, which the keyboard can scroll too."""
    attributes: dict[str, str | None] = {"role": "region", "aria-label": label, "tabindex": "0"}
    return element("div", content, css="sl-scroll", attributes=attributes)


def foreign(name: str, text: str, language: str | None = None, css: str = "") -> Html:
    """An element that holds what an outlet wrote, in its own language and direction."""
    return element(name, text, css=css, attributes={"lang": language, "dir": "auto"})
