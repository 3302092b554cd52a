-- A person is who issuer and subject say, whatever her identity provider is called in the configuration. Who was kept under several
-- names of it is the one who came first: her cases are hers, and she approves none of them. The other rows stay, for older entries of
-- the audit log.
ALTER TABLE person ADD COLUMN same_as TEXT;

CREATE TRIGGER person_is_another AFTER UPDATE OF same_as ON person WHEN NEW.same_as IS NOT NULL
BEGIN
    UPDATE session SET body = replace(body, NEW.id, NEW.same_as) WHERE tenant_id = NEW.tenant_id AND instr(body, NEW.id) > 0;
    UPDATE session SET holder = NEW.same_as WHERE tenant_id = NEW.tenant_id AND holder = NEW.id;
    INSERT OR IGNORE INTO session_involved (tenant_id, session_id, person_id)
        SELECT tenant_id, session_id, NEW.same_as FROM session_involved WHERE tenant_id = NEW.tenant_id AND person_id = NEW.id;
    UPDATE note SET author = NEW.same_as WHERE tenant_id = NEW.tenant_id AND author = NEW.id;
    UPDATE sign_in SET person_id = NEW.same_as WHERE tenant_id = NEW.tenant_id AND person_id = NEW.id;
    UPDATE sign_in_txn SET result = replace(result, NEW.id, NEW.same_as) WHERE tenant_id = NEW.tenant_id AND instr(result, NEW.id) > 0;
END;
UPDATE person SET same_as = (SELECT MIN(first.id) FROM person first
    WHERE first.tenant_id = person.tenant_id AND first.issuer = person.issuer AND first.subject = person.subject)
WHERE EXISTS (SELECT 1 FROM person first
    WHERE first.tenant_id = person.tenant_id AND first.issuer = person.issuer AND first.subject = person.subject AND first.id < person.id);
DROP TRIGGER person_is_another;

CREATE UNIQUE INDEX person_by_issuer ON person (tenant_id, issuer, subject) WHERE same_as IS NULL;

-- Ties a token to the secret it was issued under: it ends when that secret is configured no more. Without one it is worth nothing.
ALTER TABLE client_token ADD COLUMN secret_tag BLOB;

-- Logouts that identity providers have told of: each counts once, and nobody is let in by what was vouched for before.
CREATE TABLE idp_logout (
    tenant_id   TEXT NOT NULL,
    issuer      TEXT NOT NULL,
    id          TEXT NOT NULL,
    subject     TEXT,
    idp_session TEXT,
    issued_at   BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, issuer, id)
);
CREATE INDEX idp_logout_by_expiry ON idp_logout (tenant_id, expires_at);
CREATE INDEX sign_in_by_idp_session ON sign_in (tenant_id, idp_session) WHERE revoked_at IS NULL;
