"""What readers wrote under an article, and the evidence of two of its versions."""

from __future__ import annotations

import streamlit as st

from dashboard import data, frame, particulars
from dashboard.data import Row
from dashboard.views.article_pair import Pair
from dashboard.wording import counted


def readers(found: Row) -> None:
    """What readers wrote, apart from the article."""
    rows = data.comments(found["article_id"])
    if rows:
        under = f"{counted(len(rows), 'comment')}; never part of the article, never a change of it"
        frame.show(frame.section("What readers say", under), particulars.voices(rows))


def evidence(found: Row, versions: list[Row], pair: Pair) -> None:
    """How we know of the two versions, and the files that prove it."""
    frame.show(frame.section("Evidence", "the responses that first showed each version"))
    numbers = sorted({pair.old, pair.new})
    digests = []
    for place, version in zip(st.columns(2), numbers, strict=False):
        row = data.evidence(found["article_id"], version)
        shown = particulars.evidence if row else particulars.captured_evidence
        row = row or data.capture(found["article_id"], version)
        if row is None:
            continue
        with place:
            frame.show(shown(row, version, frame.clock()))
            if row.get("pages", 1) > 1:
                pages = data.pages(found["article_id"], row["check_id"])
                frame.show(particulars.further_pages(pages))
            if row["body_digest"]:
                digests.append(row["body_digest"])
                _download(found["article"], version, row["body_digest"])
    steps = {(row["old_version"], row["version"]) for row in versions}
    if len(digests) == 2 and (pair.old, pair.new) in steps and data.are_kept(digests):
        _bundle(found, pair.new)


def _bundle(found: Row, version: int) -> None:
    """The change that led to a version as a file that anybody can check."""
    st.download_button(
        f"Download the evidence of the change to version {version}",
        data=lambda: data.evidence_bundle(found["article_id"], version),
        file_name=f"evidence-{found['article']}-{version}.zip",
        mime="application/zip",
        on_click="ignore",
        help="Both responses as WARC and WACZ, texts, redline and digests; "
        "`storylapse verify` checks it on any machine.",
    )


def _download(article: str, version: int, digest: str) -> None:
    st.download_button(
        f"Download the response of version {version}",
        data=lambda: data.body(digest) or b"",
        file_name=f"storylapse-{article}-v{version}.html.txt",
        mime="text/plain",  # never opened as a page of ours
        on_click="ignore",
        key=f"body_{version}",
    )
