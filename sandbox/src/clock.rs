//! What time a stand-in believes it is. Tests hand in a clock that they move; only the demo reads the machine's.

use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;

/// A clock that was handed in.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> OffsetDateTime + Send + Sync>);

impl Clock {
    /// A clock that asks `now` each time.
    pub fn new(now: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// A clock that shows whole seconds since 1970, as a test's own counter does.
    pub fn from_unix(now: Arc<dyn Fn() -> i64 + Send + Sync>) -> Self {
        Self::new(move || OffsetDateTime::from_unix_timestamp(now()).unwrap_or(OffsetDateTime::UNIX_EPOCH))
    }

    /// The machine's clock, for the demo.
    #[expect(clippy::disallowed_methods, reason = "the demo's clock; tests hand in their own")]
    pub fn system() -> Self {
        Self::new(OffsetDateTime::now_utc)
    }

    /// Now.
    pub fn now(&self) -> OffsetDateTime {
        (self.0)()
    }

    /// Now, in whole seconds since 1970, as JWT and webhook headers want it.
    pub fn unix(&self) -> i64 {
        self.now().unix_timestamp()
    }

    /// Now, as Veriff writes it: UTC with milliseconds.
    pub(crate) fn stamp(&self) -> String {
        const FORMAT: &[FormatItem<'_>] =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        self.now().format(FORMAT).expect("every date has these parts")
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.unix())
    }
}
