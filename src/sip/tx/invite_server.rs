//! INVITE server transaction: RFC 3261 §17.2.1 with the `Accepted` state of RFC 6026 §7.1.
//!
//! The resending of a 2xx (RFC 3261 §13.3.1.4) lives here too: it has the transaction's lifetime
//! (timer L and the wait for an ACK are both 64·T1), and so a leg need not outlive its own end.

use std::time::Duration;

use super::timer::{PATIENCE, T1, T2, T4, Timer};
use super::{Verdict, Wire};

/// The machine.
#[derive(Debug)]
pub enum InviteServer {
    /// Provisional answers only, so far.
    Proceeding(Proceeding),
    /// Refused; waiting for the ACK.
    Completed(Completed),
    /// Refused and acknowledged; absorbing repeated ACKs.
    Confirmed,
    /// Answered with 2xx, which is sent until [`InviteServer::acknowledged`].
    Accepted(Accepted),
    /// Answered and acknowledged; absorbing repeated INVITEs.
    Absorbing,
}

/// See [`InviteServer::Proceeding`].
#[derive(Debug)]
pub struct Proceeding {
    last: Vec<u8>,
}

/// See [`InviteServer::Completed`].
#[derive(Debug)]
pub struct Completed {
    response: Vec<u8>,
    interval: Duration,
}

/// See [`InviteServer::Accepted`].
#[derive(Debug)]
pub struct Accepted {
    response: Vec<u8>,
    interval: Duration,
}

impl InviteServer {
    /// A new INVITE: `trying` (100) is sent at once.
    pub fn start(trying: Vec<u8>, wire: &mut Wire<'_>) -> Self {
        wire.send(&trying);
        InviteServer::Proceeding(Proceeding { last: trying })
    }

    /// A new INVITE that is refused at once: no 100 goes before that.
    pub fn silent() -> Self {
        InviteServer::Proceeding(Proceeding { last: Vec::new() })
    }

    /// The same INVITE again, or a reliable provisional without its PRACK (RFC 3262 §3).
    pub fn repeated(&self, wire: &mut Wire<'_>) {
        match self {
            InviteServer::Proceeding(state) if state.last.is_empty() => {}
            InviteServer::Proceeding(state) => wire.send(&state.last),
            InviteServer::Completed(state) => wire.send(&state.response),
            // RFC 6026 §7.1: absorbed; a lost 2xx is repeated by its own timer.
            InviteServer::Accepted(_) | InviteServer::Absorbing | InviteServer::Confirmed => {}
        }
    }

    /// No final answer was given yet.
    pub fn open(&self) -> bool {
        matches!(self, InviteServer::Proceeding(_))
    }

    /// An answer of ours. A second final answer changes nothing.
    pub fn respond(self, code: u16, response: Vec<u8>, wire: &mut Wire<'_>) -> Self {
        match self {
            InviteServer::Proceeding(_) => {
                wire.send(&response);
                match code {
                    0..=199 => InviteServer::Proceeding(Proceeding { last: response }),
                    200..=299 => {
                        wire.arm(Timer::L, PATIENCE);
                        wire.arm(Timer::Resend2xx, T1);
                        InviteServer::Accepted(Accepted { response, interval: T1 })
                    }
                    _ => {
                        if !wire.reliable() {
                            wire.arm(Timer::G, T1);
                        }
                        wire.arm(Timer::H, PATIENCE);
                        InviteServer::Completed(Completed { response, interval: T1 })
                    }
                }
            }
            other => other,
        }
    }

    /// An ACK within the transaction: for a refusal.
    pub fn ack(self, wire: &mut Wire<'_>) -> Option<Self> {
        match self {
            InviteServer::Completed(_) => {
                wire.disarm(Timer::G);
                wire.disarm(Timer::H);
                if wire.reliable() {
                    return None;
                }
                wire.arm(Timer::I, T4);
                Some(InviteServer::Confirmed)
            }
            other => Some(other),
        }
    }

    /// The ACK of the 2xx came: a transaction of its own, matched by the dialog.
    pub fn acknowledged(self, wire: &mut Wire<'_>) -> Self {
        match self {
            InviteServer::Accepted(_) => {
                wire.disarm(Timer::Resend2xx);
                InviteServer::Absorbing
            }
            other => other,
        }
    }

