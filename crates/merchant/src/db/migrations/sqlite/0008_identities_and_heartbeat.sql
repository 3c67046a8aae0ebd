-- Who we were when an order was made: what its gateway's statements must name. Absent of earlier
-- payments, which are compared with the present configuration.
ALTER TABLE payments ADD COLUMN app_id TEXT;
ALTER TABLE payments ADD COLUMN merchant_id TEXT;

-- Written by the readiness check, which is to find a full or read-only volume.
CREATE TABLE heartbeat (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
) STRICT;
INSERT INTO heartbeat VALUES (1, 0);
