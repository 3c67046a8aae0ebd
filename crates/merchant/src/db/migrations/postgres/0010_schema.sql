-- The schema of version 10, as SQLite has it after its ten steps. Times are Unix milliseconds,
-- amounts minor units, flags 0 or 1, so that one statement serves both databases. `rowid` has the
-- name of SQLite's own row number: the order in which rows were inserted.

CREATE TABLE sessions (
    rowid           BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    id              TEXT PRIMARY KEY,
    status          TEXT NOT NULL CHECK (status IN ('open', 'complete', 'expired', 'canceled')),
    revision        BIGINT NOT NULL CHECK (revision > 0),
    order_id        TEXT NOT NULL,
    amount_value    BIGINT NOT NULL CHECK (amount_value > 0),
    currency        TEXT NOT NULL,
    description     TEXT NOT NULL,
    payment_methods TEXT NOT NULL,
    return_url      TEXT,
    secret_hash     BYTEA NOT NULL,
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    one_per_order   BIGINT NOT NULL DEFAULT 0 CHECK (one_per_order IN (0, 1)),
    -- The merchant's own data: texts by name, in JSON.
    metadata        TEXT
);

CREATE INDEX sessions_open ON sessions (expires_at) WHERE status = 'open';
CREATE INDEX sessions_of_order ON sessions (order_id);
-- An order that has one payment has at most one open and one complete session.
CREATE UNIQUE INDEX sessions_one_open_per_order ON sessions (order_id)
    WHERE one_per_order = 1 AND status = 'open';
CREATE UNIQUE INDEX sessions_one_complete_per_order ON sessions (order_id)
    WHERE one_per_order = 1 AND status = 'complete';

CREATE TABLE payments (
    rowid             BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    id                TEXT PRIMARY KEY,
    session_id        TEXT NOT NULL REFERENCES sessions (id),
    -- The order at the gateway. A repeated order must be identical, so all of it is stored.
    out_trade_no      TEXT NOT NULL UNIQUE,
    payment_method    TEXT NOT NULL,
    flow              TEXT NOT NULL,
    product           TEXT NOT NULL CHECK (product IN
        ('native', 'h5', 'wechat_jsapi', 'page', 'page_frame', 'precreate', 'precreate_link',
         'wap', 'alipay_jsapi')),
    amount_value      BIGINT NOT NULL CHECK (amount_value > 0),
    currency          TEXT NOT NULL,
    app_id            TEXT,
    merchant_id       TEXT,
    reference         TEXT,
    order_expires_at  BIGINT NOT NULL,
    notify_url        TEXT NOT NULL,
    return_url        TEXT,
    payer_client_ip   TEXT,
    -- The payer as `kind=id`, where the gateway requires it before the order.
    payer             TEXT,
    status            TEXT NOT NULL CHECK (status IN
        ('requires_action', 'processing', 'succeeded', 'failed', 'canceled', 'expired')),
    failure_code      TEXT,
    -- The code or address that the shopper received, and its kind.
    action            TEXT,
    action_type       TEXT,
    action_expires_at BIGINT,
    -- The capture. One gateway transaction pays one payment.
    transaction_id    TEXT UNIQUE,
    paid_at           BIGINT,
    -- The worker's schedule and claim.
    is_settled        BIGINT NOT NULL DEFAULT 0 CHECK (is_settled IN (0, 1)),
    is_close_wanted   BIGINT NOT NULL DEFAULT 0 CHECK (is_close_wanted IN (0, 1)),
    checks            BIGINT NOT NULL DEFAULT 0,
    last_check_at     BIGINT,
    next_check_at     BIGINT,
    claim             BIGINT NOT NULL DEFAULT 0,
    leased_until      BIGINT,
    created_at        BIGINT NOT NULL
);

CREATE INDEX payments_of_session ON payments (session_id);
CREATE INDEX payments_due ON payments (next_check_at) WHERE next_check_at IS NOT NULL;
CREATE INDEX payments_to_close ON payments (next_check_at) WHERE is_close_wanted = 1;
CREATE INDEX payments_paid ON payments (paid_at) WHERE paid_at IS NOT NULL;
-- A session has at most one active payment, and keeps at most one captured one.
CREATE UNIQUE INDEX payments_one_active ON payments (session_id)
    WHERE status IN ('requires_action', 'processing');
CREATE UNIQUE INDEX payments_one_succeeded ON payments (session_id) WHERE status = 'succeeded';

-- A payment has one payer, who may be forgotten.
CREATE FUNCTION payments_one_payer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a payment has one payer' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER payments_one_payer BEFORE UPDATE OF payer ON payments FOR EACH ROW
    WHEN (OLD.payer IS NOT NULL AND NEW.payer IS NOT NULL AND NEW.payer <> OLD.payer)
    EXECUTE FUNCTION payments_one_payer();

