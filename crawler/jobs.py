"""What a parser child can be asked: to read a page, or to do a line of batch work."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from crawler.extract import decode, read_page
from crawler.extract.glance import learn
from crawler.extract.sketch import same_article, sketch
from crawler.layout import Layouts
from store.model import Document
from store.report import document_as_dict
from store.text import document_from_text

DOCUMENT = TypeAdapter(Document)
_LARGEST_FILE = 64 * 2**20  # bytes of a page on disk, unpacked
_WARM_PAGE = """<html lang="en"><head><title>Warm</title></head><body><article><h1>Warm up</h1>
<p>The first page costs more than the others, since libraries load their tables.</p>
<p>Update: this paragraph makes the search for notes load its cues as well.</p>
<p><b>Bold</b> And bold words may be a label in any language: all of the cues are loaded.</p>
</article></body></html>"""


class BadJob(ValueError):
    """A line of batch work that cannot be done; the message is a sentence for its author."""


def read(body: bytes, url: str, content_type: str | None, layouts: Layouts | None = None) -> bytes:
    """Read one response body; the document as JSON."""
    return DOCUMENT.dump_json(read_page(body, url, content_type, layouts))


def look(
    payload: bytes, known: int, url: str, content_type: str | None, layouts: Layouts | None = None
) -> tuple[dict[str, Any], bytes]:
    """Read a body unless it holds the article of a sketch, whose bytes stand before the body's.

    Returns facts and bytes: ``same`` where it does, else the length of the page's own sketch and
    what was learned for a glance, with the sketch and the document as JSON.
    """
    body = payload[known:]
    if same_article(payload[:known], body):
        return {"same": True}, b""
    document = read_page(body, url, content_type, layouts)
    made = sketch(body, document) if document.quality.is_article else b""
    learned = learn(body, made)
    facts = {"sketch": len(made), "learned": None if learned is None else asdict(learned)}
    return facts, made + DOCUMENT.dump_json(document)


def warm_up() -> None:
    """Read a page once, so that the next one does not pay for loading."""
    read(_WARM_PAGE.encode(), "https://example.org/warm", "text/html")


def run(op: str, job: dict[str, Any], layouts: Layouts | None = None) -> dict[str, Any]:
    """Do one line of batch work. Raises BadJob, saying what is wrong with it."""
    if op == "extract":
        return {"id": job.get("id"), **document_as_dict(_document(job, layouts))}
    if op == "compare":
        return {"id": job.get("id"), **_comparison(job, layouts)}
    raise BadJob(f"There is no operation {op!r}.")


def _comparison(job: dict[str, Any], layouts: Layouts | None) -> dict[str, Any]:
    from store.compare import compare  # noqa: PLC0415 - pages alone do not need the engine
    from store.compare.report import comparison_as_dict  # noqa: PLC0415

    old, new = _side(job, "old", layouts), _side(job, "new", layouts)
    return comparison_as_dict(compare(old, new), old.document, new.document)


def _side(job: dict[str, Any], name: str, layouts: Layouts | None) -> Any:
    """One side, prepared: a page, a text, or a list of sentences cut beforehand."""
    from store.compare import prepare, prepare_sentences  # noqa: PLC0415

    side = job.get(name)
    if isinstance(side, dict) and "sentences" not in side:
        return prepare(_document(side, layouts))
    cut = side.get("sentences") if isinstance(side, dict) else side
    if cut is None:
        raise BadJob(f'The job has no "{name}" side.')
    if not isinstance(cut, list) or not all(isinstance(sentence, str) for sentence in cut):
        raise BadJob(f'The "{name}" side is no list of sentences, each a string.')
    return prepare_sentences(cut)


def _document(job: dict[str, Any], layouts: Layouts | None) -> Document:
    """The document of a job's html, text or path."""
    url = str(job.get("url") or "")
    if isinstance(job.get("html"), str):
        return read_page(job["html"], url, None, layouts)
    if isinstance(job.get("text"), str):
        return document_from_text(job["text"], url)
    if isinstance(job.get("path"), str):
        return _file(Path(job["path"]), url, layouts)
    raise BadJob('The job has none of "html", "text", "path".')


def _file(path: Path, url: str, layouts: Layouts | None) -> Document:
    """A page or a text on disk: .html, .html.gz or .txt."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            body = file.read(_LARGEST_FILE + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BadJob(f"{path} cannot be read: {error}.") from error
    if len(body) > _LARGEST_FILE:
        raise BadJob(f"{path} is larger than {_LARGEST_FILE // 2**20} MiB.")
    if path.suffix == ".txt":
        return document_from_text(decode(body), url)
    return read_page(body, url, None, layouts)
