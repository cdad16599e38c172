-- The contract for everyone who reads: pages, feeds, exports and people with SQL.
-- Made again at every migration. Times are UTC. Identifiers of articles are hex.

CREATE OR REPLACE VIEW watched AS
SELECT target, target_id, arg_max(action, (acted_at, ordinal)) AS action,
       arg_max(action, (acted_at, ordinal)) = 'watch' AS watching, max(acted_at) AS acted_at
FROM watches GROUP BY target, target_id;

CREATE OR REPLACE VIEW article_list AS
SELECT lower(hex(a.article_id)) AS article, a.article_id, a.address, a.host,
       coalesce(s.outlet, a.host) AS outlet, s.headline, coalesce(w.watching, false) AS watching,
       a.added_at, s.first_read_at, s.published,
       coalesce(s.checks, 0) AS checks, coalesce(s.versions, 0) AS versions, s.current_version,
       s.last_fetch_at AS last_check_at, s.last_outcome, s.last_detail, s.last_reason,
       s.last_good_at, s.last_change_at, coalesce(s.removed, false) AS removed
FROM articles a
LEFT JOIN article_states s USING (article_id)
LEFT JOIN watched w ON w.target = 'article' AND w.target_id = a.article_id;

CREATE OR REPLACE VIEW version_list AS
SELECT lower(hex(v.article_id)) AS article, v.article_id, v.number AS version, v.seen_first_at,
       v.checked_before_at, v.checked_before_by, d.headline, d.byline, d.published, d.modified,
       d.language, d.outlet,
       CASE WHEN v.captured_by IS NULL THEN lower(hex(v.fetch_id)) END AS first_check,
       v.captured_by, c.address AS capture_address, c.read_at AS capture_read_at,
       c.record_id AS capture_record, c.digest AS capture_digest, v.document_id
FROM versions v JOIN documents d USING (document_id)
LEFT JOIN captures c ON c.capture_id = v.fetch_id;

-- What archives saw of an article, also where it was no article. Never a check of ours.
CREATE OR REPLACE VIEW capture_list AS
SELECT lower(hex(c.article_id)) AS article, c.article_id, a.address AS article_address,
       lower(hex(c.capture_id)) AS capture, c.capture_id, c.captured_at, c.read_at, c.archive, c.address,
       c.captured_address, c.record_id, c.digest, c.outcome, c.detail, c.reason, c.status,
       c.body_digest, c.extractor, c.headers
FROM captures c JOIN articles a USING (article_id);

CREATE OR REPLACE VIEW check_list AS
SELECT lower(hex(article_id)) AS article, article_id, lower(hex(fetch_id)) AS check_id,
       started_at, finished_at, why, because, signal, outcome, detail, reason, status, final_address,
       moved_to,
       body_digest, extractor, headers, pages, layout
FROM fetches;

-- The following pages of articles that are spread over several: one row for each request.
CREATE OR REPLACE VIEW page_list AS
SELECT lower(hex(article_id)) AS article, article_id, lower(hex(fetch_id)) AS check_id, number, address,
       started_at, finished_at, outcome, detail, reason, status, final_address, body_digest, headers
FROM pages;

CREATE OR REPLACE VIEW change_list AS
SELECT lower(hex(c.article_id)) AS article, c.article_id, a.address, coalesce(s.outlet, a.host) AS outlet,
       d.headline, k.old_number AS old_version, c.new_number AS new_version, c.ordinal,
       v.checked_before_at, v.checked_before_by, c.seen_first_at, v.captured_by, c.kind, c.sub_kind,
       c.family, c.old, c.new, c.redline, c.facts, c.note, c.declared_by, c.significance, c.reason,
       c.intention, c.parts, k.kinds AS labels,
       coalesce(k.held_by, CASE WHEN p.held THEN 'template' END) AS held_by, k.engine
FROM changes c  -- the time is asked of all three: then a period reads the ends of these tables alone
JOIN comparisons k ON k.article_id = c.article_id AND k.new_number = c.new_number AND k.seen_first_at = c.seen_first_at
JOIN versions v ON v.article_id = c.article_id AND v.number = c.new_number AND v.seen_first_at = c.seen_first_at
JOIN documents d ON d.document_id = v.document_id
JOIN articles a ON a.article_id = c.article_id
LEFT JOIN article_states s ON s.article_id = c.article_id
LEFT JOIN (SELECT article_id, new_number, ordinal, held FROM passages WHERE held) p
    ON p.article_id = c.article_id AND p.new_number = c.new_number AND p.ordinal = c.ordinal;

