"""Visits to the dashboard in a real Chromium: fixtures and what a visitor looks for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from browser import ARGUMENTS, axe_script, find_browser
from running import Running

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
WAIT = 60_000  # milliseconds: a loaded machine is slow, and a wait costs nothing when it is not

Contexts = Callable[..., BrowserContext]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = find_browser()
    assert path, "No Chromium on this machine: run 'python tests/browser.py' to install one."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def contexts(chromium: Browser) -> Iterator[Contexts]:
    """One browser profile for each size and scheme, so that the programme is fetched once."""
    made: dict[str, BrowserContext] = {}

    def context(size: dict[str, int], scheme: str) -> BrowserContext:
        key = f"{size}{scheme}"
        if key not in made:
            made[key] = chromium.new_context(
                viewport=size, color_scheme=scheme, timezone_id="Europe/Berlin"
            )
        return made[key]

    yield context
    for one in made.values():
        one.close()


@pytest.fixture(scope="module")
def axe() -> str:
    return axe_script()


def visiting(contexts: Contexts, address: str) -> Iterator[Open]:
    """Open pages there; a dialog, or a request that leaves the machine, fails the test."""
    pages: list[Page] = []
    strange: list[str] = []

    def open_page(path: str, size: dict[str, int] = DESKTOP, scheme: str = "light") -> Page:
        page = contexts(size, scheme).new_page()
        pages.append(page)
        page.set_default_timeout(WAIT)
        page.on("dialog", lambda dialog: strange.append(dialog.message))
        page.on("request", lambda request: strange.extend(_outside(request.url, address)))
        page.goto(address + path)
        settled(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not strange


def _outside(address: str, ours: str) -> list[str]:
    local = (ours, ours.replace("http", "ws"), "data:", "blob:")
    return [] if address.startswith(local) else [address]


def served(running: Running) -> Running:
    """Wait until the dashboard answers."""
    running.until(60, lambda: _answers(running.address))
    return running


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/api/health").status_code == 200
    except httpx.TransportError:
        return False


def settled(page: Page) -> None:
    """Wait until the script has run to its end."""
    page.locator(".stMain h1").first.wait_for()
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def walk(page: Page, path: str) -> None:
    """Go to another page as a link of ours does: inside the page."""
    page.evaluate(
        "path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')) }",
        path,
    )


def barriers(page: Page, axe: str) -> list[str]:
    """What axe-core finds wrong with a page, however slight, and where."""
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}" for one in found]


def too_wide(page: Page) -> int:
    """By how many pixels what is shown is wider than the window."""
    return page.evaluate("document.querySelector('.stMain').scrollWidth - innerWidth")


def commanded(page: Page) -> list[str]:
    """What on a page is no markup of ours: scripts, and pictures from elsewhere."""
    strange = ".stMain script, .stMain .stHtml img:not([src^='data:image/svg+xml'])"
    return page.locator(strange).evaluate_all("all => all.map((one) => one.outerHTML)")


# What can be pressed on a page: ours, and Streamlit's plain buttons. What is folded is left out.
_PASSING = """
window.named = (one) => [one.tagName, one.getAttribute('href'), one.textContent,
  one.closest('[data-finding]')?.dataset.finding].join('|');
window.passed = new Set();
window.unmarked = new Set();
document.activeElement?.blur();
addEventListener('focusin', ({target}) => {
  const {outlineStyle, boxShadow} = getComputedStyle(target);
  window.passed.add(named(target));
  if (target.closest('.stHtml') && outlineStyle === 'none') window.unmarked.add(named(target));
});
"""
_OPERABLE = ".stMain :is(.stHtml :is(a[href], button, summary), .stButton button:enabled)"
_LEFT = "all => all.filter((one) => one.checkVisibility()).map(named).filter((n) => !passed.has(n))"


def passed_over(page: Page) -> list[str]:
    """What can be pressed and the tabulator does not come to, or comes to without showing it."""
    page.evaluate(_PASSING)
    passed = 0  # where the focus is lost, it was the page's end, or its place was drawn anew
    for _ in range(400):
        page.keyboard.press("Tab")
        lost = page.evaluate("document.activeElement === document.body")
        if lost and passed == (passed := page.evaluate("window.passed.size")):
            break
    left: list[str] = page.locator(_OPERABLE).evaluate_all(_LEFT)
    unmarked: list[str] = page.evaluate("[...window.unmarked]")
    return left + unmarked
