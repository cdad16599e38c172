-- When each change was seen first, beside it; the words that went or came; how many factual edits there are,
-- and how many of them a note admits: what ranks, counts, searches or takes a period reads little else.

ALTER TABLE comparisons ADD COLUMN seen_first_at TIMESTAMP;  -- of the version that it led to
ALTER TABLE comparisons ADD COLUMN spoken VARCHAR;           -- what went or came, in small letters, a line each run
ALTER TABLE comparisons ADD COLUMN factual INTEGER DEFAULT 0;   -- furniture not counted
ALTER TABLE comparisons ADD COLUMN admitted INTEGER DEFAULT 0;
ALTER TABLE changes ADD COLUMN seen_first_at TIMESTAMP;
UPDATE comparisons SET seen_first_at = v.seen_first_at FROM versions v
WHERE v.article_id = comparisons.article_id AND v.number = comparisons.new_number;
UPDATE changes SET seen_first_at = v.seen_first_at FROM versions v
WHERE v.article_id = changes.article_id AND v.number = changes.new_number;
UPDATE comparisons SET spoken = c.spoken FROM (
    SELECT article_id, new_number, lower(string_agg(said, chr(10) ORDER BY ordinal)) AS spoken FROM (
        SELECT article_id, new_number, ordinal, unnest(CASE WHEN len(runs) > 0 THEN runs ELSE
                   list_filter([old, new], lambda text: text IS NOT NULL) END) AS said
        FROM (SELECT article_id, new_number, ordinal, old, new, list_transform(list_filter(
                  from_json(redline, '[{"op":"VARCHAR","text":"VARCHAR"}]'),
                  lambda span: span.op <> 'same'), lambda span: span.text) AS runs FROM changes)
    ) GROUP BY ALL) c
WHERE c.article_id = comparisons.article_id AND c.new_number = comparisons.new_number;
UPDATE comparisons SET factual = c.factual, admitted = c.admitted FROM (
    SELECT article_id, new_number, count(*) AS factual, count(declared_by) AS admitted FROM changes
    ANTI JOIN (SELECT article_id, new_number, ordinal FROM passages WHERE held) p USING (article_id, new_number, ordinal)
    WHERE family = 'factual' AND note IS NULL GROUP BY ALL) c
WHERE c.article_id = comparisons.article_id AND c.new_number = comparisons.new_number;
