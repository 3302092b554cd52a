-- Links that lead customers to their page, and the visits they began there: hashes only. A link's token follows from the session's data key
-- and the nonce, so whoever has the database alone has no link, and without the key there is none any more.
CREATE TABLE customer_link (
    tenant_id  TEXT NOT NULL,
    hash       BLOB NOT NULL,
    session_id TEXT NOT NULL,
    nonce      BLOB NOT NULL,
    issued_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (tenant_id, hash)
);
CREATE INDEX customer_link_by_session ON customer_link (tenant_id, session_id, issued_at);
CREATE INDEX customer_link_by_expiry ON customer_link (tenant_id, expires_at);

CREATE TABLE customer_visit (
    tenant_id  TEXT NOT NULL,
    hash       BLOB NOT NULL,
    link_hash  BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);
CREATE INDEX customer_visit_by_expiry ON customer_visit (tenant_id, expires_at);
