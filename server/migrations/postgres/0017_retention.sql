-- Sessions that have ended wake when something about their customer is to be deleted. Those from before are given two weeks, in which holds
-- can be placed, and then go over a week, so that they do not all wake at once.
UPDATE session
SET wakes_at = (EXTRACT(EPOCH FROM now())::BIGINT + 14 * 86400) * 1000000 + (random() * 604800000000)::BIGINT
WHERE is_final = 1 AND wakes_at IS NULL;

-- The clocks of those that are open are looked at first: what is to be deleted can wait.
DROP INDEX session_by_wake;
CREATE INDEX session_by_wake ON session (tenant_id, is_final, wakes_at) WHERE wakes_at IS NOT NULL;
