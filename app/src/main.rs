//! The widget.

fn main() {}