CREATE OR REPLACE VIEW note_list AS
SELECT lower(hex(n.article_id)) AS article, n.article_id, n.number AS version, n.ordinal, n.kind,
       n.status, n.text, n.old_text, n.place, n.block, n.language, n.cue, n.stated_time, n.source
FROM notes n;

CREATE OR REPLACE VIEW event_list AS
SELECT lower(hex(e.article_id)) AS article, e.article_id, a.address, coalesce(s.outlet, a.host) AS outlet,
       s.headline, e.kind, e.version, e.checked_before_at, e.seen_first_at, e.significance, e.reason,
       e.held_by
FROM events e
JOIN articles a USING (article_id)
LEFT JOIN article_states s USING (article_id);

-- What the first screen ranks, counts and searches, and nothing of what it shows: of the newest million
-- transitions in 50 ms. ``spoken`` are the words that went or came, ``factual`` counts factual edits of the
-- text, ``admitted`` those of them that a note admits.
CREATE OR REPLACE VIEW ranking AS
SELECT article_id, old_number AS old_version, new_number AS new_version, kind, declared, significance,
       seen_first_at, reason, spoken, factual, admitted, held_by
FROM comparisons
UNION ALL
SELECT article_id, version, version, kind, false, significance, seen_first_at, reason, NULL, 0, 0, held_by
FROM events;

-- One row for each transition between two versions and for each event: what the first screen ranks.
CREATE OR REPLACE VIEW queue AS
SELECT lower(hex(k.article_id)) AS article, k.article_id, a.address, coalesce(s.outlet, a.host) AS outlet,
       d.headline, k.kind, k.kinds, k.old_number AS old_version, k.new_number AS new_version,
       v.checked_before_at, v.checked_before_by, k.seen_first_at, v.captured_by, k.significance,
       k.reason, k.held_by, k.changes, k.declared,
       -- what archives showed, and what our first look found beside it, may be old: never told
       v.captured_by IS NOT NULL OR coalesce(v.seen_first_at = s.first_read_at, false) AS from_archives
FROM comparisons k  -- as above
JOIN versions v ON v.article_id = k.article_id AND v.number = k.new_number AND v.seen_first_at = k.seen_first_at
JOIN documents d ON d.document_id = v.document_id
JOIN articles a ON a.article_id = k.article_id
LEFT JOIN article_states s ON s.article_id = k.article_id
UNION ALL
SELECT article, article_id, address, outlet, headline, kind, [kind], version, version,
       checked_before_at, NULL, seen_first_at, NULL, significance, reason, held_by,
       0, false, false
FROM event_list;

CREATE OR REPLACE VIEW comment_list AS
SELECT lower(hex(article_id)) AS article, article_id, seen_first_at, ordinal, depth, author, text, disputes
FROM comments;

CREATE OR REPLACE VIEW source_list AS
SELECT lower(hex(s.source_id)) AS source, s.source_id, s.kind, s.address, s.added_at,
       coalesce(w.watching, false) AS watching, p.last_poll_at, p.last_outcome, p.last_reason,
       coalesce(p.polls, 0) AS polls, coalesce(n.articles, 0) AS articles, s.pattern, p.last_because,
       p.last_links, p.news_at, b.hub, b.state AS hub_state, b.reason AS hub_reason,
       coalesce(w.action = 'pause', false) AS paused, coalesce(n.readable, 0) AS readable,
       coalesce(n.unreadable, 0) AS unreadable, coalesce(n.shut, 0) AS shut
