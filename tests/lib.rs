//! Holds no code: this package exists for its two test binaries, `it` and `browser`.
