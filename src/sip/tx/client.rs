//! Client transaction of everything but INVITE: RFC 3261 §17.1.2.

use std::time::Duration;

use super::timer::{PATIENCE, T1, T2, T4, Timer};
use super::{Heard, Wire};

/// The machine.
#[derive(Debug)]
pub enum Client {
    /// No answer yet.
    Trying(Trying),
    /// A provisional answer came: resending slows down to T2.
    Proceeding(Proceeding),
    /// Answered; absorbing repetitions.
    Completed,
}

/// See [`Client::Trying`].
#[derive(Debug)]
pub struct Trying {
    request: Vec<u8>,
    interval: Duration,
}

/// See [`Client::Proceeding`].
#[derive(Debug)]
pub struct Proceeding {
    request: Vec<u8>,
}

impl Client {
    /// Sends the request.
    pub fn start(request: Vec<u8>, wire: &mut Wire<'_>) -> Self {
        wire.send(&request);
        if !wire.reliable() {
            wire.arm(Timer::E, T1);
        }
        wire.arm(Timer::F, PATIENCE);
        Client::Trying(Trying { request, interval: T1 })
    }

    /// A response with its branch.
    pub fn response(self, code: u16, wire: &mut Wire<'_>) -> (Option<Self>, Heard) {
        match (self, code) {
            (Client::Completed, _) => (Some(Client::Completed), Heard::Nothing),
            (Client::Trying(Trying { request, .. }) | Client::Proceeding(Proceeding { request }), 0..=199) => {
                if !wire.reliable() {
                    wire.arm(Timer::E, T2);
                }
                (Some(Client::Proceeding(Proceeding { request })), Heard::Response)
            }
            (Client::Trying(_) | Client::Proceeding(_), _) => {
                wire.disarm(Timer::E);
                wire.disarm(Timer::F);
                if wire.reliable() {
                    return (None, Heard::Response);
                }
                wire.arm(Timer::K, T4);
                (Some(Client::Completed), Heard::Response)
            }
        }
    }

    /// One of its timers.
    pub fn fire(self, timer: Timer, wire: &mut Wire<'_>) -> (Option<Self>, Heard) {
        match (self, timer) {
            (Client::Trying(Trying { request, interval }), Timer::E) => {
                wire.send(&request);
                let interval = (interval * 2).min(T2);
                wire.arm(Timer::E, interval);
                (Some(Client::Trying(Trying { request, interval })), Heard::Nothing)
            }
            (Client::Proceeding(Proceeding { request }), Timer::E) => {
                wire.send(&request);
                wire.arm(Timer::E, T2);
                (Some(Client::Proceeding(Proceeding { request })), Heard::Nothing)
            }
            (Client::Trying(_) | Client::Proceeding(_), Timer::F) => (None, Heard::Timeout),
            (Client::Completed, Timer::K) => (None, Heard::Nothing),
            (state, _) => (Some(state), Heard::Nothing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::*;
    use crate::sip::contract::Transport;

    #[test]
    fn a_bye_into_nowhere_is_sent_eleven_times_and_times_out() {
        let mut bench = Bench::new(Transport::Udp);
        let mut tx = Client::start(b"BYE".to_vec(), &mut bench.wire());
        let heard = loop {
            let (_, timer) = bench.fire().unwrap();
            let (next, heard) = tx.fire(timer, &mut bench.wire());
            match next {
                Some(next) => tx = next,
                None => break heard,
            }
        };
        // RFC 3261 §17.1.2.2: 0, 500, 1500, 3500, 7500, then every 4 s until 31.5 s.
        assert_eq!((bench.sent().len(), bench.now.0, heard), (11, 32_000_000_000, Heard::Timeout));
    }

    #[test]
    fn a_repeated_answer_is_absorbed_for_t4() {
        let mut bench = Bench::new(Transport::Udp);
        let tx = Client::start(b"BYE".to_vec(), &mut bench.wire());
        let (tx, heard) = tx.response(200, &mut bench.wire());
        assert_eq!(heard, Heard::Response);
        let (tx, heard) = tx.unwrap().response(200, &mut bench.wire());
        assert_eq!((heard, bench.fire()), (Heard::Nothing, Some((5_000, Timer::K))));
        assert!(tx.unwrap().fire(Timer::K, &mut bench.wire()).0.is_none());
        assert!(bench.timers.is_empty());
    }

    #[test]
    fn a_provisional_slows_the_resending_down() {
        let mut bench = Bench::new(Transport::Udp);
        let tx = Client::start(b"BYE".to_vec(), &mut bench.wire());
        let (_tx, heard) = tx.response(100, &mut bench.wire());
        assert_eq!((heard, bench.fire()), (Heard::Response, Some((4_000, Timer::E))));
    }

    #[test]
    fn on_a_stream_the_answer_is_the_end() {
        let mut bench = Bench::new(Transport::Tcp);
        let tx = Client::start(b"BYE".to_vec(), &mut bench.wire());
        assert_eq!(bench.timers.len(), 1);
        assert!(tx.response(200, &mut bench.wire()).0.is_none() && bench.timers.is_empty());
    }
}
