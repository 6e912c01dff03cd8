//! Every limit of the room in one place.

use std::time::Duration;

/// A line without RTP and RTCP for this long is dead while they may send ([`super::Stream::set_dead_after`]).
pub const DEAD_AFTER: Duration = Duration::from_secs(20);
/// An address that the SDP did not name is learnt only this long after a Connect (SECURITY.md, RTP bleed).
pub const LEARN_WINDOW: Duration = Duration::from_secs(2);
/// It is learnt after so many packets in a row.
pub const LEARN_PACKETS: u8 = 4;
/// Longest payload taken: 200 ms. Nobody sends more, and it bounds what one packet can do.
pub const PAYLOAD_MAX: usize = 1600;
/// A sender that fell behind by more than this jumps ahead instead of sending a burst.
pub const CATCH_UP: Duration = Duration::from_millis(100);
/// Keys waiting to be sent.
pub const SEND_KEYS_MAX: usize = 128;
/// Events waiting to be polled; they are drained after each call, so this is never met in order.
pub const EVENTS_MAX: usize = 64;
/// Recordings wait this long for late packets, in 1/8000 s: 200 ms.
pub const HOLD_BACK: i64 = 1600;
/// Audio goes to the sink in pieces of this length, in 1/8000 s: 400 ms.
pub const FLUSH_EVERY: i64 = 3200;
/// What a recording holds in memory, in 1/8000 s: hold-back, piece, and what comes early.
pub const RECORD_WINDOW: usize = 8192;
