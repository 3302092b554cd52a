//! SQL that is put together piece by piece. Every value is a numbered parameter: `sqlx::QueryBuilder` writes `?` for [`Any`], which
//! `PostgreSQL` does not know.

use std::fmt::Write as _;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AnyConnection, Arguments, Encode, Type};

/// A statement with its values.
pub(super) struct Statement {
    sql: String,
    values: AnyArguments<'static>,
}

impl Statement {
    /// A statement that begins so.
    pub(super) fn new(sql: &str) -> Self {
        Self { sql: sql.to_owned(), values: AnyArguments::default() }
    }

    /// Goes on with this text.
    pub(super) fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Goes on with a value.
    pub(super) fn bind<T: Encode<'static, Any> + Type<Any> + 'static>(&mut self, value: T) -> &mut Self {
        self.values.add(value).expect("texts and numbers are always encoded");
        let number = self.values.len();
        write!(self.sql, "${number}").expect("a string takes whatever is written");
        self
    }

    /// Goes on with a list of values in brackets.
    pub(super) fn bind_list(&mut self, values: impl IntoIterator<Item = String>) -> &mut Self {
        self.push("(");
        for (at, value) in values.into_iter().enumerate() {
            self.push(if at == 0 { "" } else { ", " }).bind(value);
        }
        self.push(")")
    }

    /// Carries it out. Gives how many rows it changed.
    pub(super) async fn execute(self, connection: &mut AnyConnection) -> Result<u64, sqlx::Error> {
        sqlx::query_with(&self.sql, self.values).execute(connection).await.map(|done| done.rows_affected())
    }

    /// Every row it finds.
    pub(super) async fn fetch_all(self, connection: &mut AnyConnection) -> Result<Vec<AnyRow>, sqlx::Error> {
        sqlx::query_with(&self.sql, self.values).fetch_all(connection).await
    }

    /// The first row it finds.
    pub(super) async fn fetch_optional(self, connection: &mut AnyConnection) -> Result<Option<AnyRow>, sqlx::Error> {
        sqlx::query_with(&self.sql, self.values).fetch_optional(connection).await
    }
}
