//! The configuration: one TOML file, read once, turned into final types, with every problem reported at once.
//!
//! Only this module reads files and the environment. It refuses to start anything on a configuration that has a problem.

mod secret;

pub use secret::SecretInput;

use std::fmt;

/// Everything that is wrong with a configuration, by the name of the setting.
#[derive(Debug, Default)]
pub struct Problems(Vec<(String, String)>);

impl Problems {
    /// Notes that `setting` is wrong, and how.
    pub fn add(&mut self, setting: &str, what: impl Into<String>) {
        self.0.push((setting.to_owned(), what.into()));
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the configuration has {} problem(s):", self.0.len())?;
        self.0.iter().try_for_each(|(setting, what)| writeln!(f, "  {setting}: {what}"))
    }
}
