"""Sign-in: who may come in, and what is shown to those who may not."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from dashboard.keyhole import Keyhole
from dashboard.signin import invited
from store.archive import Archive
from test_dashboard_pages import VIEWS, html_of, stories, told  # noqa: F401  (fixtures)

KEY = "a key of many letters"


@pytest.mark.parametrize(
    ("address", "people", "may"),
    [
        ("ann@courier.example", (), True),
        ("ann@courier.example", ("ann@courier.example",), True),
        ("Ann@Courier.Example", ("@courier.example",), True),
        ("ben@courier.example", ("ann@courier.example",), False),
        ("ann@evil.example", ("@courier.example",), False),
        ("ann@notcourier.example", ("@courier.example",), False),
        ("", ("@courier.example",), False),
    ],
)
def test_only_the_invited_come_in(address: str, people: tuple[str, ...], may: bool):
    assert invited(address, people, verified=True) is may


def test_an_unverified_address_is_nobodys():
    assert not invited("ann@courier.example", ("@courier.example",), verified=False)


def test_who_is_not_signed_in_sees_nothing_of_the_archive(stories: Archive):  # noqa: F811
    app = AppTest.from_file(VIEWS.with_name("app.py"), default_timeout=60)
    app.secrets["auth"] = {"redirect_uri": "http://localhost/oauth2callback"}
    app.run()
    shown = html_of(app)
    assert "for people who sign in" in shown
    assert [button.label for button in app.button] == ["Sign in"]
    assert "Footbridge" not in shown
    assert "looks in the last hour" not in shown


def programs(key: str | None) -> TestClient:
    async def answer(_: object) -> PlainTextResponse:
        return PlainTextResponse("the archive")

    routes = [Route(path, answer) for path in ("/", "/feeds/all.atom", "/api/queue", "/api/health")]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Keyhole, key=key)]))


@pytest.mark.parametrize("path", ["/feeds/all.atom", "/api/queue"])
def test_programs_show_the_key_where_people_sign_in(path: str):
    client = programs(KEY)
    assert client.get(path).status_code == 401
    assert client.get(path, params={"key": "another"}).status_code == 401
    assert client.get(path, params={"key": KEY}).text == "the archive"
    assert client.get(path, headers={"Authorization": f"Bearer {KEY}"}).text == "the archive"


def test_without_a_key_programs_are_shut_out_and_the_rest_is_served():
    client = programs(None)
    assert client.get("/feeds/all.atom", params={"key": ""}).status_code == 403
    assert client.get("/api/health").status_code == 200
    assert client.get("/").status_code == 200
