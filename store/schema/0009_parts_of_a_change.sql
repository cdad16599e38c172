-- What the engine says of a change beyond its kind: of what its significance is made, what it is for.
-- Empty for what was compared before this column was there; 'storylapse recompare' fills it.

ALTER TABLE changes ADD COLUMN intention VARCHAR;             -- NewsEdits 2.0, finer than the family
ALTER TABLE changes ADD COLUMN parts VARCHAR DEFAULT '[]';    -- JSON: [{"name", "meaning", "points"}, …]
