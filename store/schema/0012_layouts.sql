-- Which layout of its outlet a page had: the layout's date, "none" where none of them fitted, NULL where
-- the outlet has none.

ALTER TABLE fetches ADD COLUMN layout VARCHAR;
