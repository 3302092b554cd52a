-- The list of one state walks an index in its own order, most urgent or newest first: of those that are over there are many.
DROP INDEX session_by_status;
CREATE INDEX session_by_status ON session (tenant_id, status, is_flagged DESC, state_since, id);
CREATE INDEX session_by_status_and_creation ON session (tenant_id, status, created_at, id);
