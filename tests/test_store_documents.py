"""Documents as they are kept: sentences by runs, frames once, and what older schemas held."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from store import documents, interning, migrate
from store.archive import open_archive
from store.documents import as_runs, in_runs
from store.errors import ArchiveDamaged
from store.model import Block, BlockKind, Document
from store.rows import insert
from store.session import Sessions

NOW = datetime(2026, 5, 14, tzinfo=UTC)
BRIDGE = Document(
    address="https://courier.example/footbridge",
    headline="Bridge gives way",
    blocks=(
        Block(BlockKind.PARAGRAPH, "A footbridge gave way. Nobody was hurt."),
        Block(BlockKind.QUOTE, "“It fell.”", ("https://courier.example/a",), ("quote", "wide")),
        Block(BlockKind.PARAGRAPH, "It was built in 1931. It will be rebuilt. Work begins soon."),
        Block(BlockKind.PARAGRAPH, ""),
    ),
    language="en",
    extractor="test",
)
EDITED = replace(
    BRIDGE,
    blocks=(
        BRIDGE.blocks[0],
        BRIDGE.blocks[1],
        Block(BlockKind.PARAGRAPH, "It was built in 1932. It will be rebuilt. Work begins soon."),
        BRIDGE.blocks[3],
    ),
)
EMPTY = replace(BRIDGE, blocks=())


@given(st.lists(st.integers(1, 2**31 - 1)))
@example([])
@example([1, 2, 3, 7, 3, 4, 3])
def test_runs_give_back_the_numbers_that_were_written(numbers):
    assert list(in_runs(as_runs(numbers))) == numbers


def test_following_numbers_are_one_run():
    assert as_runs([17, 18, 19, 112, 38, 39]) == "17+3,112,38+2"


@settings(deadline=None)  # a connection is made on the way
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_a_digest_is_the_same_in_python_and_in_sql(text):
    row = duckdb.execute("SELECT ('0x' || left(md5(?), 8))::UINTEGER", [text]).fetchone()
    assert row == (interning.digest_of(text),)


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    return Sessions(open_archive(tmp_path / "a.duckdb", create=True).path)


def test_documents_come_back_exactly_and_in_one_go(sessions: Sessions):
    kept = {documents.document_id(one): one for one in (BRIDGE, EDITED, EMPTY)}
    with sessions.writing() as connection:
        documents.keep(connection, [BRIDGE, EMPTY])
        documents.keep(connection, [EDITED, BRIDGE])
    with sessions.reading() as connection:
        assert documents.load_all(connection, kept) == kept
        assert documents.load_all(connection, []) == {}


def test_an_edited_sentence_adds_one_sentence_and_no_frame(sessions: Sessions):
    def counts() -> tuple[int, ...]:
        with sessions.reading() as connection:
            sql = "SELECT count(*) FROM {}"
            tables = ("sentences", "frames", "documents")
            found = [connection.execute(sql.format(table)).fetchone() for table in tables]
        return tuple(row[0] for row in found if row)

    with sessions.writing() as connection:
        documents.keep(connection, [BRIDGE])
    before = counts()
    with sessions.writing() as connection:
        documents.keep(connection, [EDITED])
    assert counts() == (before[0] + 1, before[1], before[2] + 1)


def test_what_was_read_before_need_not_be_looked_for(sessions: Sessions):
    with sessions.writing() as connection:
        documents.keep(connection, [BRIDGE])
        kept, numbers = documents.load_with_numbers(connection, [documents.document_id(BRIDGE)])
        later = {documents.document_id(EDITED): EDITED}
        documents.keep_numbered(connection, later, numbers)
        assert documents.load_all(connection, {*kept, *later}) == kept | later
        texts = connection.execute("SELECT text FROM sentences").fetchall()
        assert len(texts) == len(set(texts))


def test_only_the_newest_texts_are_looked_at_where_so_many_are_asked_for(sessions: Sessions):
    with sessions.writing() as connection:
        first = interning.keep(connection, "frames", "frame_id", ["a", "b", "c"], {})
        for text in first:
            again = interning.keep(connection, "frames", "frame_id", [text], {}, among=3)
            assert again == {text: first[text]}
        anew = interning.keep(connection, "frames", "frame_id", ["a", "c"], {}, among=2)
    assert anew == {"a": max(first.values()) + 1, "c": first["c"]}


def test_a_row_that_does_not_fit_leaves_nothing_of_its_transaction(sessions: Sessions):
    with sessions.reading() as connection:
        before = connection.execute("SELECT count(*) FROM frames").fetchone()
    with pytest.raises(duckdb.Error), sessions.writing() as connection:
        connection.execute("SELECT * FROM range(9)").fetchone()  # a result that is not read on
        insert(connection, "frames", [(1, 1, "[]"), (2, 2, "[]")])
        insert(connection, "frames", [(3, 3, "[]"), (4, None, "[]")])
    with sessions.reading() as connection:
        assert connection.execute("SELECT count(*) FROM frames").fetchone() == before


def test_two_texts_of_one_digest_stay_apart(sessions: Sessions, monkeypatch):
    monkeypatch.setattr(interning, "digest_of", lambda _: 1)
    with sessions.writing() as connection:
        documents.keep(connection, [BRIDGE])
        documents.keep(connection, [EDITED])
        assert documents.load(connection, documents.document_id(EDITED)) == EDITED
        assert documents.load(connection, documents.document_id(BRIDGE)) == BRIDGE


def test_the_view_tells_which_sentences_stand_in_which_block(sessions: Sessions):
    with sessions.writing() as connection:
        documents.keep(connection, [BRIDGE, EDITED, EMPTY])
    with sessions.reading() as connection:
        rows = connection.execute(
            "SELECT block, ordinal, text FROM document_sentences "
            "JOIN sentences USING (sentence_id) WHERE document_id = ? ORDER BY ordinal",
            [documents.document_id(EDITED)],
        ).fetchall()
    assert [ordinal for _, ordinal, _ in rows] == list(range(1, len(rows) + 1))
    said: dict[int, str] = {}
    for block, _, text in rows:
        said[block] = said.get(block, "") + text
    assert said == {n: one.text for n, one in enumerate(EDITED.blocks, 1) if one.text}


@pytest.mark.parametrize("table", ["documents", "sentences", "frames"])
def test_what_is_missing_is_said_with_the_next_step(sessions: Sessions, table: str):
    with sessions.writing() as connection:
        documents.keep(connection, [BRIDGE])
        connection.execute(f"DELETE FROM {table}")
        with pytest.raises(ArchiveDamaged, match=r"missing\. Run 'storylapse doctor'"):
            documents.load(connection, documents.document_id(BRIDGE))


def test_documents_of_the_first_schema_come_back_exactly(tmp_path: Path):
    """Sentences were listed in full under each block, and found by 64 bits."""
    place = tmp_path / "old.duckdb"
    scripts = migrate._migrations()
    texts = {
        1: "A footbridge gave way. ", 2: "Nobody was hurt.", 3: "“It fell.”",
        4: "It was built in 1931. ", 5: "It will be rebuilt. ", 6: "Work begins soon.",
        7: "It was built in 1932. ",
    }  # fmt: skip
    said = {BRIDGE: [[1, 2], [3], [4, 5, 6], []], EDITED: [[1, 2], [3], [7, 5, 6], []], EMPTY: []}
    with duckdb.connect(str(place)) as connection:
        connection.execute(
            "CREATE TABLE migrations (number INTEGER NOT NULL, applied_at TIMESTAMP NOT NULL)"
        )
        connection.execute(scripts[1])
        connection.execute("INSERT INTO migrations VALUES (1, ?)", [NOW.replace(tzinfo=None)])
        for number, text in texts.items():
            connection.execute("INSERT INTO sentences VALUES (?, ?, ?)", [number, number, text])
        for document, blocks in said.items():
            _insert_old(connection, document, blocks)
    archive = open_archive(place)
    with archive.reading() as connection:
        read = documents.load_all(connection, [documents.document_id(one) for one in said])
        frames = connection.execute("SELECT text FROM frames ORDER BY frame_id").fetchall()
    assert list(read.values()) == list(said)
    assert [json.loads(text) for (text,) in frames] == [
        [
            ["paragraph", 2],
            ["quote", 1, ["https://courier.example/a"], ["quote", "wide"]],
            ["paragraph", 3],
            ["paragraph", 0],
        ],
        [],
    ]
    _nothing_is_added_by_what_is_known(archive.path, list(said))


def _insert_old(
    connection: duckdb.DuckDBPyConnection, document: Document, blocks: list[list[int]]
) -> None:
    structs = [
        {
            "kind": block.kind.value,
            "sentences": numbers,
            "links": list(block.links),
            "hints": list(block.hints),
        }
        for block, numbers in zip(document.blocks, blocks, strict=True)
    ]
    claims = documents.as_json(documents.CLAIMS, document.claims)
    connection.execute(
        "INSERT INTO documents BY NAME SELECT ? AS document_id, 'test' AS extractor, "
        "? AS address, ? AS headline, 'en' AS language, '[]' AS notes, ? AS claims, "
        "?::STRUCT(kind VARCHAR, sentences INTEGER[], links VARCHAR[], hints VARCHAR[])[] "
        "AS blocks",
        [
            documents.document_id(document),
            document.address,
            document.headline,
            claims,
            structs,
        ],
    )


def _nothing_is_added_by_what_is_known(place: Path, known: list[Document]) -> None:
    """The same sentences and frames are found again, by another reading of the same text."""
    with Sessions(place).writing() as connection:
        documents.keep(connection, [replace(one, extractor="later") for one in known])
        rows = connection.execute(
            "SELECT (SELECT count(*) FROM sentences), (SELECT count(*) FROM frames)"
        ).fetchone()
    assert rows == (7, 2)
