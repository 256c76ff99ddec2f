-- What persons decided on which players are one: his team, and the names that go with the other one.

ALTER TABLE identity_decisions ADD COLUMN IF NOT EXISTS team_id Nullable(String);
ALTER TABLE identity_decisions ADD COLUMN IF NOT EXISTS names Array(String);
