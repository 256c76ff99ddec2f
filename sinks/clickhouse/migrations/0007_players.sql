-- Whom a player plays for, and who he was found to be.

ALTER TABLE participants ADD COLUMN IF NOT EXISTS team_id Nullable(String);
ALTER TABLE participants ADD COLUMN IF NOT EXISTS successor_id Nullable(String);
