"""What the archive knows of a batch's articles, in a few questions for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from store import bodies, documents, readings
from store.aliases import owners_in
from store.filing import kept_comments
from store.judge import Judgement, Settle, State, Waiting, document_print
from store.model import Document, Snapshot
from store.rows import select
from store.states import state_of
from store.telling import Waited


class Known:
    """What the archive knows of a batch's articles, and the documents they are compared by."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, batch: Sequence[Snapshot]) -> None:
        articles = [seen.fetch.article_id for seen in batch]
        says = [(seen.fetch.article_id, seen.document) for seen in batch]
        self._connection = connection
        self.prints = {
            article: document_print(document) for article, document in says if document is not None
        }
        self.owners = owners_in(connection, batch)
        self.states = {row["article_id"]: row for row in _states(connection, articles)}
        self.versions: dict[int, dict[int, dict[str, Any]]] = {}
        for row in _versions(connection, articles):
            self.versions.setdefault(row["article_id"], {})[row["number"]] = row
        self._again: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for row in readings.of_versions(connection, articles):
            self._again.setdefault((row["article_id"], row["extractor"]), []).append(row)
        self._documents, self.numbers = documents.load_with_numbers(
            connection, self._compared(self.prints)
        )
        self.bodies = bodies.Kept(connection, batch, self.states)
        self.comments = kept_comments(connection, says)

    def _compared(self, articles: Iterable[int]) -> set[int]:
        """Return the documents that this batch will be held against, to load them in one go.

        Two of an article, while its headline or its return waits.
        """
        wanted = set()
        for article in articles:
            state, versions = self.states.get(article, {}), self.versions.get(article, {})
            current = versions.get(state.get("current_version") or 0)
            if current is None or current["document_print"] == self.prints[article]:
                continue
            wanted.add(current["document_id"])
            before = versions.get(state["before_version"] or 0)
            if before is not None:
                wanted.add(before["document_id"])
        return wanted

    def state(self, article: int, document: Document | None) -> State:
        """Return how an article stands, its versions known by what this reader made of them."""
        versions = self.versions.get(article, {})
        prints = {known["document_print"]: number for number, known in versions.items()}
        for row in self._read_again(article, document):
            prints[row["document_print"]] = row["number"]
        return state_of(self.states[article], prints)

    def _read_again(self, article: int, document: Document | None) -> list[dict[str, Any]]:
        return self._again.get((article, document.extractor), []) if document else []

    def shown(self, article: int, document: Document | None) -> int | None:
        """Return the kept document that says what was read, where there is one."""
        if document is None:
            return None
        reading = self.prints[article]
        for known in self.versions.get(article, {}).values():
            if known["document_print"] == reading:
                return int(known["document_id"])
        return None

    def alike(self, article: int, number: int, document: Document | None) -> Document:
        """Return a version as the reader of ``document`` reads it, where it did."""
        found = self.document(article, number)
        if document is None or found.extractor == document.extractor:
            return found
        again = [row for row in self._read_again(article, document) if row["number"] == number]
        return self._loaded(again[-1]["document_id"]) if again else found

    def document(self, article: int, number: int) -> Document:
        """Return a version of an article of the batch."""
        return self._loaded(self.versions[article][number]["document_id"])

    def _loaded(self, wanted: int) -> Document:
        if wanted not in self._documents:
            self._documents[wanted] = documents.load(self._connection, wanted)
        return self._documents[wanted]

    def kept(self, article: int, number: int) -> Document:
        """Return a version of any article, in the batch or not."""
        if number in self.versions.get(article, {}):
            return self.document(article, number)
        row = self._connection.execute(
            "SELECT document_id FROM versions WHERE article_id = ? AND number = ?",
            [article, number],
        ).fetchone()
        assert row is not None
        return documents.load(self._connection, row[0])

    def waited(self, article: int, verdict: Judgement) -> Waited | None:
        """Return the headline that has held by now, with the interval it was first seen in."""
        row = self.states[article]
        if verdict.settle is not Settle.TOLD or row["waiting"] != Waiting.HEADLINE:
            return None
        version = self.versions[article][row["current_version"]]
        if version["seen_first_at"] == row["first_read_at"]:
            return None  # our first look showed it, beside an archive's capture: it may be old
        return Waited(
            old=row["before_version"],
            new=row["current_version"],
            checked_before_at=version["checked_before_at"],
            checked_before_by=version["checked_before_by"],
            seen_first_at=version["seen_first_at"],
        )


def _states(connection: duckdb.DuckDBPyConnection, articles: Sequence[int]) -> list[dict[str, Any]]:
    return select(
        connection,
        """SELECT a.article_id, s.* EXCLUDE (article_id), a.address, o.address AS source
           FROM articles a LEFT JOIN article_states s USING (article_id)
           LEFT JOIN sources o ON o.source_id = a.source_id
           WHERE a.article_id IN (SELECT unnest(?::UBIGINT[]))""",
        [list(articles)],
    )


def _versions(
    connection: duckdb.DuckDBPyConnection, articles: Sequence[int]
) -> list[dict[str, Any]]:
    return select(
        connection,
        # Found by number first: only then are the other columns of those rows alone read.
        """SELECT article_id, number, document_id, document_print, seen_first_at,
                  checked_before_at, checked_before_by
           FROM versions WHERE rowid IN (
               SELECT rowid FROM versions WHERE article_id IN (SELECT unnest(?::UBIGINT[])))
           ORDER BY rowid""",
        [list(articles)],
    )
