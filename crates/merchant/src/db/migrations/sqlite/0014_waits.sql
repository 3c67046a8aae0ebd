-- The delay of the next try: a clock that was set back shows by a try that lies further ahead.
ALTER TABLE outbox ADD COLUMN wait_ms INTEGER NOT NULL DEFAULT 0;

-- The delays of earlier tries are not known; the longest is a day.
UPDATE outbox SET wait_ms = 86400000 WHERE done_at IS NULL AND attempts > 0;
