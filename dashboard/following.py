"""Where other programs can follow a list that a page shows: links to its feed, in both forms."""

from __future__ import annotations

from urllib.parse import urlencode

from dashboard import data, signin
from dashboard.feeds import address_of
from dashboard.markup import Html, element, join, link

_FORMS = (("atom", "Atom"), ("json", "JSON Feed"))


def forms(scope: str, name: str = "", **filters: str) -> Html:
    """The feed's links; nothing where people sign in and no key is set for programs."""
    key = signin.key_for_programs(data.settings())
    if key is None:
        return Html()
    asked = filters | ({"key": key} if key else {})
    query = f"?{urlencode(asked)}" if asked else ""
    links = [link(address_of("", scope, name, form) + query, said) for form, said in _FORMS]
    return join(links, " · ")


def follow(whose: str, scope: str, name: str = "", **filters: str) -> Html:
    """A line under a list that says where to follow it elsewhere."""
    links = forms(scope, name, **filters)
    return element("p", f"Follow {whose} elsewhere: ", links, css="sl-muted") if links else links
