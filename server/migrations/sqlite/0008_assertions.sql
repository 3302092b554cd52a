-- Assertions of SAML identity providers that have been shown: each counts once. The row goes when the assertion could not count anyway.
CREATE TABLE assertion (
    tenant_id  TEXT NOT NULL,
    issuer     TEXT NOT NULL,
    id_hash    BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, issuer, id_hash)
);
CREATE INDEX assertion_by_expiry ON assertion (tenant_id, expires_at);
