"""Sign-in by a real OpenID Connect provider on loopback, in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard_stories import build, four_hours_ago
from identity_provider import CLIENT, IdentityProvider
from running import Running
from visits import DESKTOP, WAIT, chromium, served, settled  # noqa: F401  (fixtures)

pytestmark = pytest.mark.browser

KEY = "a key of many letters"
_SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "{client}"
client_secret = "not told"
server_metadata_url = "{metadata}"
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with IdentityProvider() as running:
        yield running


@pytest.fixture(scope="module")
def closed(
    provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The product where people have to sign in, and programs have to show a key."""
    folder = tmp_path_factory.mktemp("closed")
    build(folder / "storylapse.duckdb", four_hours_ago())
    (folder / ".streamlit").mkdir()
    written = _SECRETS.format(client=CLIENT, metadata=provider.metadata_url)
    (folder / ".streamlit" / "secrets.toml").write_text(written)
    settings = f'[dashboard]\npeople = ["@courier.example"]\nkey = "{KEY}"\n'
    (folder / "storylapse.toml").write_text(settings)
    with Running(folder, "--no-newsroom") as running:
        yield served(running)


@pytest.fixture
def page(chromium: Browser, closed: Running) -> Iterator[Page]:  # noqa: F811
    """A browser that nobody has signed in with."""
    with chromium.new_context(viewport=DESKTOP) as context:
        opened = context.new_page()
        opened.set_default_timeout(WAIT)
        opened.goto(closed.address)
        opened.get_by_text("This dashboard is for people who sign in.").wait_for()
        assert "Footbridge" not in opened.content()
        yield opened


def test_who_is_on_the_list_comes_in_marks_under_their_name_and_goes_out(
    page: Page, provider: IdentityProvider, closed: Running
):
    provider.person = {"email": "ann@courier.example", "email_verified": True}
    page.get_by_role("button", name="Sign in").click()
    page.locator(".sl-queue > li").first.wait_for()
    expect(page.get_by_text("Signed in as ann@courier.example")).to_be_visible()
    settled(page)
    page.keyboard.press("j")
    page.keyboard.press("i")
    page.locator(".sl-marks .sl-muted", has_text="ann@courier.example").wait_for()
    assert {row["reviewer"] for row in closed.product.lines("reviews")} == {"ann@courier.example"}
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("This dashboard is for people who sign in.").wait_for()


def test_who_is_not_on_the_list_is_told_so_and_sees_nothing(page: Page, provider: IdentityProvider):
    provider.person = {"email": "eve@evil.example", "email_verified": True}
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("You are signed in, and not on the list.").wait_for()
    assert "Footbridge" not in page.content()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("This dashboard is for people who sign in.").wait_for()


def test_programs_show_the_key_and_the_pages_links_hold_it(
    page: Page, provider: IdentityProvider, closed: Running
):
    feed = f"{closed.address}/feeds/all.atom"
    assert httpx.get(feed).status_code == 401
    provider.person = {"email": "ben@courier.example", "email_verified": True}
    page.get_by_role("button", name="Sign in").click()
    link = page.get_by_role("link", name="Atom").first.get_attribute("href")
    assert httpx.get(closed.address + link).status_code == 200
