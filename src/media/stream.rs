//! The audio of one leg: joins RTP, keys, playing and recording.

use std::net::SocketAddr;

use super::contract::{Command, Event, Figures, Sink};
use crate::clock::Mono;

/// What a stream is made with: random start values, so that nobody can guess them.
#[derive(Clone, Copy, Debug)]
pub struct Seeds {
    /// SSRC that we send.
    pub ssrc: u32,
    /// First sequence number.
    pub sequence: u16,
    /// First timestamp.
    pub timestamp: u32,
}

/// The media of one leg.
#[derive(Debug)]
pub struct Stream {
    seeds: Seeds,
}

impl Stream {
    /// A stream that neither sends nor listens until [`Command::Connect`].
    pub fn new(seeds: Seeds) -> Self {
        Stream { seeds }
    }

    /// Asks something of it.
    pub fn command(&mut self, _command: Command, _now: Mono) {}

    /// A packet on the RTP port (RTCP too under rtcp-mux).
    pub fn receive_rtp(&mut self, _packet: &[u8], _from: SocketAddr, _now: Mono) {}

    /// A packet on the RTCP port.
    pub fn receive_rtcp(&mut self, _packet: &[u8], _from: SocketAddr, _now: Mono) {}

    /// 20 ms have passed: send, record, notice silence.
    pub fn tick(&mut self, _now: Mono, _sink: &mut dyn Sink) {}

    /// What happened, until it is empty.
    pub fn poll_event(&mut self) -> Option<Event> {
        None
    }

    /// The stream is over: RTCP BYE, what is recorded is flushed to the sink ([`Event::Recorded`] follows).
    pub fn close(&mut self, _now: Mono, _sink: &mut dyn Sink) {}

    /// Its figures so far.
    pub fn figures(&self) -> Figures {
        let _ = self.seeds;
        Figures::default()
    }
}
