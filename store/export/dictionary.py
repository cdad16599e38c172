"""The data dictionary: every table and column that exports have, with its meaning and its SQL."""

from __future__ import annotations

from store.export.redlines import digest, redline, short, whole_redline
from store.export.tables import Column, Table
from store.reviews import MARKS, STATUSES
from store.selection import HAPPENED

_FACTS = """from_json(facts, '[{"type": "VARCHAR", "old": "VARCHAR", "new": "VARCHAR"}]')"""
_PARTS = """from_json(parts, '[{"name": "VARCHAR", "meaning": "VARCHAR", "points": "DOUBLE"}]')"""

_CHECKED_BEFORE_BY = Column(
    "checked_before_by",
    "string",
    "The web archive whose capture that was; empty for a check of ours.",
)
_CAPTURED_BY = Column(
    "captured_by",
    "string",
    "The web archive, or file, whose capture that was; empty for a check of ours.",
)
_ARTICLE = Column("article", "string", "Identifier of the article, hex.")

CHANGES = Table(
    "changes",
    "Every change between two versions, and what happened to articles as a whole.",
    (
        Column(
            "scope",
            "string",
            "'text' for a change between two versions, 'article' for what happened to the "
            "article as a whole (removed, restored, returned, moved, hidden).",
            sql="CASE WHEN h.ordinal < 0 THEN 'article' ELSE 'text' END",
            values=("text", "article"),
        ),
        Column("outlet", "string", "The publisher, as its pages name it, else the host."),
        Column("article", "string", "Identifier of the article, hex.", sql="h.article"),
        Column("address", "string", "The article's canonical address."),
        Column("headline", "string", "The headline of the new version."),
        Column(
            "old_version",
            "integer",
            "Number of the version before; equal to new_version for scope 'article'.",
        ),
        Column("new_version", "integer", "Number of the version that the change led to."),
        Column(
            "ordinal",
            "integer",
            "Place of the change among those of its version, from 0; empty for 'article'.",
            sql="CASE WHEN h.ordinal >= 0 THEN h.ordinal END",
        ),
        Column(
            "checked_before_at",
            "datetime",
            "The last check that still showed the state before; the change happened after it.",
        ),
        _CHECKED_BEFORE_BY,
        Column(
            "seen_first_at",
            "datetime",
            "The first check that showed the state after; the change happened before it.",
        ),
        _CAPTURED_BY,
        Column(
            "kind",
            "string",
            "What the change is (correction, headline, edited, removed …).",
            sql="h.kind",
        ),
        Column(
            "sub_kind",
            "string",
            "A narrower kind: of the frame, of a move, or the type of the fact still wrong.",
        ),
        Column("labels", "array", "Labels of the two versions as a whole: a JSON list of words."),
        Column("family", "string", "NewsEdits 2.0 family: factual, stylistic or narrative."),
        Column(
            "intention",
            "string",
            "The finer label of NewsEdits 2.0, where a rule can decide it.",
        ),
        Column("significance", "number", "From 0 to 1: how much it matters."),
        Column(
            "parts",
            "array",
            "What the significance is made of: a JSON list of objects with name, meaning and "
            "points; empty where it was compared before this was kept.",
            sql=_PARTS,
        ),
        Column(
            "reason",
            "string",
            "The same in one sentence of Storylapse, never a statement of the outlet.",
        ),
        Column(
            "old",
            "string",
            "The text before: a short span of it, or all with full text.",
            sql=short("h.old"),
            whole="h.old",
        ),
        Column(
            "new",
            "string",
            "The text after: a short span of it, or all with full text.",
            sql=short("h.new"),
            whole="h.new",
        ),
        Column(
            "redline",
            "string",
            "Both in one: [-removed-] and {+added+}.",
            sql=redline("h.redline"),
            whole=whole_redline("h.redline"),
        ),
        Column(
            "old_sha256",
            "string",
            "SHA-256 (hex) of the whole text before, in UTF-8.",
            sql=digest("h.old"),
        ),
        Column(
            "new_sha256",
            "string",
            "SHA-256 (hex) of the whole text after, in UTF-8.",
            sql=digest("h.new"),
        ),
        Column(
            "facts",
            "array",
            "Facts that differ: a JSON list of objects with type, old and new.",
            sql=_FACTS,
        ),
        Column(
            "note_kind",
            "string",
            "Kind of the outlet's note, where the change is a note.",
            sql="n.kind",
        ),
        Column(
            "note_status",
            "string",
            "What became of that note: added, removed, edited, moved or kept.",
            sql="n.status",
        ),
        Column(
            "note_text",
            "string",
            "The note's exact text: the outlet's own statement.",
            sql="n.text",
        ),
        Column(
            "note_place",
            "string",
            "Where it stands: top, inline, end or metadata.",
            sql="n.place",
        ),
        Column("note_language", "string", "Its language (ISO 639-1).", sql="n.language"),
        Column("note_cue", "string", "The cue by which it was recognised.", sql="n.cue"),
        Column("note_stated_time", "string", "The time it states, as worded.", sql="n.stated_time"),
        Column("note_source", "string", "The source it cites, as worded.", sql="n.source"),
        Column(
            "declared_by",
            "string",
            "Text of the outlet's note that admits this change, if one does.",
            sql="d.text",
        ),
        Column(
            "held_by",
            "string",
            "The rule that holds the change back from being told (unconfirmed, flap, "
            "other_story, template, reader); empty once told.",
        ),
        Column("engine", "string", "The revision that found it; empty for 'article'."),
    ),
    rows=f"""(SELECT * FROM {HAPPENED} WHERE {{condition}}) h
    LEFT JOIN note_list n ON n.article_id = h.article_id AND n.version = h.new_version
        AND n.ordinal = h.note
    LEFT JOIN note_list d ON d.article_id = h.article_id AND d.version = h.new_version
        AND d.ordinal = h.declared_by""",  # noqa: S608  (ours)
    order="h.seen_first_at, h.article_id, h.new_version, h.ordinal, h.kind",
    key=("article", "new_version", "ordinal", "kind", "seen_first_at"),
    moment="seen_first_at",
    clock="version_list",
    happened=True,
)

