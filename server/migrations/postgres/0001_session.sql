-- Sessions, what is known about their customers (sealed), the audit chain, and work to be done.
-- Every key begins with the tenant. Ids and JSON are TEXT, compared byte by byte as in the other database; times are microseconds since
-- 1970 UTC.

CREATE TABLE session (
    tenant_id        TEXT COLLATE "C"   NOT NULL,
    id               TEXT COLLATE "C"   NOT NULL,
    version          BIGINT NOT NULL,
    status           TEXT COLLATE "C"   NOT NULL,
    queue            TEXT COLLATE "C"   NOT NULL,
    customer_id      TEXT COLLATE "C"   NOT NULL,
    conversation_id  TEXT COLLATE "C",
    created_at       BIGINT NOT NULL,
    state_since      BIGINT NOT NULL,
    is_final         BIGINT NOT NULL,
    is_flagged       BIGINT NOT NULL,
    is_connected     BIGINT NOT NULL,
    is_provider_down BIGINT NOT NULL,
    provider_waiting_since BIGINT,
    holder           TEXT COLLATE "C",
    lease_until      BIGINT NOT NULL,
    wakes_at         BIGINT,
    body             TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX session_by_conversation ON session (tenant_id, conversation_id, created_at);
CREATE INDEX session_by_customer ON session (tenant_id, customer_id);
CREATE INDEX session_by_status ON session (tenant_id, status, is_flagged, state_since);
CREATE INDEX session_by_creation ON session (tenant_id, created_at);
CREATE INDEX session_open ON session (tenant_id, is_final, is_flagged, state_since);
CREATE INDEX session_by_wake ON session (tenant_id, wakes_at) WHERE wakes_at IS NOT NULL;

-- Who decided, held or revealed before final approval: none of them may approve.
CREATE TABLE session_involved (
    tenant_id  TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    person_id  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, session_id, person_id)
);

-- When a person last opened a session in one sign-in: decides whether looking again is worth an audit entry.
CREATE TABLE session_access (
    tenant_id  TEXT COLLATE "C"   NOT NULL,
    session_id TEXT COLLATE "C"   NOT NULL,
    person_id  TEXT COLLATE "C"   NOT NULL,
    sign_in_id TEXT COLLATE "C"   NOT NULL,
    opened_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, session_id, person_id, sign_in_id)
);

-- Wrapped data keys, apart from what they seal: erasing a row here makes every sealed value of its scope unreadable.
CREATE TABLE data_key (
    tenant_id     TEXT COLLATE "C" NOT NULL,
    scope         TEXT COLLATE "C" NOT NULL,
    master_key_id TEXT COLLATE "C" NOT NULL,
    wrapped       BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, scope)
);

CREATE TABLE personal_field (
    tenant_id  TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    origin     TEXT COLLATE "C" NOT NULL,
    field      TEXT COLLATE "C" NOT NULL,
    sealed     BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, session_id, origin, field)
);

CREATE TABLE note (
    tenant_id  TEXT COLLATE "C"   NOT NULL,
    session_id TEXT COLLATE "C"   NOT NULL,
    id         TEXT COLLATE "C"   NOT NULL,
    author     TEXT COLLATE "C"   NOT NULL,
    at         BIGINT NOT NULL,
    sealed     BYTEA   NOT NULL,
    PRIMARY KEY (tenant_id, session_id, id)
);

-- Runs at a provider. A later run of the same session supersedes the earlier ones.
CREATE TABLE provider_run (
    tenant_id    TEXT COLLATE "C"   NOT NULL,
    integration  TEXT COLLATE "C"   NOT NULL,
    provider_ref TEXT COLLATE "C"   NOT NULL,
    session_id   TEXT COLLATE "C"   NOT NULL,
    run          BIGINT NOT NULL,
    capture_url  BYTEA   NOT NULL,
    started_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, integration, provider_ref)
);
CREATE INDEX provider_run_by_session ON provider_run (tenant_id, session_id, run);

