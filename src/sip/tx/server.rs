//! Server transaction of everything but INVITE: RFC 3261 §17.2.2.

use super::Wire;
use super::timer::{PATIENCE, Timer};

/// The machine. Provisional answers to such requests are never sent (RFC 4320), so there is no `Proceeding`.
#[derive(Debug)]
pub enum Server {
    /// Not answered yet.
    Trying,
    /// Answered; the answer is repeated when the request is.
    Completed(Completed),
}

/// See [`Server::Completed`].
#[derive(Debug)]
pub struct Completed {
    response: Vec<u8>,
}

impl Server {
    /// The same request again.
    pub fn repeated(&self, wire: &mut Wire<'_>) {
        match self {
            Server::Trying => {}
            Server::Completed(state) => wire.send(&state.response),
        }
    }

    /// The final answer. Timer J is zero on streams: nothing will be repeated there.
    pub fn respond(self, response: Vec<u8>, wire: &mut Wire<'_>) -> Option<Self> {
        match self {
            Server::Trying => {
                wire.send(&response);
                if wire.reliable() {
                    return None;
                }
                wire.arm(Timer::J, PATIENCE);
                Some(Server::Completed(Completed { response }))
            }
            done => Some(done),
        }
    }

    /// Timer J is the only one, and the end.
    pub fn fire(self, timer: Timer) -> Option<Self> {
        match timer {
            Timer::J => None,
            _ => Some(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bench::Bench;
    use super::*;
    use crate::sip::contract::Transport;

    #[test]
    fn the_answer_is_repeated_for_64_t1() {
        let mut bench = Bench::new(Transport::Udp);
        let tx = Server::Trying;
        tx.repeated(&mut bench.wire());
        let tx = tx.respond(b"200".to_vec(), &mut bench.wire()).unwrap();
        tx.repeated(&mut bench.wire());
        let tx = tx.respond(b"500".to_vec(), &mut bench.wire()).unwrap();
        assert_eq!(bench.sent(), ["200", "200"]);
        assert_eq!(bench.fire(), Some((32_000, Timer::J)));
        assert!(tx.fire(Timer::J).is_none());
    }

    #[test]
    fn on_a_stream_the_answer_is_the_end() {
        let mut bench = Bench::new(Transport::Tcp);
        assert!(Server::Trying.respond(b"200".to_vec(), &mut bench.wire()).is_none());
        assert!(bench.timers.is_empty());
    }
}
