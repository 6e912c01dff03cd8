//! Arguments, wiring, exit code.

fn main() {}
