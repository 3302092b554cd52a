//! Where sealed pictures lie: a folder of this machine, or an object store that several servers share. What is written there is sealed
//! already, whatever the store does on top.

use std::sync::Arc;

use kyc_wire::ids::Micros;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, PutPayload};
use secrecy::ExposeSecret;

use crate::config::documents::{Documents as Settings, Place};

/// What goes wrong with a store of objects.
#[derive(Debug, thiserror::Error)]
#[error("the store of documents failed")]
pub struct ObjectError(#[from] object_store::Error);

/// A store of objects.
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl Objects {
    /// The configured one. A folder is made when it is not there.
    pub fn open(settings: &Settings) -> Result<Self, ObjectError> {
        let (store, prefix): (Arc<dyn ObjectStore>, Path) = match &settings.place {
            Place::Folder(folder) => {
                let made = std::fs::create_dir_all(folder);
                made.map_err(|source| object_store::Error::Generic { store: "documents", source: Box::new(source) })?;
                (Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_automatic_cleanup(true)), Path::default())
            }
            Place::S3 { .. } => s3(settings)?,
            Place::Azure { .. } => azure(settings)?,
        };
        Ok(Self { store, prefix })
    }

    fn path(&self, name: &str) -> Path {
        self.prefix.parts().chain(name.split('/').map(Into::into)).collect()
    }

    /// Keeps an object.
    pub async fn put(&self, name: &str, sealed: Vec<u8>) -> Result<(), ObjectError> {
        self.store.put(&self.path(name), PutPayload::from(sealed)).await?;
        Ok(())
    }

    /// An object.
    pub async fn find(&self, name: &str) -> Result<Vec<u8>, ObjectError> {
        Ok(self.store.get(&self.path(name)).await?.bytes().await?.into())
    }

    /// The names of the objects in a folder that were written at `before` or earlier, by the store's own clock.
    pub async fn list(&self, folder: &str, before: Micros) -> Result<Vec<String>, ObjectError> {
        let found = self.store.list_with_delimiter(Some(&self.path(folder))).await?.objects;
        let old = found.into_iter().filter(|object| object.last_modified.timestamp_micros() <= before.0);
        Ok(old.filter_map(|object| Some(format!("{folder}/{}", object.location.filename()?))).collect())
    }

    /// Deletes an object. One that is not there is deleted.
    pub async fn delete(&self, name: &str) -> Result<(), ObjectError> {
        match self.store.delete(&self.path(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

type Opened = (Arc<dyn ObjectStore>, Path);

#[expect(clippy::disallowed_methods, reason = "the store signs requests with it")]
fn s3(settings: &Settings) -> Result<Opened, ObjectError> {
    let Place::S3 { bucket, prefix } = &settings.place else { unreachable!("asked for S3 only") };
    let mut builder = AmazonS3Builder::new().with_bucket_name(bucket).with_region(&settings.region);
    if let Some(endpoint) = &settings.endpoint {
        // A server of the bank's own: on this machine it may speak in clear, as every other address in the configuration.
        builder =
            builder.with_endpoint(endpoint.as_str().trim_end_matches('/')).with_allow_http(endpoint.scheme() == "http");
    }
    if let Some((id, secret)) = &settings.access_key {
        builder = builder.with_access_key_id(id).with_secret_access_key(secret.expose_secret());
    }
    if let Some(key) = &settings.kms_key_id {
        builder = builder.with_sse_kms_encryption(key);
    }
    Ok((Arc::new(builder.build()?), Path::from(prefix.as_str())))
}

#[expect(clippy::disallowed_methods, reason = "the store signs requests with it")]
fn azure(settings: &Settings) -> Result<Opened, ObjectError> {
    let Place::Azure { container, prefix } = &settings.place else { unreachable!("asked for Azure only") };
    let mut builder = MicrosoftAzureBuilder::new().with_container_name(container);
    if let Some((account, secret)) = &settings.access_key {
        builder = builder.with_account(account).with_access_key(secret.expose_secret());
    }
    if let Some(endpoint) = &settings.endpoint {
        builder = builder.with_endpoint(endpoint.as_str().trim_end_matches('/').to_owned());
        builder = builder.with_allow_http(endpoint.scheme() == "http");
    }
    Ok((Arc::new(builder.build()?), Path::from(prefix.as_str())))
}