FROM sources s
LEFT JOIN subscriptions b ON b.source_id = s.source_id
LEFT JOIN watched w ON w.target = 'source' AND w.target_id = s.source_id
LEFT JOIN (
    SELECT source_id, max(finished_at) AS last_poll_at, arg_max(outcome, finished_at) AS last_outcome,
           arg_max(reason, finished_at) AS last_reason, count(*) AS polls,
           arg_max(because, finished_at) AS last_because,
           arg_max(links, finished_at) FILTER (outcome = 'read') AS last_links,
           max(finished_at) FILTER (new_articles > 0) AS news_at
    FROM polls GROUP BY source_id
) p ON p.source_id = s.source_id
LEFT JOIN (
    -- Of the looks of its last three days: a thousand articles that could be read last year say nothing of now.
    SELECT source_id, count(*) AS articles,
           count(*) FILTER (recent AND last_outcome IN ('read', 'unchanged')) AS readable,
           count(*) FILTER (recent AND last_outcome IN ('unreadable', 'held')) AS unreadable,
           count(*) FILTER (recent AND last_outcome IN ('blocked', 'refused')) AS shut
    FROM (
        SELECT source_id, last_outcome,
               last_fetch_at > max(last_fetch_at) OVER (PARTITION BY source_id) - INTERVAL 3 DAY AS recent
        FROM articles LEFT JOIN article_states USING (article_id)
    ) GROUP BY source_id
) n ON n.source_id = s.source_id;

CREATE OR REPLACE VIEW alert_list AS
SELECT x.alert_id, x.rule, lower(hex(nullif(x.article_id, 0))) AS article, x.version, x.kind, x.title,
       x.reason, x.body, x.link, x.channels, x.raised_at,
       coalesce(d.sent, []) AS sent, coalesce(d.attempts, 0) AS attempts, d.last_reason
FROM alerts x
LEFT JOIN (
    SELECT alert_id, list(channel) FILTER (outcome = 'sent') AS sent,
           count(*) FILTER (outcome <> 'asked') AS attempts, arg_max(reason, rowid) AS last_reason
    FROM deliveries GROUP BY alert_id
) d USING (alert_id);

-- How far each alert came on each of its channels. Tries are those since somebody last asked for more, in the
-- order they were recorded: the clock may have been set back.
CREATE OR REPLACE VIEW outbox_list AS
SELECT x.alert_id, x.channel, coalesce(d.sent, false) AS sent, coalesce(d.tries, 0) AS tries,
       d.last_try_at, d.last_reason
FROM (SELECT alert_id, unnest(channels) AS channel FROM alerts) x
LEFT JOIN (
    SELECT alert_id, channel, bool_or(outcome = 'sent') AS sent, count(*) FILTER (place > asked) AS tries,
           arg_max(finished_at, place) FILTER (place > asked) AS last_try_at,
           arg_max(reason, place) AS last_reason
    FROM (
        SELECT *, rowid AS place,
               coalesce(max(rowid) FILTER (outcome = 'asked') OVER (PARTITION BY alert_id, channel), -1) AS asked
        FROM deliveries
    ) GROUP BY alert_id, channel
) d ON d.alert_id = x.alert_id AND d.channel = x.channel;

-- What the schedule needs of every watched article.
CREATE OR REPLACE VIEW schedule_list AS
SELECT a.article_id, coalesce(s.stands_at, a.address) AS address,
       coalesce(regexp_extract(s.stands_at, '^https?://([^/?]+)', 1), a.host) AS host,
       a.added_at, s.published, s.first_read_at, s.last_fetch_at,
       s.last_outcome, s.last_change_at, coalesce(s.versions, 0) AS versions,
       coalesce(s.checks, 0) AS checks, coalesce(s.unchanged_streak, 0) AS unchanged_streak,
       coalesce(s.failures_streak, 0) + coalesce(s.gone_streak, 0) AS failures_streak,
       coalesce(s.confirms, 0) AS confirms,
       s.waiting, coalesce(s.removed, false) AS removed, s.etag, s.last_modified, s.body_digest,
       coalesce(s.pages, 1) AS pages, p.second_page
FROM articles a
JOIN watched w ON w.target = 'article' AND w.target_id = a.article_id AND w.watching
LEFT JOIN article_states s USING (article_id)
LEFT JOIN (
    SELECT article_id, arg_max(address, finished_at) AS second_page FROM pages
    WHERE number = 2 AND detail = 'read' GROUP BY article_id
) p ON p.article_id = a.article_id AND s.pages > 1;

