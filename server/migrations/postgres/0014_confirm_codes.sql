-- Codes that stand for a panel which waits to be signed in, for where its own window cannot be handed a ticket. A code is kept as a hash, and
-- the network that it was given to only as a hash together with it. The row goes when the code is used.
CREATE TABLE confirm_code (
    tenant_id    TEXT COLLATE "C" NOT NULL,
    txn_id       TEXT COLLATE "C" NOT NULL,
    selector     TEXT COLLATE "C" NOT NULL,
    hash         BYTEA NOT NULL,
    network_hash BYTEA NOT NULL,
    browser      TEXT COLLATE "C" NOT NULL,
    opened_at    BIGINT NOT NULL,
    tries_left   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, txn_id)
);
CREATE UNIQUE INDEX confirm_code_by_selector ON confirm_code (tenant_id, selector);
CREATE INDEX confirm_code_by_expiry ON confirm_code (tenant_id, expires_at);