ARTICLES = Table(
    "articles",
    "Every article of the selection, also those that never changed.",
    (
        _ARTICLE,
        Column("address", "string", "Its canonical address."),
        Column("host", "string", "The host of that address."),
        Column("outlet", "string", "The publisher, as its pages name it, else the host."),
        Column("headline", "string", "The headline of its current state."),
        Column("watching", "boolean", "Whether it is still looked at."),
        Column("added_at", "datetime", "When it came into the archive."),
        Column("first_read_at", "datetime", "The first check of ours that read it."),
        Column("published", "string", "When it was published, as its page says."),
        Column("checks", "integer", "How many checks were made."),
        Column("versions", "integer", "How many versions are known."),
        Column("current_version", "integer", "The version it shows now."),
        Column("last_check_at", "datetime", "The last check."),
        Column("last_outcome", "string", "How that check ended."),
        Column("last_reason", "string", "The same in one sentence."),
        Column("last_good_at", "datetime", "The last check that showed the current version."),
        Column("last_change_at", "datetime", "The check that first showed the last change."),
        Column("removed", "boolean", "Whether it is gone."),
    ),
    rows="(SELECT * FROM article_list WHERE {condition})",
    order="article_id",
    key=("article",),
)

_VERSIONS = "(SELECT * FROM version_list WHERE {condition}) v"
# The blocks of a document, joined as Document.text joins them.
_TEXTS = """ LEFT JOIN (
    SELECT document_id, string_agg(text, chr(10) || chr(10) ORDER BY block) AS text FROM (
        SELECT document_id, block, string_agg(s.text, '' ORDER BY ordinal) AS text
        FROM document_sentences JOIN sentences s USING (sentence_id)
        WHERE document_id IN (SELECT document_id FROM version_list WHERE {condition})
        GROUP BY document_id, block
    ) GROUP BY document_id
) t USING (document_id)"""

