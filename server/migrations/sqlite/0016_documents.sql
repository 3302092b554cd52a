-- Pictures of documents and faces: where each lies, sealed. And uploads under way, whose parts lie here, sealed too.
CREATE TABLE document (
    tenant_id   TEXT NOT NULL,
    session_id  TEXT NOT NULL,
    item        TEXT NOT NULL,
    object      TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, session_id, item)
);

CREATE TABLE upload (
    tenant_id  TEXT NOT NULL,
    id         TEXT NOT NULL,
    session_id TEXT NOT NULL,
    item       TEXT NOT NULL,
    size       BIGINT NOT NULL,
    received   BIGINT NOT NULL,
    begun_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX upload_by_item ON upload (tenant_id, session_id, item);
CREATE INDEX upload_by_time ON upload (tenant_id, begun_at);

CREATE TABLE upload_part (
    tenant_id TEXT NOT NULL,
    upload_id TEXT NOT NULL,
    start     BIGINT NOT NULL,
    begun_at  BIGINT NOT NULL,
    sealed    BLOB NOT NULL,
    PRIMARY KEY (tenant_id, upload_id, start)
);
CREATE INDEX upload_part_by_time ON upload_part (tenant_id, begun_at);