-- Accepted webhooks. The body is sealed and deleted once it has been applied; the key stays, so that a repetition is known.
CREATE TABLE inbox (
    tenant_id   TEXT COLLATE "C"   NOT NULL,
    integration TEXT COLLATE "C"   NOT NULL,
    dedupe_key  TEXT COLLATE "C"   NOT NULL,
    id          TEXT COLLATE "C"   NOT NULL,
    received_at BIGINT NOT NULL,
    applied_at  BIGINT,
    key_scope   TEXT COLLATE "C"   NOT NULL,
    sealed      BYTEA,
    PRIMARY KEY (tenant_id, integration, dedupe_key)
);
CREATE UNIQUE INDEX inbox_by_id ON inbox (tenant_id, id);

-- Events for the bank's own system: ids and codes only.
CREATE TABLE outbox (
    tenant_id    TEXT COLLATE "C"   NOT NULL,
    id           TEXT COLLATE "C"   NOT NULL,
    session_id   TEXT COLLATE "C"   NOT NULL,
    body         TEXT COLLATE "C"   NOT NULL,
    created_at   BIGINT NOT NULL,
    delivered_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE job (
    tenant_id     TEXT COLLATE "C"   NOT NULL,
    kind          TEXT COLLATE "C"   NOT NULL,
    subject       TEXT COLLATE "C"   NOT NULL,
    id            TEXT COLLATE "C"   NOT NULL,
    run_at        BIGINT NOT NULL,
    attempts      BIGINT NOT NULL,
    claimed_until BIGINT NOT NULL,
    is_dead       BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, subject)
);
CREATE INDEX job_due ON job (tenant_id, is_dead, run_at);

CREATE TABLE idempotency_mark (
    tenant_id   TEXT COLLATE "C"   NOT NULL,
    caller      TEXT COLLATE "C"   NOT NULL,
    method      TEXT COLLATE "C"   NOT NULL,
    path        TEXT COLLATE "C"   NOT NULL,
    key         TEXT COLLATE "C"   NOT NULL,
    fingerprint BYTEA   NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, caller, method, path, key)
);

-- Tokens of clients (flow, bank): only their hashes.
CREATE TABLE client_token (
    tenant_id  TEXT COLLATE "C"   NOT NULL,
    hash       BYTEA   NOT NULL,
    client_id  TEXT COLLATE "C"   NOT NULL,
    scopes     TEXT COLLATE "C"   NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, hash)
);

-- The audit chain of a tenant. Rows are only ever added.
CREATE TABLE audit_entry (
    tenant_id  TEXT COLLATE "C"   NOT NULL,
    seq        BIGINT NOT NULL,
    session_id TEXT COLLATE "C",
    body       TEXT COLLATE "C"   NOT NULL,
    hash       BYTEA   NOT NULL,
    PRIMARY KEY (tenant_id, seq)
);
CREATE INDEX audit_by_session ON audit_entry (tenant_id, session_id, seq);
CREATE FUNCTION refuse_to_rewrite() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit chain is append-only'; END $$;
CREATE TRIGGER audit_entry_is_never_changed BEFORE UPDATE OR DELETE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION refuse_to_rewrite();
CREATE TRIGGER audit_entry_is_never_emptied BEFORE TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite();

CREATE TABLE audit_head (
    tenant_id TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    seq       BIGINT NOT NULL,
    hash      BYTEA   NOT NULL
);

-- Tells every server what changed, when and only when it is committed: who made the change, then tenant, id, version and queue. Ids and
-- numbers only; the queue, which may hold spaces, comes last.
CREATE FUNCTION announce_session() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM pg_notify('kyc_session', concat_ws(' ', current_setting('application_name'), NEW.tenant_id, NEW.id, NEW.version, NEW.queue));
    RETURN NULL;
END $$;
CREATE TRIGGER session_is_announced AFTER INSERT ON session
FOR EACH ROW EXECUTE FUNCTION announce_session();
CREATE TRIGGER session_change_is_announced AFTER UPDATE ON session
FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION announce_session();
