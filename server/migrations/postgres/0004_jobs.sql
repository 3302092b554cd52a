-- What is due is looked for kind by kind: many jobs of one kind must not slow down the others.
DROP INDEX job_due;
CREATE INDEX job_due ON job (tenant_id, is_dead, kind, run_at);
