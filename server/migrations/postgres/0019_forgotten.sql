-- Webhooks that were never applied are found by their age, and events by their session, without looking at all there are.
CREATE INDEX inbox_by_arrival ON inbox (tenant_id, received_at) WHERE applied_at IS NULL;
CREATE INDEX outbox_by_session ON outbox (tenant_id, session_id);

-- What names the conversations of sessions that have forgotten which it was: some of it was kept by mistake until now.
DELETE FROM genesys_outbox WHERE EXISTS (
    SELECT 1 FROM session
    WHERE session.tenant_id = genesys_outbox.tenant_id AND session.id = genesys_outbox.session_id AND session.conversation_id IS NULL
);
DELETE FROM job WHERE kind = 'resume_recording' AND NOT EXISTS (
    SELECT 1 FROM session WHERE session.tenant_id = job.tenant_id AND session.conversation_id = job.subject
);
UPDATE outbox SET body = CAST(CAST(body AS JSONB) - 'conversation_id' AS TEXT)
WHERE body LIKE '%"conversation_id"%' AND EXISTS (
    SELECT 1 FROM session
    WHERE session.tenant_id = outbox.tenant_id AND session.id = outbox.session_id AND session.conversation_id IS NULL
);
