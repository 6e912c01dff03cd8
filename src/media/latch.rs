//! Who may speak (SECURITY.md, RTP bleed and injection).
//!
//! 1. The SDP's address and port is believed.
//! 2. Any other is learnt only from the IP that the signalling came from (a phone behind NAT whose SDP
//!    names an address that nobody can reach), after [`LEARN_PACKETS`] packets in a row, and only in
//!    the first [`LEARN_WINDOW`] after a Connect.
//! 3. The first that is believed is locked with its SSRC until the description changes; a new SSRC is
//!    taken from the locked address alone.
//! 4. Nothing is sent but to the locked address, or to the SDP's while nothing is locked.

use std::net::{IpAddr, SocketAddr};

use super::contract::Remote;
use super::limits::{LEARN_PACKETS, LEARN_WINDOW};
use crate::clock::Mono;

/// What to do with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// From the locked source.
    Take,
    /// From the locked address with a new SSRC: everything that counts by sequence and timestamp starts anew.
    TakeNewSource,
    /// From a source that may not speak, or not yet.
    Foreign,
}

/// Decides for each packet.
#[derive(Clone, Copy, Debug)]
pub struct Latch {
    sdp: Option<SocketAddr>,
    signalling: IpAddr,
    opened: Mono,
    locked: Option<(SocketAddr, u32)>,
    candidate: Option<Candidate>,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    from: SocketAddr,
    ssrc: u32,
    next: u16,
    in_a_row: u8,
}

impl Latch {
    /// Open for learning.
    pub fn new(remote: &Remote, now: Mono) -> Self {
        Latch {
            sdp: remote.rtp.map(plain),
            signalling: remote.signalling.to_canonical(),
            opened: now,
            locked: None,
            candidate: None,
        }
    }

    /// A description was negotiated again: a changed one opens the lock, a session refresh does not.
    pub fn reconnect(&mut self, remote: &Remote, now: Mono) {
        let fresh = Latch::new(remote, now);
        if (fresh.sdp, fresh.signalling) != (self.sdp, self.signalling) {
            *self = fresh;
        }
    }

    /// May this packet's source speak?
    pub fn judge(&mut self, from: SocketAddr, ssrc: u32, sequence: u16, now: Mono) -> Verdict {
        let from = plain(from);
        if let Some((address, source)) = self.locked {
            return match (address == from, source == ssrc) {
                (true, true) => Verdict::Take,
                (true, false) => {
                    self.locked = Some((from, ssrc));
                    Verdict::TakeNewSource
                }
                (false, _) => Verdict::Foreign,
            };
        }
        if self.sdp == Some(from) || self.learns(from, ssrc, sequence, now) {
            self.locked = Some((from, ssrc));
            return Verdict::TakeNewSource;
        }
        Verdict::Foreign
    }

    /// May RTCP come from here? Its port is another one unless shared, so the IP decides.
    pub fn permits_rtcp(&self, from: SocketAddr) -> bool {
        self.locked.map(|(address, _)| address).or(self.sdp).is_some_and(|known| known.ip() == plain(from).ip())
    }

    /// Where to send; none: nowhere.
    pub fn target(&self) -> Option<SocketAddr> {
        self.locked.map(|(address, _)| address).or(self.sdp)
    }

    /// The locked address is not the SDP's: its RTCP port is not known from the SDP either.
    pub fn is_learnt(&self) -> bool {
        self.locked.is_some_and(|(address, _)| Some(address) != self.sdp)
    }

    fn learns(&mut self, from: SocketAddr, ssrc: u32, sequence: u16, now: Mono) -> bool {
        if from.ip() != self.signalling || now.since(self.opened) > LEARN_WINDOW {
            return false;
        }
        let in_a_row = match self.candidate {
            Some(c) if c.from == from && c.ssrc == ssrc && c.next == sequence => c.in_a_row.saturating_add(1),
            _ => 1,
        };
        self.candidate = Some(Candidate { from, ssrc, next: sequence.wrapping_add(1), in_a_row });
        in_a_row >= LEARN_PACKETS
    }
}

