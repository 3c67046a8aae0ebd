-- The types that each endpoint of an instance wants, written at its start. An event is owed to what
-- any instance wants, so that one with other settings takes nothing from the others.
CREATE TABLE instance_subscriptions (
    instance_id TEXT NOT NULL,
    endpoint    TEXT NOT NULL,
    type        TEXT NOT NULL,
    PRIMARY KEY (instance_id, endpoint, type)
);

-- Until they are restarted, the running instances want what was written for all of them. They still
-- read the old table.
INSERT INTO instance_subscriptions (instance_id, endpoint, type)
SELECT id, endpoint, type FROM webhook_subscriptions CROSS JOIN instances
UNION ALL
SELECT '', endpoint, type FROM webhook_subscriptions
WHERE NOT EXISTS (SELECT 1 FROM instances);
