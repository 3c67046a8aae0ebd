-- The events of an order's sessions, done or not.
CREATE INDEX outbox_of_subject ON outbox (subject);
-- What is due to an endpoint, however much waits for the others.
CREATE INDEX outbox_due_to ON outbox (endpoint, next_attempt_at) WHERE done_at IS NULL;
