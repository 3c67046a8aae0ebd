-- A payment has one payer, who may be forgotten.
DROP TRIGGER payments_one_payer;
CREATE TRIGGER payments_one_payer BEFORE UPDATE OF payer ON payments
WHEN OLD.payer IS NOT NULL AND NEW.payer IS NOT NULL AND NEW.payer <> OLD.payer
BEGIN
    SELECT RAISE(ABORT, 'a payment has one payer');
END;

-- What the order says of the merchant's own order, for its accounts. Absent of earlier payments,
-- whose order must be repeated as it was.
ALTER TABLE payments ADD COLUMN reference TEXT;
