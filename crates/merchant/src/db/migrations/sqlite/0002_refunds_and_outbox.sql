-- Money that goes back, and what must happen after a commit.

CREATE TABLE refunds (
    id                TEXT PRIMARY KEY,
    payment_id        TEXT NOT NULL REFERENCES payments (id),
    -- What the gateway is told, the same at every try: it carries out one number once.
    out_refund_no     TEXT NOT NULL UNIQUE,
    amount_value      INTEGER NOT NULL CHECK (amount_value > 0),
    reason            TEXT NOT NULL CHECK (reason IN
        ('duplicate', 'late', 'session_canceled', 'requested_by_merchant')),
    status            TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    -- What counts against the payment: the amount, or 0 once it is known that none of it moves.
    held_value        INTEGER NOT NULL CHECK (held_value IN (0, amount_value)),
    gateway_refund_id TEXT,
    failure_code      TEXT,
    created_at        INTEGER NOT NULL,
    CHECK (status = 'failed' OR held_value = amount_value)
) STRICT;

CREATE INDEX refunds_of_payment ON refunds (payment_id);
-- A payment goes back by itself at most once.
CREATE UNIQUE INDEX refunds_one_by_itself ON refunds (payment_id)
    WHERE reason <> 'requested_by_merchant';

-- Never more than was captured, whatever the program believes.
CREATE TRIGGER refunds_never_exceed BEFORE INSERT ON refunds
WHEN NEW.held_value + (SELECT COALESCE(SUM(held_value), 0) FROM refunds
        WHERE payment_id = NEW.payment_id)
    > (SELECT COALESCE(MAX(amount_value), 0) FROM payments
        WHERE id = NEW.payment_id AND transaction_id IS NOT NULL)
BEGIN
    SELECT RAISE(ABORT, 'the refunds would exceed the capture');
END;

CREATE TRIGGER refunds_never_grow BEFORE UPDATE ON refunds
WHEN NEW.held_value > OLD.held_value OR NEW.amount_value <> OLD.amount_value
    OR NEW.payment_id <> OLD.payment_id
BEGIN
    SELECT RAISE(ABORT, 'a refund never grows');
END;

-- What must happen after a commit, at least once. Written in the transaction that causes it.
CREATE TABLE outbox (
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    kind            TEXT NOT NULL CHECK (kind IN ('refund', 'webhook')),
    -- The refund, or the session whose webhooks go out one after the other.
    subject         TEXT NOT NULL,
    payload         TEXT NOT NULL,
    -- Tries that were begun.
    attempts        INTEGER NOT NULL DEFAULT 0,
    -- A try is under way, or its process died.
    is_claimed      INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    done_at         INTEGER
) STRICT;

CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE done_at IS NULL;
CREATE INDEX outbox_waiting ON outbox (kind, subject, seq) WHERE done_at IS NULL;

-- What was only marked so far now goes back.
INSERT INTO refunds (id, payment_id, out_refund_no, amount_value, reason, status, held_value, created_at)
SELECT 're_' || number, id, 'OR' || upper(number), amount_value, refund_due, 'pending', amount_value,
    COALESCE(paid_at, created_at)
FROM (SELECT *, lower(hex(randomblob(12))) AS number FROM payments
    WHERE refund_due IS NOT NULL AND transaction_id IS NOT NULL);

INSERT INTO outbox (id, kind, subject, payload, next_attempt_at, created_at)
SELECT 'msg_' || substr(id, 4), 'refund', id, '', created_at, created_at FROM refunds;

ALTER TABLE payments DROP COLUMN refund_due;
