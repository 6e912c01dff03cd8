//! Every bound on what a peer may send, in one place (SECURITY.md).

/// Bytes of one message.
pub const MESSAGE_BYTES: usize = 64 * 1024;
/// Header lines of one message.
pub const HEADER_LINES: usize = 100;