VERSIONS = Table(
    "versions",
    "Every distinct state of an article, in the order in which they were seen.",
    (
        _ARTICLE,
        Column("version", "integer", "Its number, from 1."),
        Column(
            "checked_before_at",
            "datetime",
            "The last check that still showed the version before; empty for the first.",
        ),
        _CHECKED_BEFORE_BY,
        Column("seen_first_at", "datetime", "The first check that showed it."),
        _CAPTURED_BY,
        Column("first_check", "string", "That check; empty where it was a capture."),
        Column("headline", "string", "Its headline."),
        Column("byline", "string", "Its byline."),
        Column("published", "string", "When it was published, as the page says."),
        Column("modified", "string", "When it was modified, as the page says."),
        Column("language", "string", "Its language (ISO 639-1)."),
        Column("capture_address", "string", "Where the capture stands in its archive."),
        Column("capture_read_at", "datetime", "When we read it there."),
        Column("capture_record", "string", "The WARC-Record-ID of the capture."),
        Column("capture_digest", "string", "The payload's digest, as the archive states it."),
        Column(
            "text",
            "string",
            "The text, its blocks parted by blank lines; only with full text.",
            sql="NULL::VARCHAR",
            whole="t.text",
        ),
    ),
    rows=_VERSIONS,
    whole_rows=_VERSIONS + _TEXTS,
    order="seen_first_at, article_id, version",
    key=("article", "version"),
    moment="seen_first_at",
    clock="version_list",
)

CHECKS = Table(
    "checks",
    "Every look at an article, also those that found nothing or failed.",
    (
        Column("check_id", "string", "Identifier of the check, hex."),
        _ARTICLE,
        Column("started_at", "datetime", "When it began."),
        Column("finished_at", "datetime", "When it ended."),
        Column("why", "string", "Why it was made, in one word."),
        Column("because", "string", "The same in one sentence."),
        Column("signal", "string", "The sign of a change that led to it, if one did."),
        Column("outcome", "string", "How it ended."),
        Column("detail", "string", "The same in a short stable word."),
        Column("reason", "string", "The same in one sentence."),
        Column("status", "integer", "The HTTP status."),
        Column("final_address", "string", "Where redirects led."),
        Column("moved_to", "string", "The same where they were said to be for good."),
        Column("pages", "integer", "From how many pages the article was read."),
        Column("body_sha256", "string", "SHA-256 (hex) of the response's body.", sql="body_digest"),
        Column("extractor", "string", "The revision of the reader that read it."),
    ),
    rows="(SELECT * FROM check_list WHERE {condition})",
    order="started_at, article_id, check_id",
    key=("check_id",),
    moment="started_at",
    clock="check_list",
)

CAPTURES = Table(
    "captures",
    "What web archives and WARC files showed of an article; never a check of ours.",
    (
        Column("capture", "string", "Identifier of the capture, hex."),
        _ARTICLE,
        Column("captured_at", "datetime", "When it was captured, by whoever did."),
        Column("read_at", "datetime", "When we read it."),
        Column("archive", "string", "The web archive's host, or the file's name."),
        Column("address", "string", "Where the capture stands there."),
        Column("captured_address", "string", "The page's address, as captured."),
        Column("record_id", "string", "WARC-Record-ID."),
        Column("digest", "string", "The payload's digest, as the archive states it."),
        Column("outcome", "string", "Read, or what stood there instead of the article."),
        Column("detail", "string", "The same in a short stable word."),
        Column("reason", "string", "The same in one sentence."),
        Column("status", "integer", "The HTTP status."),
        Column("body_sha256", "string", "SHA-256 (hex) of the decoded page.", sql="body_digest"),
        Column("extractor", "string", "The revision of the reader that read it."),
    ),
    rows="(SELECT * FROM capture_list WHERE {condition})",
    order="captured_at, article_id, capture",
    key=("capture",),
    moment="captured_at",
    clock="capture_list",
)

