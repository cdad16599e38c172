"""Who may come in: sign-in by the OpenID Connect provider that Streamlit's secrets name, if any.

Without an ``[auth]`` section in ``.streamlit/secrets.toml`` there is no sign-in, and the dashboard
belongs on loopback; ``frame.open_door`` says so where it is not.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from dashboard.markup import element, foreign
from store.config import Config

_LOOPBACK = frozenset({None, "127.0.0.1", "::1", "localhost"})


def at_home() -> bool:
    """Whether only this machine reaches the dashboard."""
    return st.get_option("server.address") in _LOOPBACK


def configured() -> bool:
    """Whether Streamlit's secrets name a provider that people sign in with."""
    try:
        return "auth" in st.secrets
    except (StreamlitSecretNotFoundError, FileNotFoundError):
        return False


def signed_in_as() -> str | None:
    """The address or name of whoever signed in; None without sign-in."""
    if not configured() or not st.user.get("is_logged_in"):
        return None
    return str(st.user.get("email") or st.user.get("name") or st.user.get("sub"))


def invited(address: str, people: Sequence[str], *, verified: bool) -> bool:
    """Whether somebody with this mail address may come in: named, or of a named ``@domain``. Pure.

    An empty list lets in whomever the provider signs in. An address that the provider calls
    unverified is nobody's.
    """
    if not people:
        return True
    if not address or not verified:
        return False
    given = address.casefold()
    domain = "@" + given.rpartition("@")[2]
    return any(one.casefold() in {given, domain} for one in people)


def gate(people: Sequence[str]) -> None:
    """Let in who may; to everybody else show how to sign in, and nothing of the archive."""
    if not configured():
        return
    if not st.user.get("is_logged_in"):
        st.html(
            element("h1", "Storylapse")
            + element("p", "This dashboard is for people who sign in.", css="sl-empty")
        )
        st.button("Sign in", on_click=st.login, type="primary")
        st.stop()
    address = str(st.user.get("email") or "")
    verified = st.user.get("email_verified") is not False
    if invited(address, people, verified=verified):
        return
    st.html(
        element("h1", "You are signed in, and not on the list.")
        + element(
            "p",
            "Whoever runs Storylapse can add ",
            foreign("bdi", address or "your address"),
            " to [dashboard] people in storylapse.toml.",
            css="sl-empty",
        )
    )
    st.button("Sign out", on_click=st.logout)
    st.stop()


def key_for_programs(config: Config) -> str | None:
    """The key that the addresses of feeds show, "" for none; None where programs are shut out."""
    if not configured():
        return ""
    key = config.dashboard.key
    return key.get_secret_value() if key else None


def who() -> None:
    """Who is signed in, and the way out, in the side bar."""
    name = signed_in_as()
    if name is None:
        return
    st.html(element("p", "Signed in as ", foreign("bdi", name), css="sl-pulse"))
    st.button("Sign out", on_click=st.logout, type="tertiary")
