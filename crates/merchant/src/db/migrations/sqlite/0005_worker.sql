-- The worker's claims: a claim number tells a task whose lease has run out from its successor.

ALTER TABLE payments ADD COLUMN claim INTEGER NOT NULL DEFAULT 0;
-- Until when a task of the worker has this payment to itself.
ALTER TABLE payments ADD COLUMN leased_until INTEGER;
ALTER TABLE outbox ADD COLUMN claim INTEGER NOT NULL DEFAULT 0;

CREATE INDEX payments_to_close ON payments (next_check_at) WHERE is_close_wanted = 1;
