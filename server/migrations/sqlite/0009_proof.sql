-- What a popup was opened for, where it is not to sign in.
ALTER TABLE sign_in_txn ADD COLUMN purpose TEXT;

-- What somebody has proven anew who she is for: an act on one thing, once, in the sign-in in which she did.
CREATE TABLE step_up_grant (
    tenant_id  TEXT NOT NULL,
    sign_in_id TEXT NOT NULL,
    act        TEXT NOT NULL,
    object     TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, sign_in_id, act, object)
);
CREATE INDEX step_up_grant_by_expiry ON step_up_grant (tenant_id, expires_at);

-- The family of the browser, for whoever looks after sign-ins; and the identity provider's token, sealed, which ends the session there.
ALTER TABLE sign_in ADD COLUMN browser TEXT;
ALTER TABLE sign_in ADD COLUMN id_token TEXT;
CREATE INDEX sign_in_live ON sign_in (tenant_id, absolute_deadline) WHERE revoked_at IS NULL;