CREATE TABLE refunds (
    rowid             BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE,
    id                TEXT PRIMARY KEY,
    payment_id        TEXT NOT NULL REFERENCES payments (id),
    -- The number at the gateway, the same at every try. A refund made elsewhere has its maker's
    -- number, which Alipay knows for each trade apart.
    out_refund_no     TEXT NOT NULL,
    amount_value      BIGINT NOT NULL CHECK (amount_value > 0),
    reason            TEXT NOT NULL CHECK (reason IN
        ('duplicate', 'late', 'session_canceled', 'requested_by_merchant', 'made_elsewhere')),
    status            TEXT NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    -- What counts against the payment: the amount, or 0 once it is known that none of it moves.
    held_value        BIGINT NOT NULL CHECK (held_value IN (0, amount_value)),
    gateway_refund_id TEXT,
    failure_code      TEXT,
    created_at        BIGINT NOT NULL,
    ended_at          BIGINT,
    begun_at          BIGINT,
    -- The merchant's own text, which the payer reads.
    reason_text       TEXT,
    UNIQUE (payment_id, out_refund_no),
    CHECK (status = 'failed' OR held_value = amount_value)
);

CREATE INDEX refunds_of_payment ON refunds (payment_id);
CREATE UNIQUE INDEX refunds_number ON refunds (out_refund_no) WHERE reason <> 'made_elsewhere';
CREATE INDEX refunds_ended ON refunds (ended_at) WHERE ended_at IS NOT NULL;
-- Of those that count, a payment is refunded without a request at most once.
CREATE UNIQUE INDEX refunds_one_by_itself ON refunds (payment_id)
    WHERE reason NOT IN ('requested_by_merchant', 'made_elsewhere') AND held_value > 0;

-- Never more than was captured, whatever the program believes. What others refunded is a fact. The
-- lock on the payment makes refunds of one payment wait for each other at every isolation level.
CREATE FUNCTION refunds_never_exceed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    captured BIGINT;
    held BIGINT;
BEGIN
    SELECT amount_value INTO captured FROM payments
        WHERE id = NEW.payment_id AND transaction_id IS NOT NULL FOR UPDATE;
    SELECT COALESCE(SUM(held_value), 0) INTO held FROM refunds WHERE payment_id = NEW.payment_id;
    IF NEW.held_value + held > COALESCE(captured, 0) THEN
        RAISE EXCEPTION 'the refunds would exceed the capture' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refunds_never_exceed BEFORE INSERT ON refunds FOR EACH ROW
    WHEN (NEW.reason <> 'made_elsewhere') EXECUTE FUNCTION refunds_never_exceed();

CREATE FUNCTION refunds_never_grow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a refund never grows' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER refunds_never_grow BEFORE UPDATE ON refunds FOR EACH ROW
    WHEN (NEW.held_value > OLD.held_value OR NEW.amount_value <> OLD.amount_value
        OR NEW.payment_id <> OLD.payment_id)
    EXECUTE FUNCTION refunds_never_grow();

-- Work to do after a commit, at least once. Written in the transaction that causes it.
CREATE TABLE outbox (
    seq             BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    kind            TEXT NOT NULL CHECK (kind IN ('refund', 'webhook')),
    -- The refund, or the session whose events are sent in their order.
    subject         TEXT NOT NULL,
    payload         TEXT NOT NULL,
    -- Tries that have begun.
    attempts        BIGINT NOT NULL DEFAULT 0,
    claim           BIGINT NOT NULL DEFAULT 0,
    -- 1 if a try is under way, or its process has died.
    is_claimed      BIGINT NOT NULL DEFAULT 0 CHECK (is_claimed IN (0, 1)),
    next_attempt_at BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    done_at         BIGINT
);

CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE done_at IS NULL;
CREATE INDEX outbox_waiting ON outbox (kind, subject, seq) WHERE done_at IS NULL;
CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE idempotency (
    scope        TEXT NOT NULL,
    key          TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    -- The session, payment or refund that the request made.
    subject      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (scope, key)
);

CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE notifications (
    payment_method  TEXT NOT NULL,
    notification_id TEXT NOT NULL,
    out_trade_no    TEXT NOT NULL,
    received_at     BIGINT NOT NULL,
    PRIMARY KEY (payment_method, notification_id)
);

-- The reports of comparing a gateway's bill of a day with the books, in JSON.
CREATE TABLE reconciliations (
    date           TEXT NOT NULL,
    payment_method TEXT NOT NULL,
    report         TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (date, payment_method)
);

-- Written by the readiness check, which finds a full or read-only volume.
CREATE TABLE heartbeat (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    at BIGINT NOT NULL
);
INSERT INTO heartbeat VALUES (1, 0);
