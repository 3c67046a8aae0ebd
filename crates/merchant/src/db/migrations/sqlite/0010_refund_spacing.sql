-- When the first try of a refund began. Gateways ask for a pause between the refunds of one order.
ALTER TABLE refunds ADD COLUMN begun_at INTEGER;
