-- Several instances of the backend on one database.

-- The instance that talks to a gateway about a session. Unlogged, because it costs no write to the
-- disk then: after a crash of the server the leases are gone, and every write is right without them.
CREATE UNLOGGED TABLE session_leases (
    session_id TEXT PRIMARY KEY,
    owner      TEXT NOT NULL,
    -- Differs between the leases of one owner.
    claim      BIGINT NOT NULL,
    until_at   BIGINT NOT NULL
);

-- Work that is done once for a day, by one instance.
CREATE TABLE jobs (
    name     TEXT NOT NULL,
    day      TEXT NOT NULL,
    owner    TEXT NOT NULL,
    until_at BIGINT NOT NULL,
    done_at  BIGINT,
    PRIMARY KEY (name, day)
);

-- The running instances, and those that died without a word.
CREATE TABLE instances (
    id          TEXT PRIMARY KEY,
    started_at  BIGINT NOT NULL,
    seen_at     BIGINT NOT NULL,
    version     TEXT NOT NULL,
    schema      BIGINT NOT NULL,
    -- The settings that must be equal, as hashes, in JSON.
    fingerprint TEXT NOT NULL,
    -- Sessions with a waiting shopper.
    waiting     BIGINT NOT NULL
);
