-- What is over is found by its time, so that forgetting it reads nothing else.

CREATE INDEX outbox_by_delivery ON outbox (tenant_id, delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX inbox_by_application ON inbox (tenant_id, applied_at) WHERE applied_at IS NOT NULL;
CREATE INDEX sign_in_by_deadline ON sign_in (tenant_id, absolute_deadline);
CREATE INDEX session_access_by_time ON session_access (tenant_id, opened_at);
