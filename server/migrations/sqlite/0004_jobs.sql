-- What is due is looked for kind by kind: many jobs of one kind must not slow down the others.
DROP INDEX job_due;
CREATE INDEX job_due ON job (tenant_id, is_dead, kind, run_at);

-- An accepted webhook is one statement: the job that applies it is planned in the same breath, or the webhook is not accepted.
CREATE TRIGGER webhook_is_to_be_applied AFTER INSERT ON inbox
BEGIN
    INSERT INTO job (tenant_id, kind, subject, id, run_at, attempts, claimed_until, is_dead)
    VALUES (NEW.tenant_id, 'apply_webhook', NEW.id, NEW.id, NEW.received_at, 0, 0, 0);
END;
