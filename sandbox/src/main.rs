//! Stand-ins, started.

fn main() {}
