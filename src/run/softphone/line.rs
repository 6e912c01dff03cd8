//! The phone's audio: one stream on its own sockets, and a tape of all that is heard.

use std::net::SocketAddr;

use crate::clock::Mono;
use crate::ids::TakeId;
use crate::media::stream::Seeds;
use crate::media::{Command, Event, Figures, Sink, Stream};
use crate::run::wheel::Sockets;

const PACKETS_MAX: usize = 64;

pub(super) struct Line {
    stream: Stream,
    wires: Wires,
    buffer: Vec<u8>,
    /// Blocks that [`Line::fresh`] has given.
    given: usize,
}

struct Wires {
    sockets: Sockets,
    tape: Vec<u8>,
}

impl Line {
    pub(super) fn new(sockets: Sockets, seeds: Seeds) -> Line {
        let wires = Wires { sockets, tape: Vec::new() };
        Line { stream: Stream::new(seeds), wires, buffer: vec![0; 2048], given: 0 }
    }

    pub(super) fn command(&mut self, command: Command, now: Mono) {
        self.stream.command(command, now);
    }

    /// Reads, sends and tells what happened.
    pub(super) fn tick(&mut self, now: Mono) -> Vec<Event> {
        for _ in 0..PACKETS_MAX {
            let Ok((length, from)) = self.wires.sockets.rtp.recv_from(&mut self.buffer) else { break };
            if let Some(packet) = self.buffer.get(..length) {
                self.stream.receive_rtp(packet, from, now);
            }
        }
        while let Ok((length, from)) = self.wires.sockets.rtcp.recv_from(&mut self.buffer) {
            if let Some(packet) = self.buffer.get(..length) {
                self.stream.receive_rtcp(packet, from, now);
            }
        }
        self.stream.tick(now, &mut self.wires);
        std::iter::from_fn(|| self.stream.poll_event()).collect()
    }

    pub(super) fn close(&mut self, now: Mono) {
        self.stream.close(now, &mut self.wires);
    }

    /// The blocks that are new since it was asked last.
    pub(super) fn fresh(&mut self) -> &[u8] {
        let fresh = self.wires.tape.get(self.given..).unwrap_or_default();
        self.given = self.wires.tape.len();
        fresh
    }

    /// All that was heard, as a take.
    pub(super) fn blocks(&self) -> &[u8] {
        &self.wires.tape
    }

    pub(super) fn figures(&self) -> Figures {
        self.stream.figures()
    }
}

impl Sink for Wires {
    fn rtp(&mut self, to: SocketAddr, packet: &[u8]) {
        let _ = self.sockets.rtp.send_to(packet, to);
    }

    fn rtcp(&mut self, to: SocketAddr, packet: &[u8]) {
        let _ = self.sockets.rtcp.send_to(packet, to);
    }

    fn recorded(&mut self, _take: TakeId, blocks: &[u8]) {
        self.tape.extend_from_slice(blocks);
    }
}