-- What the schedule needs of every watched source. Recent polls are those of the three days before the
-- newest poll of any source: enough to see how often a source has news, however long the archive.
CREATE OR REPLACE VIEW poll_list AS
WITH recent AS (
    SELECT *, rowid AS place, started_at > (SELECT max(started_at) FROM polls) - INTERVAL 1 DAY AS counts
    FROM polls WHERE started_at > (SELECT max(started_at) FROM polls) - INTERVAL 3 DAY
), good AS (
    SELECT source_id, max(place) AS place,
           arg_max(etag, place) FILTER (outcome = 'read') AS etag,
           arg_max(last_modified, place) FILTER (outcome = 'read') AS last_modified,
           arg_max(coalesce(not_before, started_at), place) FILTER (part IS NULL) AS not_before,
           count(*) FILTER (counts AND part IS NULL) AS polls,
           count(*) FILTER (counts AND has_news) AS news,
           coalesce(epoch(max(started_at) FILTER (counts) - min(started_at) FILTER (counts)), 0) AS watched_seconds
    FROM recent WHERE outcome IN ('read', 'unchanged') GROUP BY source_id
), ever AS (
    -- The newest row, whatever its stamp: the clock may have been set back.
    SELECT source_id, arg_max(started_at, rowid) AS last_poll_at, arg_max(outcome, rowid) AS last_outcome,
           bool_or(outcome = 'read') AS was_read, max(started_at) FILTER (has_news) AS news_at
    FROM polls GROUP BY source_id
)
SELECT s.source_id, s.kind, s.address, s.added_at, s.pattern, e.last_poll_at, e.last_outcome,
       coalesce(e.was_read, false) AS was_read, e.news_at, g.etag, g.last_modified, g.not_before,
       coalesce(g.polls, 0) AS polls, coalesce(g.news, 0) AS news,
       coalesce(g.watched_seconds, 0) AS watched_seconds, coalesce(f.failures, 0) AS failures,
       coalesce(b.state = 'held' AND b.until_at > e.last_poll_at, false) AS leased, b.pushed_at
FROM sources s
JOIN watched w ON w.target = 'source' AND w.target_id = s.source_id AND w.watching
LEFT JOIN ever e USING (source_id)
LEFT JOIN subscriptions b USING (source_id)
LEFT JOIN good g USING (source_id)
LEFT JOIN (
    SELECT r.source_id, count(*) AS failures FROM recent r LEFT JOIN good USING (source_id)
    WHERE good.place IS NULL OR r.place > good.place GROUP BY r.source_id
) f USING (source_id);

-- What is known of hosts: the pace and the pauses they asked for, or earned by not answering.
CREATE OR REPLACE VIEW host_list AS
SELECT host, delay_seconds, paused_until, pause_reason, failures FROM hosts;

-- Every attempt to send an alert.
CREATE OR REPLACE VIEW delivery_list AS
SELECT d.alert_id, lower(hex(x.article_id)) AS article, x.article_id, d.channel, d.attempt, d.outcome,
       d.reason, d.finished_at
FROM deliveries d JOIN alerts x USING (alert_id);

-- Every mark a person made on a finding, as an act; and the last of each finding, which holds.
CREATE OR REPLACE VIEW review_list AS
SELECT lower(hex(r.article_id)) AS article, r.article_id, seen_first_at, what, passage, mark, status,
       assignee, note, reviewer, acted_at, came_by, review_id
FROM (
    SELECT r.* REPLACE (coalesce(l.article_id, r.article_id) AS article_id)
    FROM reviews r LEFT JOIN aliases l ON l.alias_id = r.article_id
) r;

CREATE OR REPLACE VIEW reviewed AS
SELECT * FROM review_list
QUALIFY row_number() OVER (
    PARTITION BY article_id, seen_first_at, what, passage ORDER BY acted_at DESC, review_id DESC
) = 1;

-- Articles that were removed everywhere, by their numbers alone.
CREATE OR REPLACE VIEW forgotten_list AS
SELECT lower(hex(article_id)) AS article, article_id, forgotten_at FROM forgotten;

-- Which sentences each document says, in order, and in which of its blocks (from 1).
CREATE OR REPLACE VIEW document_sentences AS
SELECT document_id, unnest(blocks) AS block, unnest(said) AS sentence_id,
       generate_subscripts(said, 1) AS ordinal
FROM (
    SELECT document_id,
           flatten(list_transform(string_split(sentences, ','), lambda run: range(
               split_part(run, '+', 1)::INTEGER,
               split_part(run, '+', 1)::INTEGER + coalesce(nullif(split_part(run, '+', 2), ''), '1')::INTEGER
           ))) AS said,
           flatten(list_transform(json_extract(f.text, '$[*][1]')::INTEGER[],
               lambda sentences, block: list_resize([]::INTEGER[], sentences, block))) AS blocks
    FROM documents JOIN frames f USING (frame_id)
    WHERE sentences <> ''
);
