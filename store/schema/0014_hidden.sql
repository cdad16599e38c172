-- How often in a row something stood in an article's place (a wall, a shell, no article), and since when.

ALTER TABLE article_states ADD COLUMN hidden_streak INTEGER;
ALTER TABLE article_states ADD COLUMN hidden_since TIMESTAMP;
