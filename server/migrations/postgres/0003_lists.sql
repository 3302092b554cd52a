-- What lists and counts ask for, whatever else is stored: each view of the supervisors' page walks an index of its own rows only.

DROP INDEX session_open;
CREATE INDEX session_open ON session (tenant_id, is_final, is_flagged DESC, state_since, id);
CREATE INDEX session_flagged ON session (tenant_id, state_since, id) WHERE is_flagged = 1;
CREATE INDEX session_connected ON session (tenant_id, state_since) WHERE is_connected = 1 AND is_final = 0;
CREATE INDEX session_held ON session (tenant_id, holder, lease_until) WHERE holder IS NOT NULL AND is_final = 0;
CREATE INDEX session_provider_down ON session (tenant_id, state_since) WHERE is_provider_down = 1 AND is_final = 0;
CREATE INDEX session_provider_waiting ON session (tenant_id, provider_waiting_since) WHERE provider_waiting_since IS NOT NULL AND is_final = 0;
CREATE INDEX session_rejected ON session (tenant_id, status, state_since) WHERE status = 'rejected';
CREATE INDEX idempotency_mark_by_time ON idempotency_mark (tenant_id, at);
