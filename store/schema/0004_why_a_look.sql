-- Why each look was made, beside its one word.

ALTER TABLE fetches ADD COLUMN because VARCHAR;  -- one sentence
ALTER TABLE fetches ADD COLUMN signal VARCHAR;   -- what sign of a change led to it: stamp, lastmod, wording
