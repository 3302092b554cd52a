-- People who sign in by the bank's identity provider, their sign-ins, and sign-ins under way.

CREATE TABLE person (
    tenant_id TEXT COLLATE "C" NOT NULL,
    id        TEXT COLLATE "C" NOT NULL,
    idp       TEXT COLLATE "C" NOT NULL,
    issuer    TEXT COLLATE "C" NOT NULL,
    subject   TEXT COLLATE "C" NOT NULL,
    name      TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX person_by_subject ON person (tenant_id, idp, issuer, subject);

CREATE TABLE sign_in (
    tenant_id         TEXT COLLATE "C"   NOT NULL,
    id                TEXT COLLATE "C"   NOT NULL,
    person_id         TEXT COLLATE "C"   NOT NULL,
    idp               TEXT COLLATE "C"   NOT NULL,
    idp_session       TEXT COLLATE "C",
    auth_time         BIGINT,
    acr               TEXT COLLATE "C",
    roles             TEXT COLLATE "C"   NOT NULL,
    queues            TEXT COLLATE "C"   NOT NULL,
    created_at        BIGINT NOT NULL,
    last_activity_at  BIGINT NOT NULL,
    absolute_deadline BIGINT NOT NULL,
    revoked_at        BIGINT,
    revoked_reason    TEXT COLLATE "C",
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX sign_in_by_person ON sign_in (tenant_id, person_id, created_at);

-- From the click until it is redeemed. Secrets are kept as hashes only.
CREATE TABLE sign_in_txn (
    tenant_id    TEXT COLLATE "C"   NOT NULL,
    id           TEXT COLLATE "C"   NOT NULL,
    idp          TEXT COLLATE "C"   NOT NULL,
    challenge    BYTEA   NOT NULL,
    ticket_hash  BYTEA   NOT NULL,
    login_hash   BYTEA,
    state        TEXT COLLATE "C"   NOT NULL,
    refused_code TEXT COLLATE "C",
    result       TEXT COLLATE "C",
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX sign_in_txn_by_ticket ON sign_in_txn (tenant_id, ticket_hash);
CREATE UNIQUE INDEX sign_in_txn_by_login ON sign_in_txn (tenant_id, login_hash);

-- Browser sessions: which sign-in a cookie stands for. The cookie's value is kept as a hash.
CREATE TABLE web_session (
    tenant_id  TEXT COLLATE "C"   NOT NULL,
    hash       BYTEA   NOT NULL,
    data       TEXT COLLATE "C"   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);
CREATE INDEX web_session_by_expiry ON web_session (tenant_id, expires_at);

-- Tells every server that a sign-in has ended: who ended it, then tenant and id.
CREATE FUNCTION announce_end_of_sign_in() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM pg_notify('kyc_sign_in', concat_ws(' ', current_setting('application_name'), NEW.tenant_id, NEW.id));
    RETURN NULL;
END $$;
CREATE TRIGGER end_of_sign_in_is_announced AFTER UPDATE ON sign_in
FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION announce_end_of_sign_in();
