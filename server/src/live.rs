//! A value that a reload may replace while the server runs. What has this type in the configuration changes live; everything else waits
//! for a restart.

use std::sync::{Arc, PoisonError, RwLock};

/// A replaceable value. Clones share it: whoever was given one at the start sees what replaces it.
///
/// A lock of the standard library and no lock-free cell: it is held for as long as a pointer is copied.
#[derive(Debug)]
pub struct Live<T>(Arc<RwLock<Arc<T>>>);

impl<T> Live<T> {
    /// Begins with this value.
    pub fn new(value: T) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(value))))
    }

    /// The value as it is now. Read it once per request, so that a request sees one value only.
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes over the value of another.
    pub fn adopt(&self, other: &Self) {
        let value = other.get();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = value;
    }
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_sees_what_replaces_the_value_and_a_reader_keeps_what_it_read() {
        let first = Live::new("old");
        let (clone, read) = (first.clone(), first.get());
        first.adopt(&Live::new("new"));
        assert_eq!((*read, *clone.get()), ("old", "new"));
    }
}
