-- What Betradar calls a fixture, where a provider says so.

ALTER TABLE fixtures ADD COLUMN IF NOT EXISTS betradar_id Nullable(String);