    /// One of its timers.
    pub fn fire(self, timer: Timer, wire: &mut Wire<'_>) -> (Option<Self>, Verdict) {
        match (self, timer) {
            (InviteServer::Completed(Completed { response, interval }), Timer::G) => {
                wire.send(&response);
                let interval = (interval * 2).min(T2);
                wire.arm(Timer::G, interval);
                (Some(InviteServer::Completed(Completed { response, interval })), Verdict::Nothing)
            }
            (InviteServer::Accepted(Accepted { response, interval }), Timer::Resend2xx) => {
                wire.send(&response);
                let interval = (interval * 2).min(T2);
                wire.arm(Timer::Resend2xx, interval);
                (Some(InviteServer::Accepted(Accepted { response, interval })), Verdict::Nothing)
            }
            (InviteServer::Accepted(_), Timer::L) => (None, Verdict::NoAck),
            (_, Timer::H | Timer::I | Timer::L) => (None, Verdict::Nothing),
            (state, _) => (Some(state), Verdict::Nothing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::*;
    use crate::sip::contract::Transport;

    fn ringing(bench: &mut Bench) -> InviteServer {
        let tx = InviteServer::start(b"100".to_vec(), &mut bench.wire());
        tx.respond(180, b"180".to_vec(), &mut bench.wire())
    }

    #[test]
    fn a_repeated_invite_gets_the_last_provisional() {
        let mut bench = Bench::new(Transport::Udp);
        let tx = ringing(&mut bench);
        tx.repeated(&mut bench.wire());
        assert_eq!(bench.sent(), ["100", "180", "180"]);
        assert!(bench.timers.is_empty());
    }

    #[test]
    fn a_200_is_resent_doubling_up_to_t2_and_given_up_after_64_t1() {
        let mut bench = Bench::new(Transport::Tcp);
        let mut tx = ringing(&mut bench).respond(200, b"200".to_vec(), &mut bench.wire());
        bench.sent();
        let mut at = Vec::new();
        let verdict = loop {
            let (ms, timer) = bench.fire().unwrap();
            at.push(ms);
            let (next, verdict) = tx.fire(timer, &mut bench.wire());
            match next {
                Some(next) => tx = next,
                None => break verdict,
            }
        };
        assert_eq!(at, [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500, 32000]);
        assert_eq!((bench.sent().len(), verdict), (10, Verdict::NoAck));
    }

    #[test]
    fn after_the_ack_the_200_rests_and_a_repeated_invite_is_absorbed() {
        let mut bench = Bench::new(Transport::Udp);
        let tx = ringing(&mut bench).respond(200, b"200".to_vec(), &mut bench.wire());
        let tx = tx.acknowledged(&mut bench.wire());
        bench.sent();
        tx.repeated(&mut bench.wire());
        assert_eq!(bench.fire(), Some((32_000, Timer::L)));
        let (gone, verdict) = tx.fire(Timer::L, &mut bench.wire());
        assert!(gone.is_none() && bench.sent().is_empty() && bench.timers.is_empty());
        assert_eq!(verdict, Verdict::Nothing);
    }

    #[test]
    fn a_refusal_is_resent_until_its_ack_and_then_absorbs_for_t4() {
        let mut bench = Bench::new(Transport::Udp);
        let tx = ringing(&mut bench).respond(486, b"486".to_vec(), &mut bench.wire());
        bench.sent();
        assert_eq!(bench.fire(), Some((500, Timer::G)));
        let (tx, _) = tx.fire(Timer::G, &mut bench.wire());
        assert_eq!(bench.sent(), ["486"]);
        let tx = tx.unwrap().ack(&mut bench.wire()).unwrap();
        assert_eq!(bench.fire(), Some((5_500, Timer::I)));
        assert!(tx.fire(Timer::I, &mut bench.wire()).0.is_none());
        assert!(bench.timers.is_empty());
    }

    #[test]
    fn on_a_stream_a_refusal_is_sent_once_and_over_with_its_ack() {
        let mut bench = Bench::new(Transport::Tcp);
        let tx = ringing(&mut bench).respond(486, b"486".to_vec(), &mut bench.wire());
        assert_eq!(bench.timers.len(), 1);
        assert!(tx.ack(&mut bench.wire()).is_none());
        assert!(bench.timers.is_empty());
    }
}
