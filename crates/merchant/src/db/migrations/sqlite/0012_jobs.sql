-- Work that is done once for a day. A file has one server, so that it needs neither the leases of
-- sessions nor the list of instances that PostgreSQL has.
CREATE TABLE jobs (
    name     TEXT NOT NULL,
    day      TEXT NOT NULL,
    owner    TEXT NOT NULL,
    until_at INTEGER NOT NULL,
    done_at  INTEGER,
    PRIMARY KEY (name, day)
) STRICT;
