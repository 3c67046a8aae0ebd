-- The types that each endpoint of a running server wants, written at its start. A file has one
-- server, and the rows of the last one are deleted then.
CREATE TABLE instance_subscriptions (
    instance_id TEXT NOT NULL,
    endpoint    TEXT NOT NULL,
    type        TEXT NOT NULL,
    PRIMARY KEY (instance_id, endpoint, type)
) STRICT, WITHOUT ROWID;

INSERT INTO instance_subscriptions (instance_id, endpoint, type)
SELECT '', endpoint, type FROM webhook_subscriptions;

DROP TABLE webhook_subscriptions;
