//! A caller with a telephone and intentions.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::network::{Packet, Port};
use super::packet;
use crate::call::remote;
use crate::clock::{Mono, Now};
use crate::ids::{LegId, TakeId};
use crate::media::stream::Seeds;
use crate::media::{self, Clip, Sink, Stream};
use crate::sdp::{self, Capabilities, Direction, Local};
use crate::sip::{self, Dial, Ended, Endpoint, Event, Flow, Output, Transport};

/// What a caller is going to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// Says the speech whenever recording begins; otherwise stays silent.
    pub speaks: bool,
    /// Pressed from the answer on, as `keys` are; what is said and pressed after it waits for a recording.
    pub before: String,
    /// Pressed one after the other, a second apart, after speaking; `,` waits a second.
    pub keys: String,
    /// Hangs up this long after dialling, whatever is going on.
    pub gives_up: Option<Duration>,
    /// Hangs up this long after having said and pressed everything.
    pub lingers: Duration,
    /// Falls off the network this long after dialling: no word, no BYE.
    pub vanishes: Option<Duration>,
    /// Puts the line on hold this long after the answer, and takes it back a second later.
    pub holds: Option<Duration>,
}

impl Default for Script {
    fn default() -> Self {
        Script {
            speaks: true,
            before: String::new(),
            keys: "#".to_owned(),
            gives_up: None,
            lingers: Duration::from_secs(2),
            vanishes: None,
            holds: None,
        }
    }
}

/// One of them.
pub struct Caller {
    number: usize,
    /// What they meant to do.
    pub script: Script,
    /// What they say.
    pub speech: Arc<Clip>,
    /// The word with which their call ended.
    pub ended: Option<Ended>,
    /// They were answered.
    pub answered: bool,
    /// They said all they had to say while it was recorded.
    pub said_all: bool,
    endpoint: Endpoint,
    leg: LegId,
    local: Local,
    house: SocketAddr,
    stream: Option<Stream>,
    wires: Wires,
    began: Mono,
    speaking: bool,
    /// There was a recording already.
    spoken: bool,
    done_at: Option<Mono>,
    next_key: Option<Mono>,
    pressed: usize,
    hung_up: bool,
    held: bool,
}

/// What the stream sends, until it is put on the network.
struct Wires {
    rtp: SocketAddr,
    sent: Vec<Packet>,
}

impl Sink for Wires {
    fn rtp(&mut self, to: SocketAddr, bytes: &[u8]) {
        self.sent.push(packet(Port::Rtp, self.rtp, to, bytes));
    }

    fn rtcp(&mut self, to: SocketAddr, bytes: &[u8]) {
        let from = SocketAddr::new(self.rtp.ip(), self.rtp.port() + 1);
        self.sent.push(packet(Port::Rtcp, from, to, bytes));
    }

    fn recorded(&mut self, _take: TakeId, _blocks: &[u8]) {}
}

impl Caller {
    pub(super) fn dial(
        number: usize,
        seed: u64,
        script: Script,
        speech: Arc<Clip>,
        house: SocketAddr,
        now: Now,
    ) -> Caller {
        let [.., a, b] = u32::try_from(number).unwrap_or(0).to_be_bytes();
        let ip = IpAddr::V4(Ipv4Addr::new(10, 1, a, b));
        let rtp = SocketAddr::new(ip, 4000);
        let local = Local { rtp, session: seed >> 32, version: 1, direction: Direction::SendRecv };
        let flow = Flow { transport: Transport::Udp, local: SocketAddr::new(ip, 5060), remote: house, connection: 0 };
        let trusted = vec![(house.ip(), 32)];
        let mut endpoint = Endpoint::new(sip::Settings { seed, trusted, ..sip::Settings::default() });
        let dial = Dial {
            flow,
            target: format!("sip:+493023125000@{house}"),
            from: format!("sip:{}@{ip}", caller_id(number)),
            from_name: String::new(),
            offer: sdp::offer(&Capabilities::default(), &local),
            headers: Vec::new(),
            ring_max: Duration::from_secs(60),
        };
        let leg = endpoint.dial(dial, now);
        Caller {
            number,
            script,
            speech,
            ended: None,
            answered: false,
            said_all: false,
            endpoint,
            leg,
            local,
            house,
            stream: None,
            wires: Wires { rtp, sent: Vec::new() },
            began: now.mono,
            speaking: false,
            spoken: false,
            done_at: None,
            next_key: None,
            pressed: 0,
            hung_up: false,
            held: false,
        }
    }

    /// The number they call from.
    pub fn caller_id(&self) -> String {
        caller_id(self.number)
    }

    pub(super) fn call_id(&self) -> String {
        self.caller_id()
    }

    pub(super) fn ip(&self) -> IpAddr {
        self.local.rtp.ip()
    }

    pub(super) fn has_stream(&self) -> bool {
        self.stream.is_some()
    }

    /// Nothing of their telephone is left busy.
    pub fn is_quiet(&self) -> bool {
        self.stream.is_none() && self.endpoint.legs() == 0
    }

    fn has_vanished(&self, now: Mono) -> bool {
        self.script.vanishes.is_some_and(|after| now >= self.began + after)
    }

    pub(super) fn poll_timeout(&self) -> Option<Mono> {
        let ringing = (!self.answered && !self.hung_up && self.ended.is_none())
            .then_some(self.script.gives_up)
            .flatten()
            .map(|after| self.began + after);
        self.endpoint.poll_timeout().into_iter().chain(ringing).min()
    }

