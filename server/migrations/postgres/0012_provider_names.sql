-- What else a provider calls a run (Jumio: the account of a workflow execution), as JSON. Runs from before have one name.
ALTER TABLE provider_run ADD COLUMN provider_names TEXT;
