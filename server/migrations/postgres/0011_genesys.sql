-- By which hash a person is known in the contact centre: of her e-mail address or id there, as her identity provider gave it last.
CREATE TABLE genesys_user (
    tenant_id TEXT COLLATE "C" NOT NULL,
    person_id TEXT COLLATE "C" NOT NULL,
    user_hash BYTEA NOT NULL,
    PRIMARY KEY (tenant_id, person_id)
);

-- Who is, or was, an agent on which conversation, as Genesys said. That never becomes untrue.
CREATE TABLE on_conversation (
    tenant_id       TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    person_id       TEXT COLLATE "C" NOT NULL,
    seen_at         BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, conversation_id, person_id)
);
CREATE INDEX on_conversation_by_time ON on_conversation (tenant_id, seen_at);

-- What the attributes of a conversation's customer are to say: one row for each session, replaced by each change, which the job for it
-- delivers. Ids and codes only.
CREATE TABLE genesys_outbox (
    tenant_id       TEXT COLLATE "C" NOT NULL,
    session_id      TEXT COLLATE "C" NOT NULL,
    conversation_id TEXT COLLATE "C" NOT NULL,
    body            TEXT COLLATE "C" NOT NULL,
    revision        BIGINT NOT NULL,
    delivered       BIGINT NOT NULL,
    changed_at      BIGINT NOT NULL,
    delivered_at    BIGINT,
    PRIMARY KEY (tenant_id, session_id)
);
CREATE INDEX genesys_outbox_by_delivery ON genesys_outbox (tenant_id, delivered_at) WHERE delivered_at IS NOT NULL;