/// `::ffff:192.0.2.1` is 192.0.2.1: a socket for both families says the first.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::contract::Codec;
    use std::time::Duration;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn remote(rtp: &str, signalling: &str) -> Remote {
        Remote {
            codec: Codec::Pcma,
            payload_send: 8,
            payload_recv: 8,
            event_send: None,
            event_recv: None,
            ptime_ms: 20,
            rtp: Some(at(rtp)),
            rtcp: None,
            signalling: signalling.parse().unwrap(),
            send: true,
            recv: true,
        }
    }

    fn ms(ms: u64) -> Mono {
        Mono::default() + Duration::from_millis(ms)
    }

    const SDP: &str = "10.0.0.5:4000";
    const PHONE: &str = "192.0.2.7:4000";
    const STRANGER: &str = "203.0.113.9:4000";

    fn latch() -> Latch {
        Latch::new(&remote(SDP, "192.0.2.7"), ms(0))
    }

    #[test]
    fn the_sdp_is_believed_at_once_and_late() {
        let mut latch = latch();
        assert_eq!(latch.judge(at("[::ffff:10.0.0.5]:4000"), 1, 7, ms(60_000)), Verdict::TakeNewSource);
        assert_eq!(latch.judge(at(SDP), 1, 8, ms(60_020)), Verdict::Take);
        assert_eq!((latch.target(), latch.is_learnt()), (Some(at(SDP)), false));
    }

    #[test]
    fn a_phone_behind_nat_is_learnt_after_four_in_a_row() {
        let mut latch = latch();
        for sequence in [65534, 65535, 0] {
            assert_eq!(latch.judge(at(PHONE), 1, sequence, ms(100)), Verdict::Foreign);
            assert_eq!(latch.target(), Some(at(SDP)));
        }
        assert_eq!(latch.judge(at(PHONE), 1, 1, ms(200)), Verdict::TakeNewSource);
        assert_eq!((latch.target(), latch.is_learnt()), (Some(at(PHONE)), true));
        assert_eq!(latch.judge(at(SDP), 1, 2, ms(220)), Verdict::Foreign, "locked is locked");
    }

    #[test]
    fn not_in_a_row_or_too_late_is_not_learnt() {
        let mut latch = latch();
        for sequence in [1, 2, 3, 5, 6, 7, 9] {
            assert_eq!(latch.judge(at(PHONE), 1, sequence, ms(10)), Verdict::Foreign);
        }
        for sequence in 10..100 {
            assert_eq!(latch.judge(at(PHONE), 1, sequence, ms(2001)), Verdict::Foreign);
        }
        for sequence in 1..100 {
            assert_eq!(self::latch().judge(at(PHONE), u32::from(sequence), sequence, ms(10)), Verdict::Foreign);
        }
    }

    #[test]
    fn a_stranger_is_never_learnt() {
        let mut latch = latch();
        for sequence in 0..1000 {
            assert_eq!(latch.judge(at(STRANGER), 1, sequence, ms(0)), Verdict::Foreign);
        }
        latch.judge(at(SDP), 1, 0, ms(0));
        for port in 1000..2000 {
            let from = SocketAddr::new(at(SDP).ip(), port);
            assert_eq!(latch.judge(from, 1, port, ms(0)), Verdict::Foreign, "another port is another source");
        }
        assert_eq!(latch.target(), Some(at(SDP)));
    }

    #[test]
    fn a_new_source_is_taken_from_the_locked_address_alone() {
        let mut latch = latch();
        latch.judge(at(SDP), 1, 0, ms(0));
        assert_eq!(latch.judge(at(PHONE), 2, 1, ms(20)), Verdict::Foreign);
        assert_eq!(latch.judge(at(SDP), 2, 9, ms(20)), Verdict::TakeNewSource);
        assert_eq!(latch.judge(at(SDP), 2, 10, ms(40)), Verdict::Take);
    }

    #[test]
    fn only_a_changed_description_opens_the_lock() {
        let mut latch = latch();
        latch.judge(at(SDP), 1, 0, ms(0));
        latch.reconnect(&remote(SDP, "192.0.2.7"), ms(30_000));
        assert_eq!(latch.judge(at(SDP), 1, 1, ms(30_000)), Verdict::Take);
        latch.reconnect(&remote("10.0.0.6:4002", "192.0.2.7"), ms(31_000));
        assert_eq!(latch.judge(at(SDP), 1, 2, ms(31_000)), Verdict::Foreign);
        assert_eq!(latch.target(), Some(at("10.0.0.6:4002")));
        assert_eq!(latch.judge(at("10.0.0.6:4002"), 1, 2, ms(31_000)), Verdict::TakeNewSource);
    }
}
