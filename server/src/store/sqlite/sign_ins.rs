//! Sign-ins in `SQLite`.

use async_trait::async_trait;

use super::SqliteTx;
use crate::store::sign_ins::SignIns;

#[async_trait]
impl SignIns for SqliteTx {}
