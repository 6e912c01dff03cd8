//! Every timer of the room, by name, in one queue.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::clock::Mono;
use crate::ids::LegId;

/// Round-trip estimate (RFC 3261 §17.1.1.1).
pub const T1: Duration = Duration::from_millis(500);
/// Longest interval between resends of non-INVITE requests and INVITE responses.
pub const T2: Duration = Duration::from_secs(4);
/// Longest time that a message stays in the network.
pub const T4: Duration = Duration::from_secs(5);
/// 64·T1: when a transaction without an answer is over.
pub const PATIENCE: Duration = Duration::from_secs(32);

/// A transaction; unique while the process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TxId(pub u64);

/// Whose timer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A server transaction.
    Server(TxId),
    /// A client transaction.
    Client(TxId),
    /// A leg.
    Leg(LegId),
}

/// What a timer is for. Letters are those of RFC 3261 §17 and RFC 6026.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    /// INVITE client: send again.
    A,
    /// INVITE client: no answer.
    B,
    /// INVITE client: absorb repeated refusals.
    D,
    /// Other client: send again.
    E,
    /// Other client: no answer.
    F,
    /// INVITE server: send the refusal again.
    G,
    /// INVITE server: no ACK for the refusal.
    H,
    /// INVITE server: absorb repeated ACKs.
    I,
    /// Other server: absorb repeated requests.
    J,
    /// Other client: absorb repeated answers.
    K,
    /// INVITE server: absorb repeated INVITEs after a 2xx; without an ACK by then there is none.
    L,
    /// INVITE client: take further 2xx.
    M,
    /// INVITE server: send the 2xx again until its ACK comes (RFC 3261 §13.3.1.4).
    Resend2xx,
    /// INVITE client: a cancelled INVITE had 64·T1 for its 487 (RFC 3261 §9.1).
    CancelWait,
    /// Leg, outgoing: rung long enough.
    RingMax,
    /// Leg, incoming: send the reliable provisional again (RFC 3262 §3).
    ResendReliable,
    /// Leg, incoming: no PRACK.
    PrackWait,
    /// Leg: our turn to refresh the session (RFC 4028 §10).
    Refresh,
    /// Leg: the session was not refreshed.
    SessionEnd,
    /// Leg: try the re-INVITE or UPDATE again that met 491 (RFC 3261 §14.1).
    Glare,
}

/// The queue: setting, cancelling and finding the earliest are all logarithmic.
#[derive(Debug, Default)]
pub struct Timers {
    by_key: BTreeMap<(Owner, Timer), Mono>,
    queue: BTreeSet<(Mono, Owner, Timer)>,
}

impl Timers {
    /// Sets a timer, in place of one of the same name.
    pub fn set(&mut self, owner: Owner, timer: Timer, at: Mono) {
        if let Some(old) = self.by_key.insert((owner, timer), at) {
            self.queue.remove(&(old, owner, timer));
        }
        self.queue.insert((at, owner, timer));
    }

    /// Takes a timer back.
    pub fn cancel(&mut self, owner: Owner, timer: Timer) {
        if let Some(old) = self.by_key.remove(&(owner, timer)) {
            self.queue.remove(&(old, owner, timer));
        }
    }

    /// Is it running?
    pub fn is_set(&self, owner: Owner, timer: Timer) -> bool {
        self.by_key.contains_key(&(owner, timer))
    }

    /// Takes all timers of `owner` back.
    pub fn cancel_all(&mut self, owner: Owner) {
        let range = (owner, Timer::A)..=(owner, Timer::Glare);
        let gone: Vec<_> = self.by_key.range(range).map(|(key, at)| (*key, *at)).collect();
        for ((owner, timer), at) in gone {
            self.by_key.remove(&(owner, timer));
            self.queue.remove(&(at, owner, timer));
        }
    }

    /// The earliest.
    pub fn next(&self) -> Option<Mono> {
        self.queue.first().map(|(at, _, _)| *at)
    }

    /// Takes the earliest out if it is due.
    pub fn pop(&mut self, now: Mono) -> Option<(Owner, Timer)> {
        let (at, owner, timer) = *self.queue.first()?;
        if at > now {
            return None;
        }
        self.cancel(owner, timer);
        Some((owner, timer))
    }

    /// How many are set.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// None is set.
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_a_new_time_replaces_the_old() {
        let mut timers = Timers::default();
        let (a, b) = (Owner::Client(TxId(1)), Owner::Leg(LegId(1)));
        timers.set(a, Timer::B, Mono(50));
        timers.set(b, Timer::Refresh, Mono(20));
        timers.set(b, Timer::Refresh, Mono(70));
        assert_eq!(timers.next(), Some(Mono(50)));
        assert_eq!(timers.pop(Mono(49)), None);
        assert_eq!(timers.pop(Mono(99)), Some((a, Timer::B)));
        assert_eq!(timers.pop(Mono(99)), Some((b, Timer::Refresh)));
        assert!(timers.is_empty());
    }

    #[test]
    fn cancelling_an_owner_leaves_the_others() {
        let mut timers = Timers::default();
        timers.set(Owner::Server(TxId(1)), Timer::G, Mono(1));
        timers.set(Owner::Server(TxId(1)), Timer::Glare, Mono(2));
        timers.set(Owner::Server(TxId(2)), Timer::G, Mono(3));
        timers.cancel_all(Owner::Server(TxId(1)));
        assert_eq!((timers.len(), timers.next()), (1, Some(Mono(3))));
    }
}
