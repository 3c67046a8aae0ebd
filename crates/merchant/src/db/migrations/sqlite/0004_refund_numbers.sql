-- A refund that its gateway closed moves nothing, and the money is asked for anew under another
-- number: of those that count, a payment goes back by itself at most once.
DROP INDEX refunds_one_by_itself;
CREATE UNIQUE INDEX refunds_one_by_itself ON refunds (payment_id)
    WHERE reason <> 'requested_by_merchant' AND held_value > 0;
