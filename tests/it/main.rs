//! In-process tests.

