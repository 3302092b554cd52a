//! Who may do what: sign-in by the bank's identity provider, and the extractors that are the permission.
