-- Sessions that have ended wake when something about their customer is to be deleted. Those from before are looked at once.
UPDATE session SET wakes_at = 0 WHERE is_final = 1 AND wakes_at IS NULL;
