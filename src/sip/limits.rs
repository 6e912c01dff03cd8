//! Every bound on what a peer may send, in one place (SECURITY.md).

/// Bytes of one message, start line to the end of the body.
pub const MESSAGE_BYTES: usize = 64 * 1024;
/// Header lines of one message.
pub const HEADER_LINES: usize = 100;
/// Comma-separated values of one kind of header that are read (Via, Route, Contact …).
pub const VALUES: usize = 100;
/// Parameters of one value that are read.
pub const PARAMS: usize = 64;
/// Parts of one multipart body that are read.
pub const BODY_PARTS: usize = 16;
/// Multipart bodies inside multipart bodies.
pub const BODY_DEPTH: usize = 3;
/// Challenges of one answer that are considered.
pub const CHALLENGES: usize = 16;
/// Octets of a stream that may be given to the framer before it is drained.
pub const STREAM_BUFFER: usize = 2 * MESSAGE_BYTES;
/// Server transactions of all peers: beyond it new requests get 503 without state (beyond twice as many
/// those of standing calls too). INVITE and BYE of a call stay for 32 s each (RFC 6026 timer L, RFC 3261
/// timer J): a thousand calls a second leave 64,000.
pub const TRANSACTIONS: usize = 70_000;
/// Branches of a forked INVITE that are followed.
pub const FORKS: usize = 16;
/// Refusals a second to one source that is not trusted; the rest is dropped.
pub const STRANGER_ANSWERS: u32 = 5;
/// Refusals a second to all of them.
pub const STRANGER_ANSWERS_ALL: u32 = 100;
/// Diversion and History-Info values of one INVITE that are handed on.
pub const DIVERSIONS: usize = 20;
/// Nonces whose counts are remembered (only authenticated peers can add one).
pub const NONCES: usize = 4096;
