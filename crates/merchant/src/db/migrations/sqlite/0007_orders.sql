-- One payment an order: of the sessions that are opened so, an order has one that is open and one
-- that is complete at most, whatever the program believes. Earlier sessions keep their own rule.

ALTER TABLE sessions ADD COLUMN one_per_order INTEGER NOT NULL DEFAULT 0;
-- What the merchant keeps with a session: texts by name, in JSON.
ALTER TABLE sessions ADD COLUMN metadata TEXT;

CREATE INDEX sessions_of_order ON sessions (order_id);
CREATE UNIQUE INDEX sessions_one_open_per_order ON sessions (order_id)
    WHERE one_per_order = 1 AND status = 'open';
CREATE UNIQUE INDEX sessions_one_complete_per_order ON sessions (order_id)
    WHERE one_per_order = 1 AND status = 'complete';
