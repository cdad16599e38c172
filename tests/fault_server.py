"""A server that misbehaves on purpose: every fault of ``fault_tables``, each at its own address.

``python tests/fault_server.py`` serves them and prints the addresses.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from functools import partial

from fault_origin import Origin, Piece, Route, answer, redirect
from fault_tables import Fault, all_faults, html_page, pages

HELPERS: dict[str, Route] = {
    "/": lambda _: answer(FRONT),
    "/first": lambda _: answer(FRONT),
    "/later": lambda _: answer(FRONT),
    "/?from=article": lambda _: answer(FRONT),
    "/mutual/a": lambda _: redirect("/mutual/b"),
    "/mutual/b": lambda _: redirect("/mutual/a"),
    **{f"/growing?{'a' * n}": partial(lambda n, _: redirect("/growing?" + "a" * (n + 1)), n)
       for n in range(1, 40)},
}  # fmt: skip
FRONT = html_page(
    "<title>The Harbour Post</title>",
    "<h1>News</h1><ul>"
    + "".join(f"<li><a href='/s/{n}'>What happened on day {n}</a></li>" for n in range(30))
    + "</ul>",
)


class FaultServer:
    """Serves every fault at ``/first/NAME`` and, once ``broken``, at ``/later/NAME``.

    Until then a later address holds a good article. Faults that stop or slow their host have a
    host of their own, and one for each of the two. Close it in the end.
    """

    def __init__(self, faults: dict[str, Fault]) -> None:
        self.faults = faults
        self.broken = False
        self._main = Origin({**HELPERS, **_helping_pages()})
        self._origins: dict[str, Origin] = {"": self._main}
        for name, fault in faults.items():
            routes = {f"/first/{name}": fault.route, f"/later/{name}": partial(self._later, fault)}
            for path, route in routes.items():
                origin = self._main
                if fault.alone:
                    origin = self._origins[path] = Origin({})
                origin.routes[path] = route

    def _later(self, fault: Fault, request: str) -> Iterable[Piece]:
        return fault.route(request) if self.broken else answer()

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(origin.host for origin in self._origins.values())

    def first(self, name: str) -> str:
        return self._at(f"/first/{name}")

    def later(self, name: str) -> str:
        return self._at(f"/later/{name}")

    def _at(self, path: str) -> str:
        return self._origins.get(path, self._main).at(path)

    def close(self) -> None:
        for origin in self._origins.values():
            origin.close()


def _helping_pages() -> dict[str, Route]:
    """Where redirects of the table lead to."""
    leading = {"/login?next=article": "login", "/consent?back=article": "consent-onetrust"}
    leading["/challenge"] = "captcha-cloudflare"
    return {path: pages()[name].route for path, name in leading.items()}


def main() -> None:
    """Serve all faults until interrupted."""
    server = FaultServer(all_faults())
    for name, fault in server.faults.items():
        print(f"{server.first(name)}\t{' or '.join(sorted(fault.ends))}", flush=True)
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
    server.close()


if __name__ == "__main__":
    sys.exit(main())
