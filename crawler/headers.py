"""The headers of an answer, in the sizes and signs that we keep. All of them are untrusted."""

from __future__ import annotations

from scrapy.http import Response

MOST_HEADERS = 200
RENDERED = "X-Storylapse-Rendered"
"""A line of ours among an answer's headers: the body is the page after its scripts."""


def header(response: Response, name: str) -> str | None:
    """Return the first value of a header, its beginning where it is long."""
    value = response.headers.get(name)
    return None if value is None else value.decode("latin-1")[:1000]


def validator(response: Response, name: str) -> str | None:
    """Return a header that is to be sent back, where it can be, unharmed."""
    value = header(response, name)
    return value if value and value.isascii() and value.isprintable() and len(value) < 500 else None


def headers_of(response: Response) -> tuple[tuple[str, str], ...]:
    """Return an answer's headers as evidence, as many and as long as are kept."""
    pairs = (
        (name.decode("latin-1"), value.decode("latin-1")[:8000])
        for name, values in response.headers.items()
        for value in values
        # A server's own line of this name would say of its page what is not so.
        if name.decode("latin-1").lower() != RENDERED.lower() or RENDERED in response.flags
    )
    return tuple(pair for pair, _ in zip(pairs, range(MOST_HEADERS), strict=False))
