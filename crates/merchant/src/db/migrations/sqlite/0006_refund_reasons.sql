-- Refunds that others made, the merchant's own words for a refund. SQLite changes no CHECK in place.

CREATE TABLE refunds_new (
    id                TEXT PRIMARY KEY,
    payment_id        TEXT NOT NULL REFERENCES payments (id),
    -- What the gateway is told, the same at every try: it carries out one number once. For a refund
    -- made elsewhere the number that its maker gave, which Alipay knows for each trade apart.
    out_refund_no     TEXT NOT NULL,
    amount_value      INTEGER NOT NULL CHECK (amount_value > 0),
    reason            TEXT NOT NULL CHECK (reason IN
        ('duplicate', 'late', 'session_canceled', 'requested_by_merchant', 'made_elsewhere')),
    status            TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    -- What counts against the payment: the amount, or 0 once it is known that none of it moves.
    held_value        INTEGER NOT NULL CHECK (held_value IN (0, amount_value)),
    gateway_refund_id TEXT,
    failure_code      TEXT,
    created_at        INTEGER NOT NULL,
    -- When the gateway had said how it ended.
    ended_at          INTEGER,
    -- The merchant's own words, which the payer reads.
    reason_text       TEXT,
    UNIQUE (payment_id, out_refund_no),
    CHECK (status = 'failed' OR held_value = amount_value)
) STRICT;

INSERT INTO refunds_new (id, payment_id, out_refund_no, amount_value, reason, status, held_value,
    gateway_refund_id, failure_code, created_at, ended_at)
SELECT id, payment_id, out_refund_no, amount_value, reason, status, held_value, gateway_refund_id,
    failure_code, created_at, ended_at FROM refunds ORDER BY rowid;

DROP TABLE refunds;
ALTER TABLE refunds_new RENAME TO refunds;

CREATE INDEX refunds_of_payment ON refunds (payment_id);
CREATE UNIQUE INDEX refunds_number ON refunds (out_refund_no) WHERE reason <> 'made_elsewhere';
CREATE INDEX refunds_ended ON refunds (ended_at) WHERE ended_at IS NOT NULL;
-- Of those that count, a payment goes back by itself at most once.
CREATE UNIQUE INDEX refunds_one_by_itself ON refunds (payment_id)
    WHERE reason NOT IN ('requested_by_merchant', 'made_elsewhere') AND held_value > 0;

-- Never more than was captured, whatever the program believes. What others gave back is a fact.
CREATE TRIGGER refunds_never_exceed BEFORE INSERT ON refunds
WHEN NEW.reason <> 'made_elsewhere' AND NEW.held_value
    + (SELECT COALESCE(SUM(held_value), 0) FROM refunds WHERE payment_id = NEW.payment_id)
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
