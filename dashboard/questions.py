"""What is asked of the views about one article: by the pages, and by what leaves the house."""

from __future__ import annotations

VERSIONS = """
    SELECT v.*, q.kind, q.significance, q.reason, q.held_by, q.old_version, q.declared
    FROM version_list v
    LEFT JOIN (SELECT * FROM queue WHERE article_id = ? AND old_version <> new_version) q
      ON q.new_version = v.version
    WHERE v.article_id = ? ORDER BY v.version
"""
"""Versions in order, each with what became of the one before. The article, twice."""

HELD_CHANGES = """
    SELECT held_by AS rule, count(*) AS changes FROM change_list
    WHERE article_id = ? AND old_version = ? AND new_version = ? AND held_by IS NOT NULL
    GROUP BY ALL ORDER BY 1
"""
"""Which rules hold back changes between two versions, and how many each. The article, old, new."""

EVENTS = """
    SELECT * FROM event_list WHERE article_id = ? ORDER BY seen_first_at
"""
"""What happened to it as a whole, in order. The article."""

CHECKS = """
    SELECT check_id, started_at, finished_at, why, outcome, detail, reason, status,
           final_address, body_digest, extractor
    FROM check_list WHERE article_id = ? ORDER BY started_at DESC LIMIT ?
"""
"""Its last checks, newest first, without their headers. The article, how many."""

EVIDENCE = """
    SELECT c.* FROM check_list c JOIN version_list v
      ON c.article_id = v.article_id AND c.check_id = v.first_check
    WHERE v.article_id = ? AND v.version = ?
"""
"""The check that first showed a version, headers included. The article, the version."""

PAGES = """
    SELECT number, address, outcome, reason, status, body_digest FROM page_list
    WHERE article_id = ? AND check_id = ? ORDER BY number
"""
"""The following pages that a check asked for, in order. The article, the check."""

CAPTURE = """
    SELECT c.* FROM capture_list c JOIN version_list v
      ON c.article_id = v.article_id AND c.address = v.capture_address
    WHERE v.article_id = ? AND v.version = ? AND v.captured_by = c.archive
"""
"""The capture of an archive that first showed a version. The article, the version."""

COMMENTS = """
    SELECT * FROM comment_list WHERE article_id = ? ORDER BY seen_first_at, ordinal LIMIT ?
"""
"""What readers wrote under it, in the order of the thread. The article, how many."""
