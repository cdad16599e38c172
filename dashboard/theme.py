"""Streamlit's settings: what it looks like, and what it must not do.

Sources: the field's measurements of Streamlit 1.67 (DNS rebinding, usage statistics, error
details), and the sketches for the colours. ``streamlit.config.set_option`` takes them before
the application is made.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

_LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")

_LIGHT = {
    "primaryColor": "#1f4e79",
    "backgroundColor": "#fbfaf7",
    "secondaryBackgroundColor": "#f3f0e9",
    "textColor": "#1c1b1a",
    "linkColor": "#1f4e79",
    "borderColor": "#d9d4c9",
    "dataframeBorderColor": "#e4e0d8",
    "dataframeHeaderBackgroundColor": "#f3f0e9",
}
_DARK = {
    "primaryColor": "#8fb8de",
    "backgroundColor": "#191714",
    "secondaryBackgroundColor": "#24211c",
    "textColor": "#ece7de",
    "linkColor": "#8fb8de",
    "borderColor": "#4a443b",
    "dataframeBorderColor": "#3a352e",
    "dataframeHeaderBackgroundColor": "#24211c",
}
_BOTH = {
    "font": "sans-serif",  # Streamlit ships Source Sans and Source Serif: no font is fetched
    "headingFont": "serif",
    "headingFontWeights": [600, 600, 600],
    "baseFontSize": 15,
    "baseRadius": "6px",
    "showSidebarBorder": True,
}
_SAFE = {
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.enableCORS": True,  # refuses other sites' web sockets
    "server.enableXsrfProtection": True,
    "server.maxUploadSize": 5,  # MB; an OPML file is far below
    "server.maxMessageSize": 50,  # MB
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "browser.gatherUsageStats": False,  # else the reader's browser calls Streamlit's maker
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",  # a traceback names files and values
    "client.showErrorLinks": False,
    "client.showSidebarNavigation": False,
}


def streamlit_options(host: str, port: int, public_address: str | None = None) -> dict[str, Any]:
    """Every Streamlit option we set, by its dotted name, for a server at ``host`` and ``port``."""
    themes = {"light": _LIGHT, "dark": _DARK}
    return {
        **_SAFE,
        "server.address": host,
        "server.port": port,
        "server.allowedHosts": allowed_hosts(host, public_address),
        **{f"theme.{key}": value for key, value in _BOTH.items()},
        **{
            f"theme.{name}.{key}": value
            for name, theme in themes.items()
            for key, value in theme.items()
        },
    }


def allowed_hosts(
    host: str, public_address: str | None = None, websub_address: str | None = None
) -> list[str]:
    """The names under which the dashboard answers; others are refused (DNS rebinding)."""
    public, door = (
        urlsplit(one).hostname if one else None for one in (public_address, websub_address)
    )
    if host in {"0.0.0.0", "::"} and public is None:  # noqa: S104 (a comparison, not a bind)
        return ["*"]  # open to the network under names we cannot know
    return [*_LOOPBACK, *sorted({name for name in (host, public, door) if name} - set(_LOOPBACK))]
