-- Moments are Unix milliseconds, amounts minor units.

CREATE TABLE sessions (
    id              TEXT PRIMARY KEY,
    status          TEXT NOT NULL CHECK (status IN ('open', 'complete', 'expired', 'canceled')),
    revision        INTEGER NOT NULL CHECK (revision > 0),
    order_id        TEXT NOT NULL,
    amount_value    INTEGER NOT NULL CHECK (amount_value > 0),
    currency        TEXT NOT NULL,
    description     TEXT NOT NULL,
    payment_methods TEXT NOT NULL,
    return_url      TEXT,
    secret_hash     BLOB NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_open ON sessions (expires_at) WHERE status = 'open';

CREATE TABLE payments (
    id                TEXT PRIMARY KEY,
    session_id        TEXT NOT NULL REFERENCES sessions (id),
    -- What the gateway is told. A repeated order must be identical, so all of it is kept.
    out_trade_no      TEXT NOT NULL UNIQUE,
    payment_method    TEXT NOT NULL,
    flow              TEXT NOT NULL,
    amount_value      INTEGER NOT NULL CHECK (amount_value > 0),
    currency          TEXT NOT NULL,
    order_expires_at  INTEGER NOT NULL,
    notify_url        TEXT NOT NULL,
    return_url        TEXT,
    -- How it stands.
    status            TEXT NOT NULL CHECK (status IN
        ('requires_action', 'processing', 'succeeded', 'failed', 'canceled', 'expired')),
    failure_code      TEXT,
    -- The code or address that the shopper was given.
    action            TEXT,
    action_expires_at INTEGER,
    -- The capture. One gateway transaction pays one payment.
    transaction_id    TEXT UNIQUE,
    paid_at           INTEGER,
    refund_due        TEXT CHECK (refund_due IN ('duplicate', 'session_canceled')),
    -- What the worker has left to do.
    is_settled        INTEGER NOT NULL DEFAULT 0,
    is_close_wanted   INTEGER NOT NULL DEFAULT 0,
    checks            INTEGER NOT NULL DEFAULT 0,
    last_check_at     INTEGER,
    next_check_at     INTEGER,
    created_at        INTEGER NOT NULL
) STRICT;

CREATE INDEX payments_of_session ON payments (session_id);
CREATE INDEX payments_due ON payments (next_check_at) WHERE next_check_at IS NOT NULL;
-- A session has at most one active payment, and keeps at most one captured one.
CREATE UNIQUE INDEX payments_one_active ON payments (session_id)
    WHERE status IN ('requires_action', 'processing');
CREATE UNIQUE INDEX payments_one_succeeded ON payments (session_id) WHERE status = 'succeeded';

CREATE TABLE idempotency (
    scope        TEXT NOT NULL,
    key          TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    -- The session or payment that the request made.
    subject      TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE notifications (
    payment_method  TEXT NOT NULL,
    notification_id TEXT NOT NULL,
    out_trade_no    TEXT NOT NULL,
    received_at     INTEGER NOT NULL,
    PRIMARY KEY (payment_method, notification_id)
) STRICT, WITHOUT ROWID;