NOTES = Table(
    "notes",
    "The outlets' own notes in each version, and what became of them since the version before.",
    (
        _ARTICLE,
        Column("version", "integer", "The version it stands in, or was taken away by."),
        Column("ordinal", "integer", "Its place among the notes of that version, from 0."),
        Column("seen_first_at", "datetime", "The first check that showed that version."),
        Column("kind", "string", "Update, editors_note, clarification, correction, retraction."),
        Column("status", "string", "Added, removed, edited, moved or kept."),
        Column("text", "string", "Its exact text: the outlet's own statement."),
        Column("old_text", "string", "Its text before, where it was edited."),
        Column("place", "string", "Where it stands: top, inline, end or metadata."),
        Column("language", "string", "Its language (ISO 639-1)."),
        Column("cue", "string", "The cue by which it was recognised."),
        Column("stated_time", "string", "The time it states, as worded."),
        Column("source", "string", "The source it cites, as worded."),
    ),
    rows="""(
        SELECT * FROM (
            SELECT n.*, v.seen_first_at FROM note_list n
            JOIN version_list v ON v.article_id = n.article_id AND v.version = n.version
        ) WHERE {condition}
    )""",
    order="seen_first_at, article_id, version, ordinal",
    key=("article", "version", "ordinal"),
    moment="seen_first_at",
    clock="version_list",
)

COMMENTS = Table(
    "comments",
    "What readers wrote under articles; never part of them.",
    (
        _ARTICLE,
        Column("seen_first_at", "datetime", "The first check that showed it."),
        Column("ordinal", "integer", "Its place in the thread when it was first seen."),
        Column("depth", "integer", "How deep in the thread it stands; 0 is the top."),
        Column(
            "author",
            "string",
            "Who signed it; only with full text.",
            sql="NULL::VARCHAR",
            whole="author",
        ),
        Column(
            "text",
            "string",
            "What it says: a short span of it, or all with full text.",
            sql=short("text"),
            whole="text",
        ),
        Column("text_sha256", "string", "SHA-256 (hex) of the whole text.", sql=digest("text")),
        Column("disputes", "string", "One sentence, where it disputes the article."),
    ),
    rows="(SELECT * FROM comment_list WHERE {condition})",
    order="seen_first_at, article_id, ordinal, text_sha256",
    key=("article", "seen_first_at", "ordinal", "text_sha256"),
    moment="seen_first_at",
    clock="comment_list",
)

ALERTS = Table(
    "alerts",
    "What was told, by which rule.",
    (
        Column("alert_id", "string", "Identifier of the alert."),
        Column("rule", "string", "The rule that was met."),
        _ARTICLE,
        Column("version", "integer", "The version it tells of."),
        Column("kind", "string", "What it was called."),
        Column("title", "string", "Its title."),
        Column("reason", "string", "Its reason in one sentence."),
        Column("raised_at", "datetime", "When it was raised."),
    ),
    rows="""(SELECT * FROM (
        SELECT l.*, a.article_id FROM alert_list l JOIN alerts a USING (alert_id)
    ) WHERE {condition})""",
    order="raised_at, alert_id",
    key=("alert_id",),
    moment="raised_at",
    clock="alert_list",
)

REVIEWS = Table(
    "reviews",
    "People's marks on findings, each as an act; the last of a finding holds.",
    (
        _ARTICLE,
        Column("seen_first_at", "datetime", "The check that first showed what is marked."),
        Column("what", "string", "change, or the kind of the event that is marked."),
        Column(
            "passage",
            "string",
            "SHA-256 (hex) of old text, U+001F, new text, where one change of several is marked.",
        ),
        Column("mark", "string", "right, wrong or important.", values=MARKS),
        Column("status", "string", "open, in_work, done or set_aside.", values=STATUSES),
        Column("assignee", "string", "Who sees to it."),
        Column("note", "string", "What was written about it."),
        Column("reviewer", "string", "Who marked it."),
        Column("acted_at", "datetime", "When."),
        Column("came_by", "string", "dashboard, or the name of the sheet it came in."),
    ),
    rows="(SELECT * FROM review_list WHERE {condition})",
    order="acted_at, review_id",
    key=("article", "seen_first_at", "what", "passage", "acted_at"),
    moment="acted_at",
    clock="review_list",
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        ARTICLES,
        VERSIONS,
        CHECKS,
        CAPTURES,
        CHANGES,
        NOTES,
        COMMENTS,
        ALERTS,
        REVIEWS,
    )
}
"""In the order of the dictionary: what others point to comes first."""

PARENTS = {"articles": "article"}
"""Tables that others point to, and the column by which they do."""
