"""The newest rows of a question: the same as of all time, however far back they lie."""

import pytest

from dashboard import lately
from histories import TEXT, archive_of, document
from store.rows import to_column


@pytest.mark.parametrize("near", [1, 3, 500])
@pytest.mark.parametrize("many", [1, 5, 50])
def test_a_bound_on_time_changes_no_answer(near, many, monkeypatch, tmp_path):
    monkeypatch.setattr(lately, "_NEAR", near)
    archive = archive_of(tmp_path, *(document(*TEXT, f"It is hour {n} now.") for n in range(9)))
    question = """SELECT new_version FROM queue WHERE seen_first_at >= ?
                  ORDER BY seen_first_at DESC LIMIT ?"""

    def asked(bound):
        return archive.query(question, [to_column(bound), many])

    rows = lately.newest(archive, asked, many)
    assert rows == asked(lately.EVER)
    assert len(rows) == min(many, 8)


def test_an_empty_archive_has_none(tmp_path):
    archive = archive_of(tmp_path)
    assert lately.newest(archive, lambda _: archive.query("FROM queue"), 3) == []
