-- An event is owed to each endpoint that wants its type: a row for each.
ALTER TABLE outbox ADD COLUMN endpoint TEXT;
-- The id that each endpoint gets: of one event the same for all.
ALTER TABLE outbox ADD COLUMN event_id TEXT;
-- It was not delivered, and is not tried any more.
ALTER TABLE outbox ADD COLUMN given_up INTEGER NOT NULL DEFAULT 0;

UPDATE outbox SET endpoint = 'default', event_id = id WHERE kind = 'webhook';

CREATE INDEX outbox_of_event ON outbox (event_id);

-- The configured endpoints and the types that each wants, written at each start of a server.
CREATE TABLE webhook_subscriptions (
    endpoint TEXT NOT NULL,
    type     TEXT NOT NULL,
    PRIMARY KEY (endpoint, type)
) STRICT;

INSERT INTO webhook_subscriptions (endpoint, type) VALUES
    ('default', 'checkout.session.completed'),
    ('default', 'checkout.session.expired'),
    ('default', 'payment.failed'),
    ('default', 'refund.updated'),
    ('default', 'payment.duplicate_refunded');
