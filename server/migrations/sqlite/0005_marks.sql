-- What a request with a key led to, where its path does not say: a repetition is answered with the same session.

ALTER TABLE idempotency_mark ADD COLUMN session_id TEXT;
ALTER TABLE idempotency_mark ADD COLUMN has_created BIGINT NOT NULL DEFAULT 0;
