-- One part of a large archive, in bulk: articles first to last, as the variables say. See large_archive.py.

-- The words of a language that nobody speaks, the frequent ones short, as often as Zipf's law has it.
CREATE OR REPLACE TEMP MACRO spoken(rank) AS
    ['an','be','co','de','er','fu','ga','he','il','ju','ka','lo','me','no','or','pe','qui','ra','se','to'][rank % 20 + 1]
    || CASE WHEN rank >= 20 THEN
    ['bal','cer','din','fen','gor','hal','ist','jor','kan','lem','mor','nas','ort','pra','ren','sta','tur','ved','wis','zen']
        [rank // 20 % 20 + 1] ELSE '' END
    || CASE WHEN rank >= 400 THEN
    ['a','ent','ing','er','ed','ion','al','ity','ous','ly','ers','ations','ment','ness','es','or','ic','ive','ant','s']
        [rank // 400 % 20 + 1] ELSE '' END
    || CASE WHEN rank >= 8000 THEN ['en','um','ost','ard','ish'][rank // 8000 % 5 + 1] ELSE '' END;
CREATE OR REPLACE TEMP MACRO rank_of(chance) AS
    floor(exp((chance % 1000003) / 1000003.0 * ln(40000)))::INTEGER;

CREATE OR REPLACE TEMP TABLE a AS
SELECT n, hash(n, 'article') >> 1 AS article_id, 'news' || n % 200 || '.example' AS host,
       'https://news' || n % 200 || '.example/2026/' || spoken(rank_of(hash(n, 'place'))) || '-' || n AS address,
       getvariable('since') + to_seconds((n * getvariable('step'))::BIGINT) AS added_at,
       3 * (6 + hash(n) % 10)::INTEGER AS slots
FROM range(getvariable('first'), getvariable('last')) r(n);

CREATE OR REPLACE TEMP TABLE v AS
SELECT *, lead(seen_first_at) OVER (PARTITION BY n ORDER BY number) AS next_at FROM (
    SELECT n, article_id, host, address, number::INTEGER AS number, slots,
           hash(n, number, 'document') >> 1 AS document_id, hash(n, number, 'fetch', 0) >> 1 AS fetch_id,
           added_at + to_seconds((1800 * pow(number - 1, 1.7) + hash(n, number) % 1200)::BIGINT)
               + to_microseconds((hash(n, number, 'part') % 1000000)::BIGINT) AS seen_first_at,
           hash(n, number, 'adds') % 3 = 0 AND number > 1 AS adds
    FROM a, range(1, getvariable('versions') + 2) r(number)
);
CREATE OR REPLACE TEMP TABLE extra AS SELECT * FROM v WHERE number > getvariable('versions');
DELETE FROM v WHERE number > getvariable('versions');

-- Every wording that a place in an article had, with the version that brought it.
CREATE OR REPLACE TEMP TABLE wordings AS
SELECT *, lead(born) OVER (PARTITION BY n, slot ORDER BY born) AS until,
       row_number() OVER (ORDER BY seen_first_at, slot)
           + (SELECT coalesce(max(sentence_id), 0) FROM sentences) AS sentence_id
FROM (
    SELECT DISTINCT n, slots, slot, number AS born, seen_first_at FROM (
        SELECT *, unnest(range(1, slots + 1)) AS slot FROM v WHERE number = 1
        UNION ALL
        SELECT *, unnest([1 + (hash(n, number, 1) % slots), 1 + (hash(n, number, 2 * (number % 2)) % slots)])
        FROM v WHERE number > 1
        UNION ALL
        SELECT *, unnest([slots + 2 * number - 3, slots + 2 * number - 2]) FROM v WHERE adds
    )
);
CREATE OR REPLACE TEMP TABLE said AS
SELECT n, slot, born, until, sentence_id, seen_first_at,
       upper(text[1]) || text[2:] || CASE WHEN ends THEN '.' ELSE '. ' END AS text
FROM (
    SELECT *, CASE WHEN slot <= slots THEN slot % 3 = 0 ELSE (slot - slots) % 2 = 0 END AS ends,
           array_to_string(list_transform(range((8 + hash(n, slot) % 18)::BIGINT), lambda place:
               CASE WHEN hash(n, slot, place) % 31 = 0 THEN (hash(n, slot, place, born) % 900)::VARCHAR
               ELSE spoken(rank_of(hash(n, slot, place,
                   CASE WHEN hash(n, slot, place, born) % 8 = 0 THEN born ELSE 1 END))) END), ' ') AS text
    FROM wordings
);
INSERT INTO sentences
SELECT sentence_id, ('0x' || left(md5(text), 8))::UINTEGER, text FROM said ORDER BY sentence_id;

CREATE OR REPLACE TEMP TABLE runs AS
SELECT n, number, string_agg(run, ',' ORDER BY place) AS sentences FROM (
    SELECT n, number, place, min(sentence_id) || CASE WHEN count(*) > 1 THEN '+' || count(*) ELSE '' END AS run
    FROM (
        SELECT *, sum(begins::INTEGER) OVER (PARTITION BY n, number ORDER BY slot) AS place FROM (
            SELECT n, number, slot, sentence_id, coalesce(sentence_id
                <> 1 + lag(sentence_id) OVER (PARTITION BY n, number ORDER BY slot), true) AS begins
            FROM v JOIN said USING (n) WHERE number >= born AND (until IS NULL OR number < until)
        )
    ) GROUP BY n, number, place
) GROUP BY n, number;

CREATE OR REPLACE TEMP TABLE framed AS
SELECT n, number, '[' || string_agg(block, ',' ORDER BY place) || ']' AS frame FROM (
    SELECT n, number, place, '["paragraph",3' || CASE WHEN hash(n, place) % 6 = 0
        THEN ',["' || address || '-' || hash(n, place) % 100000 || '"],["story-body"]]' ELSE ']' END AS block
    FROM (SELECT *, unnest(range(1, slots // 3 + 1)) AS place FROM v)
    UNION ALL
    SELECT v.n, v.number, 100 + e.number, '["paragraph",2]' FROM v JOIN v e USING (n)
    WHERE e.adds AND e.number <= v.number
) GROUP BY n, number;
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT frame, row_number() OVER (ORDER BY min(seen_first_at), frame)
              + (SELECT coalesce(max(frame_id), 0) FROM frames) AS frame_id
FROM framed JOIN v USING (n, number) GROUP BY frame;
INSERT INTO frames SELECT frame_id, ('0x' || left(md5(frame), 8))::UINTEGER, frame FROM fresh ORDER BY frame_id;

CREATE OR REPLACE TEMP TABLE headed AS
SELECT n, number, array_to_string(list_transform(range(8), lambda place:
    spoken(rank_of(hash(n, 'headline', place, CASE WHEN place = 3 THEN number // 6 ELSE 0 END)))), ' ') AS headline
FROM v;
INSERT INTO documents
SELECT document_id, 'generated', address, headline, NULL, 'By ' || spoken(rank_of(hash(n, 'byline'))),
       strftime(first_at, '%Y-%m-%dT%H:%M:%SZ'), strftime(seen_first_at, '%Y-%m-%dT%H:%M:%SZ'), 'en', host,
       sentences, frame_id, '[]',
       to_json({published: strftime(first_at, '%Y-%m-%dT%H:%M:%SZ'),
                modified: strftime(seen_first_at, '%Y-%m-%dT%H:%M:%SZ'), corrections: []::VARCHAR[],
                correction_times: []::VARCHAR[], live_blog: false, canonical: address, social_headline: headline,
                section: 'news', outlet: host})::VARCHAR
FROM (SELECT *, min(seen_first_at) OVER (PARTITION BY n) AS first_at FROM v)
JOIN runs USING (n, number) JOIN framed USING (n, number) JOIN fresh USING (frame) JOIN headed USING (n, number)
ORDER BY seen_first_at;

CREATE OR REPLACE TEMP TABLE looks AS
SELECT v.*, place, coalesce(next_at, seen_first_at + INTERVAL 8 HOURS) - seen_first_at AS stays,
       hash(n, number, 'fetch', place) >> 1 AS look
FROM (SELECT v.* EXCLUDE (next_at), coalesce(v.next_at, e.seen_first_at) AS next_at
      FROM v LEFT JOIN extra e USING (n)) v, range(getvariable('looks')) r(place);
INSERT INTO fetches BY NAME
SELECT look AS fetch_id, article_id, seen_first_at + stays * (place / getvariable('looks')) AS started_at,
       started_at + to_milliseconds(200 + (look % 900)::BIGINT) AS finished_at,
       CASE WHEN place = 0 AND number = 1 THEN 'first' WHEN look % 20 = 0 THEN 'signal' ELSE 'due' END AS why,
       CASE WHEN place = 0 THEN 'read' WHEN look % 97 = 0 THEN 'failed' ELSE 'unchanged' END AS outcome,
       CASE WHEN place = 0 AND number = 1 THEN 'first' WHEN place = 0 THEN 'changed' WHEN look % 97 = 0 THEN 'timeout'
            WHEN look % 3 = 0 THEN 'http_304' ELSE 'same_body' END AS detail,
       CASE WHEN place = 0 AND number = 1 THEN 'The article was read for the first time.'
            WHEN place = 0 THEN 'A figure differs: ' || look % 900 || ' became ' || look // 900 % 900 || '.'
            WHEN look % 97 = 0 THEN 'No answer came within 20 seconds.'
            WHEN look % 3 = 0 THEN 'The server says that nothing changed.'
            ELSE 'The same bytes came as before.' END AS reason,
       CASE WHEN look % 97 = 0 AND place > 0 THEN NULL WHEN look % 3 = 0 AND place > 0 THEN 304 ELSE 200 END AS status,
       '"' || hex(document_id) || '"' AS etag,
       CASE WHEN status = 200 THEN sha256(document_id::VARCHAR) END AS body_digest,
       CASE WHEN place = 0 THEN document_id END AS document_print, CASE WHEN place = 0 THEN 'generated' END AS extractor,
       CASE WHEN status IS NULL THEN '[]' ELSE '[["Date","' || strftime(started_at, '%a, %d %b %Y %H:%M:%S GMT')
            || '"],["Content-Type","text/html; charset=utf-8"],["Server","nginx"],["ETag","' || hex(document_id)
            || '"]]' END AS headers,
       CASE WHEN place = 0 THEN document_id END AS document_id,
       'The schedule expects a change about every ' || 10 + look % 50 || ' minutes.' AS because, 1 AS pages
FROM looks ORDER BY started_at;

INSERT INTO versions BY NAME
SELECT article_id, number, fetch_id, document_id, document_id AS document_print, seen_first_at,
       CASE WHEN number > 1 THEN before_at + (seen_first_at - before_at)
                * ((getvariable('looks') - 1) / getvariable('looks')) END AS checked_before_at
FROM (SELECT *, lag(seen_first_at) OVER (PARTITION BY n ORDER BY number) AS before_at FROM v)
ORDER BY seen_first_at;

CREATE OR REPLACE TEMP TABLE told AS
SELECT s.*, v.article_id, v.host, s.born AS new_number, hash(s.n, s.slot, s.born) % 1000 / 1000.0 AS points,
       (row_number() OVER (PARTITION BY s.n, s.born ORDER BY slot) - 1)::INTEGER AS ordinal,
       lag(text) OVER (PARTITION BY s.n, slot ORDER BY born) AS old
FROM said s JOIN v ON v.n = s.n AND v.number = s.born;
DELETE FROM told WHERE new_number = 1;
INSERT INTO changes BY NAME
SELECT article_id, new_number, ordinal,
       CASE WHEN sentence_id % 40 = 1 THEN 'correction' WHEN old IS NULL THEN 'added' ELSE 'edited' END AS kind,
       CASE WHEN sentence_id % 40 = 1 THEN 0 END AS note,
       CASE WHEN note IS NULL AND bool_or(sentence_id % 40 = 1) OVER (PARTITION BY n, new_number) THEN 0 END AS declared_by,
       CASE WHEN sentence_id % 5 = 0 THEN 'factual' ELSE 'stylistic' END AS family, rtrim(old) AS old,
       rtrim(text) AS new, CASE WHEN old IS NULL THEN to_json([{op: 'added', text: new}])
       ELSE to_json([{op: 'same', text: new[:40]}, {op: 'removed', text: old[41:52]}, {op: 'added', text: new[41:55]},
                     {op: 'same', text: new[56:]}]) END::VARCHAR AS redline,
       CASE WHEN family = 'factual' THEN to_json([{type: 'number', old: (sentence_id % 900)::VARCHAR,
            new: (sentence_id % 890)::VARCHAR}]) ELSE '[]' END::VARCHAR AS facts,
       points AS significance, CASE WHEN old IS NULL THEN 'A sentence was added.'
            ELSE 'A figure differs: ' || sentence_id % 900 || ' became ' || sentence_id % 890 || '.' END AS reason,
       to_json([{name: 'kind', meaning: 'What kind of change it is.', points: points / 2},
                {name: 'place', meaning: 'Where in the article it stands.', points: points / 2}])::VARCHAR AS parts,
       seen_first_at
FROM told ORDER BY seen_first_at, ordinal;
-- What is held back as furniture is the same in some ten articles of an outlet.
INSERT INTO passages
SELECT host, CASE WHEN sentence_id % 40 = 0 THEN hash(host, n // 4000) ELSE hash(text) END >> 1, article_id, new_number, ordinal, seen_first_at, sentence_id % 40 = 0 FROM told
ORDER BY seen_first_at, ordinal;
INSERT INTO comparisons BY NAME
SELECT article_id, new_number - 1 AS old_number, new_number, 'changed' AS verdict,
       CASE WHEN min(sentence_id) % 40 = 1 THEN 'correction' WHEN min(sentence_id) % 10 = 2 THEN 'changed_without_note'
            WHEN min(sentence_id) % 10 = 3 THEN 'headline' ELSE 'edited' END AS kind,
       CASE WHEN min(sentence_id) % 10 = 2 THEN ['changed_without_note'] ELSE [] END AS kinds,
       max(points) AS significance, 'A figure differs: ' || min(sentence_id) % 900 || ' became another.' AS reason,
       CASE WHEN min(sentence_id) % 30 = 0 THEN 'template' END AS held_by, 'generated' AS engine,
       count(*)::INTEGER AS changes, bool_or(sentence_id % 40 = 1) AS declared, min(seen_first_at) AS seen_first_at,
       lower(string_agg(CASE WHEN old IS NULL THEN rtrim(text) ELSE old[41:52] || chr(10) || rtrim(text)[41:55] END,
                        chr(10) ORDER BY ordinal)) AS spoken,
       count(*) FILTER (edits)::INTEGER AS factual,
       count(*) FILTER (edits AND note IS NOT NULL)::INTEGER AS admitted
FROM (SELECT *, sentence_id % 5 = 0 AND sentence_id % 40 <> 0 AS edits,
             max(sentence_id) FILTER (sentence_id % 40 = 1) OVER (PARTITION BY n, new_number) AS note FROM told)
GROUP BY article_id, new_number ORDER BY min(seen_first_at);
INSERT INTO notes BY NAME
SELECT article_id, new_number AS number, 0 AS ordinal, 'correction' AS kind, 'added' AS status,
       'Correction: ' || text AS text, 'end' AS place, 3 AS block, 'en' AS language, 'en/correction-label' AS cue
FROM told WHERE sentence_id % 40 = 1 ORDER BY seen_first_at;
INSERT INTO events BY NAME
SELECT article_id, 'removed' AS kind, fetch_id, number AS version, seen_first_at + INTERVAL 4 HOURS AS seen_first_at,
       seen_first_at AS checked_before_at, 0.85 AS significance, 'The article was not there at 2 looks in a row.' AS reason
FROM v WHERE number = getvariable('versions') AND n % 100 = 0;
INSERT INTO alerts BY NAME
SELECT md5(article_id || '-' || number) AS alert_id, 'corrections' AS rule, article_id, number AS version,
       kind, 'A correction' AS title, 'A note was added.' AS reason, text AS body, '' AS link, ['log'] AS channels,
       (SELECT max(added_at) FROM a) AS raised_at
FROM (SELECT * FROM notes WHERE article_id IN (SELECT article_id FROM a)) WHERE article_id % 4 = 0;

INSERT INTO articles BY NAME
SELECT article_id, address, host, hash(host) >> 1 AS source_id, false AS baseline, added_at FROM a ORDER BY added_at;
INSERT INTO watches SELECT 'article', article_id, 'watch', added_at, n FROM a ORDER BY added_at;
INSERT INTO article_states BY NAME
SELECT article_id, getvariable('versions') AS current_version, getvariable('versions') AS versions,
       getvariable('versions') * getvariable('looks') AS checks, headline, host AS outlet,
       strftime(added_at, '%Y-%m-%dT%H:%M:%SZ') AS published, first_at AS first_read_at,
       last_at + INTERVAL 4 HOURS AS last_fetch_at, 'unchanged' AS last_outcome, 'same_body' AS last_detail,
       'The same bytes came as before.' AS last_reason, last_fetch_at AS last_good_at, last_at AS last_change_at,
       9 AS unchanged_streak, 0 AS failures_streak, n % 100 = 0 AS removed, 0 AS gone_streak, 0 AS confirms, 1 AS pages,
       0 AS hidden_streak
FROM a JOIN (SELECT n, min(seen_first_at) AS first_at, max(seen_first_at) AS last_at FROM v GROUP BY n) USING (n)
JOIN headed USING (n) WHERE number = getvariable('versions');
