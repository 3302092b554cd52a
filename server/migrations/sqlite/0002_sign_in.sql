-- People who sign in by the bank's identity provider, their sign-ins, and sign-ins under way.

CREATE TABLE person (
    tenant_id TEXT NOT NULL,
    id        TEXT NOT NULL,
    idp       TEXT NOT NULL,
    issuer    TEXT NOT NULL,
    subject   TEXT NOT NULL,
    name      TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX person_by_subject ON person (tenant_id, idp, issuer, subject);

CREATE TABLE sign_in (
    tenant_id         TEXT   NOT NULL,
    id                TEXT   NOT NULL,
    person_id         TEXT   NOT NULL,
    idp               TEXT   NOT NULL,
    idp_session       TEXT,
    auth_time         BIGINT,
    acr               TEXT,
    roles             TEXT   NOT NULL,
    queues            TEXT   NOT NULL,
    created_at        BIGINT NOT NULL,
    last_activity_at  BIGINT NOT NULL,
    absolute_deadline BIGINT NOT NULL,
    revoked_at        BIGINT,
    revoked_reason    TEXT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX sign_in_by_person ON sign_in (tenant_id, person_id, created_at);

-- From the click until it is redeemed. Secrets are kept as hashes only.
CREATE TABLE sign_in_txn (
    tenant_id    TEXT   NOT NULL,
    id           TEXT   NOT NULL,
    idp          TEXT   NOT NULL,
    challenge    BLOB   NOT NULL,
    ticket_hash  BLOB   NOT NULL,
    login_hash   BLOB,
    state        TEXT   NOT NULL,
    refused_code TEXT,
    result       TEXT,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX sign_in_txn_by_ticket ON sign_in_txn (tenant_id, ticket_hash);
CREATE UNIQUE INDEX sign_in_txn_by_login ON sign_in_txn (tenant_id, login_hash);

-- Browser sessions: which sign-in a cookie stands for. The cookie's value is kept as a hash.
CREATE TABLE web_session (
    tenant_id  TEXT   NOT NULL,
    hash       BLOB   NOT NULL,
    data       TEXT   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);
CREATE INDEX web_session_by_expiry ON web_session (tenant_id, expires_at);
