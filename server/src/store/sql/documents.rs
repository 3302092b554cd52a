//! Pictures of documents and faces.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, SessionId, UploadId};
use kyc_wire::photo::Photo;
use kyc_wire::session::CaptureItem;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{SqlTx, id};
use crate::store::StoreError;
use crate::store::documents::{Documents, StoredDocument, StoredUpload};

fn item(row: &AnyRow, table: &'static str) -> Result<CaptureItem, StoreError> {
    CaptureItem::parse(row.try_get("item")?).ok_or(StoreError::Corrupt { table, column: "item" })
}

fn bytes(row: &AnyRow, table: &'static str, column: &'static str) -> Result<u64, StoreError> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::Corrupt { table, column })
}

/// A number of bytes as it is kept: none of ours comes near the end of the scale.
fn kept(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

fn upload(row: &AnyRow) -> Result<StoredUpload, StoreError> {
    Ok(StoredUpload {
        id: id(row, "upload", "id")?,
        session_id: id(row, "upload", "session_id")?,
        item: item(row, "upload")?,
        size: bytes(row, "upload", "size")?,
        received: bytes(row, "upload", "received")?,
        begun_at: Micros(row.try_get("begun_at")?),
    })
}

#[async_trait]
impl Documents for SqlTx {
    async fn upsert_document(&mut self, session: SessionId, document: &StoredDocument) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO document (tenant_id, session_id, item, object, media_type, received_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (tenant_id, session_id, item) DO UPDATE SET object = excluded.object, media_type = excluded.media_type, \
             received_at = excluded.received_at",
        )
        .bind(self.tenant.as_str())
        .bind(session.to_string())
        .bind(document.photo.as_str())
        .bind(&document.object)
        .bind(&document.media_type)
        .bind(document.received_at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn find_document(&mut self, session: SessionId, wanted: Photo) -> Result<Option<StoredDocument>, StoreError> {
        let sql = "SELECT * FROM document WHERE tenant_id = $1 AND session_id = $2 AND item = $3";
        let row = sqlx::query(sql)
            .bind(self.tenant.as_str())
            .bind(session.to_string())
            .bind(wanted.as_str())
            .fetch_optional(&mut *self.tx)
            .await?;
        let read = |row: AnyRow| {
            Ok(StoredDocument {
                photo: Photo::parse(row.try_get("item")?)
                    .ok_or(StoreError::Corrupt { table: "document", column: "item" })?,
                object: row.try_get("object")?,
                media_type: row.try_get("media_type")?,
                received_at: Micros(row.try_get("received_at")?),
            })
        };
        row.map(read).transpose()
    }

    async fn delete_document(&mut self, session: SessionId, photo: Photo) -> Result<(), StoreError> {
        let done = sqlx::query("DELETE FROM document WHERE tenant_id = $1 AND session_id = $2 AND item = $3");
        let done = done.bind(self.tenant.as_str()).bind(session.to_string()).bind(photo.as_str());
        done.execute(&mut *self.tx).await?;
        Ok(())
    }

    async fn list_objects(&mut self, session: SessionId) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("SELECT object FROM document WHERE tenant_id = $1 AND session_id = $2");
        let rows = rows.bind(self.tenant.as_str()).bind(session.to_string()).fetch_all(&mut *self.tx).await?;
        rows.iter().map(|row| Ok(row.try_get("object")?)).collect()
    }

    async fn delete_documents(&mut self, session: SessionId) -> Result<u64, StoreError> {
        for sql in [
            "DELETE FROM upload_part WHERE tenant_id = $1 AND upload_id IN (SELECT id FROM upload WHERE tenant_id = $1 AND session_id = $2)",
            "DELETE FROM upload WHERE tenant_id = $1 AND session_id = $2",
        ] {
            let done = sqlx::query(sql).bind(self.tenant.as_str()).bind(session.to_string());
            done.execute(&mut *self.tx).await?;
        }
        let done = sqlx::query("DELETE FROM document WHERE tenant_id = $1 AND session_id = $2");
        let done = done.bind(self.tenant.as_str()).bind(session.to_string()).execute(&mut *self.tx).await?;
        Ok(done.rows_affected())
    }

    async fn insert_upload(&mut self, upload: &StoredUpload) -> Result<(), StoreError> {
        let sql = "SELECT id FROM upload WHERE tenant_id = $1 AND session_id = $2 AND item = $3";
        let earlier = sqlx::query(sql)
            .bind(self.tenant.as_str())
            .bind(upload.session_id.to_string())
            .bind(upload.item.as_str())
            .fetch_optional(&mut *self.tx)
            .await?;
        if let Some(row) = earlier {
            self.delete_upload(id(&row, "upload", "id")?).await?;
        }
        sqlx::query(
            "INSERT INTO upload (tenant_id, id, session_id, item, size, received, begun_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.tenant.as_str())
        .bind(upload.id.to_string())
        .bind(upload.session_id.to_string())
        .bind(upload.item.as_str())
        .bind(kept(upload.size))
        .bind(kept(upload.received))
        .bind(upload.begun_at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn find_upload(&mut self, id: UploadId) -> Result<Option<StoredUpload>, StoreError> {
        let sql = format!("SELECT * FROM upload WHERE tenant_id = $1 AND id = $2{}", self.for_update());
        let row =
            sqlx::query(&sql).bind(self.tenant.as_str()).bind(id.to_string()).fetch_optional(&mut *self.tx).await?;
        row.as_ref().map(upload).transpose()
    }

    async fn insert_part(&mut self, upload: &StoredUpload, sealed: &[u8], received: u64) -> Result<(), StoreError> {
        let sql = "INSERT INTO upload_part (tenant_id, upload_id, start, begun_at, sealed) VALUES ($1, $2, $3, $4, $5)";
        sqlx::query(sql)
            .bind(self.tenant.as_str())
            .bind(upload.id.to_string())
            .bind(kept(upload.received))
            .bind(upload.begun_at.0)
            .bind(sealed)
            .execute(&mut *self.tx)
            .await?;
        let sql = "UPDATE upload SET received = $3 WHERE tenant_id = $1 AND id = $2";
        let done = sqlx::query(sql).bind(self.tenant.as_str()).bind(upload.id.to_string()).bind(kept(received));
        done.execute(&mut *self.tx).await?;
        Ok(())
    }

    async fn list_parts(&mut self, id: UploadId) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let sql = "SELECT start, sealed FROM upload_part WHERE tenant_id = $1 AND upload_id = $2 ORDER BY start";
        let rows = sqlx::query(sql).bind(self.tenant.as_str()).bind(id.to_string()).fetch_all(&mut *self.tx).await?;
        rows.iter().map(|row| Ok((bytes(row, "upload_part", "start")?, row.try_get("sealed")?))).collect()
    }

    async fn delete_upload(&mut self, id: UploadId) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM upload_part WHERE tenant_id = $1 AND upload_id = $2",
            "DELETE FROM upload WHERE tenant_id = $1 AND id = $2",
        ] {
            sqlx::query(sql).bind(self.tenant.as_str()).bind(id.to_string()).execute(&mut *self.tx).await?;
        }
        Ok(())
    }

    async fn delete_old_uploads(&mut self, before: Micros) -> Result<u64, StoreError> {
        let parts = self.delete_before("upload_part", "begun_at", before).await?;
        Ok(parts + self.delete_before("upload", "begun_at", before).await?)
    }
}
