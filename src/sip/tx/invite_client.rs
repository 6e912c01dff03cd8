//! INVITE client transaction: RFC 3261 §17.1.1 with the `Accepted` state of RFC 6026 §7.2.

use std::time::Duration;

use super::timer::{PATIENCE, T1, Timer};
use super::{Heard, Wire};

/// The machine.
#[derive(Debug)]
pub enum InviteClient {
    /// No answer yet.
    Calling(Calling),
    /// A provisional answer came.
    Proceeding,
    /// Refused and acknowledged; a repeated refusal gets the same ACK.
    Completed(Completed),
    /// Answered; further 2xx (repeated or forked) go to the user.
    Accepted,
}

/// See [`InviteClient::Calling`].
#[derive(Debug)]
pub struct Calling {
    request: Vec<u8>,
    interval: Duration,
}

/// See [`InviteClient::Completed`].
#[derive(Debug)]
pub struct Completed {
    ack: Vec<u8>,
}

impl InviteClient {
    /// Sends the INVITE.
    pub fn start(request: Vec<u8>, wire: &mut Wire<'_>) -> Self {
        wire.send(&request);
        if !wire.reliable() {
            wire.arm(Timer::A, T1);
        }
        wire.arm(Timer::B, PATIENCE);
        InviteClient::Calling(Calling { request, interval: T1 })
    }

    /// A response with its branch; `ack` makes the ACK of a refusal (RFC 3261 §17.1.1.3).
    pub fn response(self, code: u16, ack: impl FnOnce() -> Vec<u8>, wire: &mut Wire<'_>) -> (Option<Self>, Heard) {
        match (self, code) {
            (InviteClient::Calling(_) | InviteClient::Proceeding, 0..=199) => {
                wire.disarm(Timer::A);
                wire.disarm(Timer::B);
                (Some(InviteClient::Proceeding), Heard::Response)
            }
            (InviteClient::Calling(_) | InviteClient::Proceeding, 200..=299) => {
                stop(wire);
                wire.arm(Timer::M, PATIENCE);
                (Some(InviteClient::Accepted), Heard::Response)
            }
            (InviteClient::Calling(_) | InviteClient::Proceeding, _) => {
                stop(wire);
                let ack = ack();
                wire.send(&ack);
                if wire.reliable() {
                    return (None, Heard::Response);
                }
                wire.arm(Timer::D, PATIENCE);
                (Some(InviteClient::Completed(Completed { ack })), Heard::Response)
            }
            (InviteClient::Completed(state), 300..) => {
                wire.send(&state.ack);
                (Some(InviteClient::Completed(state)), Heard::Nothing)
            }
            (InviteClient::Accepted, 200..=299) => (Some(InviteClient::Accepted), Heard::Response),
            (state, _) => (Some(state), Heard::Nothing),
        }
    }

    /// From now on the final answer has 64·T1: a CANCEL was sent (RFC 3261 §9.1), or nobody rings.
    pub fn hurry(&self, wire: &mut Wire<'_>) {
        match self {
            InviteClient::Calling(_) | InviteClient::Proceeding => wire.arm_once(Timer::CancelWait, PATIENCE),
            InviteClient::Completed(_) | InviteClient::Accepted => {}
        }
    }

    /// A provisional answer came and no final one: now a CANCEL may go (RFC 3261 §9.1).
    pub fn proceeding(&self) -> bool {
        matches!(self, InviteClient::Proceeding)
    }

    /// One of its timers.
    pub fn fire(self, timer: Timer, wire: &mut Wire<'_>) -> (Option<Self>, Heard) {
        match (self, timer) {
            (InviteClient::Calling(Calling { request, interval }), Timer::A) => {
                wire.send(&request);
                let interval = interval * 2;
                wire.arm(Timer::A, interval);
                (Some(InviteClient::Calling(Calling { request, interval })), Heard::Nothing)
            }
            (InviteClient::Calling(_) | InviteClient::Proceeding, Timer::B | Timer::CancelWait) => {
                (None, Heard::Timeout)
            }
            (InviteClient::Completed(_), Timer::D) | (InviteClient::Accepted, Timer::M) => (None, Heard::Nothing),
            (state, _) => (Some(state), Heard::Nothing),
        }
    }
}

fn stop(wire: &mut Wire<'_>) {
    wire.disarm(Timer::A);
    wire.disarm(Timer::B);
    wire.disarm(Timer::CancelWait);
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::*;
    use crate::sip::contract::Transport;

    fn ack() -> Vec<u8> {
        b"ACK".to_vec()
    }

    #[test]
    fn an_invite_into_nowhere_is_sent_seven_times_and_times_out() {
        let mut bench = Bench::new(Transport::Udp);
        let mut tx = InviteClient::start(b"INVITE".to_vec(), &mut bench.wire());
        let mut at = vec![];
        let heard = loop {
            let (ms, timer) = bench.fire().unwrap();
            at.push(ms);
            let (next, heard) = tx.fire(timer, &mut bench.wire());
            match next {
                Some(next) => tx = next,
                None => break heard,
            }
        };
        // RFC 3261 §17.1.1.2: doubling without the cap of T2.
        assert_eq!(at, [500, 1500, 3500, 7500, 15500, 31500, 32000]);
        assert_eq!(heard, Heard::Timeout);
        assert_eq!(bench.sent().len(), 7);
    }

    #[test]
    fn a_refusal_is_acknowledged_as_often_as_it_comes_and_told_once() {
        let mut bench = Bench::new(Transport::Udp);
        let tx = InviteClient::start(b"INVITE".to_vec(), &mut bench.wire());
        let (tx, _) = tx.response(180, ack, &mut bench.wire());
        assert!(bench.timers.is_empty());
        let (tx, heard) = tx.unwrap().response(486, ack, &mut bench.wire());
        assert_eq!(heard, Heard::Response);
        let (tx, heard) = tx.unwrap().response(486, ack, &mut bench.wire());
        assert_eq!(heard, Heard::Nothing);
        assert_eq!(bench.sent(), ["INVITE", "ACK", "ACK"]);
        assert_eq!(bench.fire(), Some((32_000, Timer::D)));
        assert!(tx.unwrap().fire(Timer::D, &mut bench.wire()).0.is_none());
    }

    #[test]
    fn every_2xx_goes_up_until_timer_m() {
        let mut bench = Bench::new(Transport::Udp);
        let tx = InviteClient::start(b"INVITE".to_vec(), &mut bench.wire());
        let (tx, first) = tx.response(200, ack, &mut bench.wire());
        let (tx, second) = tx.unwrap().response(200, ack, &mut bench.wire());
        let (tx, stray) = tx.unwrap().response(486, ack, &mut bench.wire());
        assert_eq!([first, second, stray], [Heard::Response, Heard::Response, Heard::Nothing]);
        assert_eq!(bench.sent(), ["INVITE"]);
        assert_eq!(bench.fire(), Some((32_000, Timer::M)));
        assert!(tx.unwrap().fire(Timer::M, &mut bench.wire()).0.is_none());
    }

    #[test]
    fn a_cancelled_invite_waits_64_t1_for_its_end() {
        let mut bench = Bench::new(Transport::Udp);
        let tx = InviteClient::start(b"INVITE".to_vec(), &mut bench.wire());
        let (tx, _) = tx.response(180, ack, &mut bench.wire());
        let tx = tx.unwrap();
        tx.hurry(&mut bench.wire());
        assert_eq!(bench.fire(), Some((32_000, Timer::CancelWait)));
        assert_eq!(tx.fire(Timer::CancelWait, &mut bench.wire()).1, Heard::Timeout);
    }
}
