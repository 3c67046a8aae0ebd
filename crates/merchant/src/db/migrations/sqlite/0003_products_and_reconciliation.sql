-- Which product of the gateway makes a payment, and what else its order is made with. A repeated
-- order must be identical, so all of it is kept.

ALTER TABLE payments ADD COLUMN product TEXT NOT NULL DEFAULT 'native' CHECK (product IN
    ('native', 'h5', 'wechat_jsapi', 'page', 'page_frame', 'precreate', 'precreate_link', 'wap',
     'alipay_jsapi'));
-- The shopper's address, where the gateway wants it.
ALTER TABLE payments ADD COLUMN payer_client_ip TEXT;
-- Who pays, as `kind=id`, where the gateway must know before it takes the order. Never changed.
ALTER TABLE payments ADD COLUMN payer TEXT;
-- What is done with `action`.
ALTER TABLE payments ADD COLUMN action_type TEXT;

UPDATE payments SET product = CASE flow WHEN 'redirect' THEN 'page' ELSE 'precreate' END
WHERE payment_method = 'alipay';
UPDATE payments SET action_type =
    CASE flow WHEN 'redirect' THEN 'redirect_to_url' ELSE 'display_qr_code' END
WHERE action IS NOT NULL;

CREATE TRIGGER payments_one_payer BEFORE UPDATE OF payer ON payments
WHEN OLD.payer IS NOT NULL AND NEW.payer IS NOT OLD.payer
BEGIN
    SELECT RAISE(ABORT, 'a payment has one payer');
END;

CREATE INDEX payments_paid ON payments (paid_at) WHERE paid_at IS NOT NULL;

-- When the gateway had said how a refund ended.
ALTER TABLE refunds ADD COLUMN ended_at INTEGER;
CREATE INDEX refunds_ended ON refunds (ended_at) WHERE ended_at IS NOT NULL;

-- What a day's bill of a gateway came to beside our books.
CREATE TABLE reconciliations (
    date           TEXT NOT NULL,
    payment_method TEXT NOT NULL,
    -- The report, in JSON.
    report         TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    PRIMARY KEY (date, payment_method)
) STRICT, WITHOUT ROWID;