    pub(super) fn wake(&mut self, now: Now) {
        if self.endpoint.poll_timeout().is_some_and(|at| at <= now.mono) {
            self.endpoint.handle_timeout(now);
        }
        if self.script.gives_up.is_some_and(|after| now.mono >= self.began + after) {
            self.hang_up(now);
        }
    }

    pub(super) fn receive(&mut self, packet: &Packet, now: Now) {
        if self.has_vanished(now.mono) {
            return;
        }
        match (packet.port, self.stream.as_mut()) {
            (Port::Sip, _) => {
                let flow = Flow { transport: Transport::Udp, local: packet.to, remote: packet.from, connection: 0 };
                self.endpoint.receive(flow, &packet.bytes, now);
            }
            (Port::Rtp, Some(stream)) => stream.receive_rtp(&packet.bytes, packet.from, now.mono),
            (Port::Rtcp, Some(stream)) => stream.receive_rtcp(&packet.bytes, packet.from, now.mono),
            (_, None) => {}
        }
    }

    pub(super) fn tick(&mut self, now: Now, recording: bool) {
        let Some(stream) = self.stream.as_mut() else { return };
        stream.tick(now.mono, &mut self.wires);
        while let Some(event) = stream.poll_event() {
            if let media::Event::Played { complete: true, .. } = event {
                self.said_all = recording;
                self.next_key = Some(now.mono + Duration::from_millis(500));
            }
        }
        self.act(now, recording);
    }

    fn act(&mut self, now: Now, recording: bool) {
        if !recording {
            self.speaking = false;
        } else if !self.speaking {
            // Every beep is an invitation; keys wait until all is said.
            (self.speaking, self.spoken) = (true, true);
            self.next_key = None;
            if self.script.speaks {
                let clips = vec![Arc::clone(&self.speech)];
                self.command(media::Command::Play { play: 1, clips, wait_first_packet: Duration::ZERO }, now);
            } else {
                self.next_key = Some(now.mono + Duration::from_secs(1));
            }
        }
        if let Some(at) = self.next_key.filter(|at| *at <= now.mono) {
            let (before, keys) = (&self.script.before, &self.script.keys);
            let key = before.chars().chain(keys.chars()).nth(self.pressed);
            let waits = self.pressed == before.chars().count() && !self.spoken;
            match key {
                Some(_) if waits && self.pressed > 0 => self.next_key = None,
                Some(key) => {
                    self.pressed += 1;
                    self.next_key = Some(at + Duration::from_secs(1));
                    if key != ',' {
                        self.command(media::Command::SendKeys(key.to_string()), now);
                    }
                }
                None => {
                    self.next_key = None;
                    self.done_at = Some(now.mono);
                }
            }
        }
        if self.done_at.is_some_and(|at| now.mono >= at + self.script.lingers) {
            self.hang_up(now);
        }
        self.hold(now);
    }

    /// Hold is a re-INVITE with sendonly, resume one with sendrecv.
    fn hold(&mut self, now: Now) {
        let Some(after) = self.script.holds else { return };
        let due = if self.held { after + Duration::from_secs(1) } else { after };
        if now.mono < self.began + due || self.hung_up {
            return;
        }
        self.local.version += 1;
        self.local.direction = if self.held { Direction::SendRecv } else { Direction::SendOnly };
        self.script.holds = if self.held { None } else { Some(after) };
        self.held = !self.held;
        let sdp = sdp::offer(&Capabilities::default(), &self.local);
        self.endpoint.command(self.leg, sip::Command::Reoffer { sdp }, now);
    }

    fn command(&mut self, command: media::Command, now: Now) {
        if let Some(stream) = self.stream.as_mut() {
            stream.command(command, now.mono);
        }
    }

    fn hang_up(&mut self, now: Now) {
        if !self.hung_up {
            self.hung_up = true;
            self.endpoint.command(self.leg, sip::Command::Hangup, now);
        }
    }

    fn signalled(&mut self, event: Event, now: Now) {
        match event {
            Event::Answered { sdp: Some(sdp) } => {
                self.answered = true;
                self.next_key = (!self.script.before.is_empty()).then(|| now.mono + Duration::from_millis(200));
                self.connect(&sdp, now);
            }
            Event::Confirmed { sdp: Some(sdp) } => self.connect(&sdp, now),
            Event::Ended(why) => {
                self.ended = Some(why);
                if let Some(mut stream) = self.stream.take() {
                    stream.close(now.mono, &mut self.wires);
                }
            }
            _ => {}
        }
    }

    fn connect(&mut self, answer: &[u8], now: Now) {
        let Ok(negotiated) = sdp::accept(answer, &Capabilities::default(), &self.local) else { return };
        let number = u32::try_from(self.number).unwrap_or(0);
        let seeds = Seeds { ssrc: number, sequence: 65_500, timestamp: u32::MAX - 4000 };
        let stream = self.stream.get_or_insert_with(|| Stream::new(seeds));
        stream.command(media::Command::Connect(remote(&negotiated, self.house.ip())), now.mono);
    }

    pub(super) fn drain(&mut self, now: Now, sent: &mut Vec<Packet>) {
        let mut out = std::mem::take(&mut self.wires.sent);
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Send { flow, bytes } => out.push(packet(Port::Sip, flow.local, flow.remote, &bytes)),
                Output::Event { event, .. } => self.signalled(event, now),
                Output::Close(_) => {}
            }
        }
        out.append(&mut self.wires.sent);
        if self.has_vanished(now.mono) {
            // Nothing gets out any more; their own telephone will notice by itself.
            self.stream = None;
            return;
        }
        sent.append(&mut out);
    }
}

fn caller_id(number: usize) -> String {
    format!("+4930231{number:06}")
}
