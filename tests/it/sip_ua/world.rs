//! Two endpoints, a network between them, and a clock that jumps.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use nightdesk::clock::{Mono, Now};
use nightdesk::ids::LegId;
use nightdesk::sip::msg::Message;
use nightdesk::sip::{Command, Dial, Ended, Endpoint, Event, Flow, Output, Settings, Transport};

pub const OFFER: &[u8] =
    b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";
pub const ANSWER: &[u8] =
    b"v=0\r\no=- 2 1 IN IP4 10.0.0.2\r\ns=-\r\nc=IN IP4 10.0.0.2\r\nt=0 0\r\nm=audio 5000 RTP/AVP 8\r\n";

/// Who: the one that dials, the one that is dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    A,
    B,
}

/// SplitMix64: the same seed, the same night.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// What the network does to datagrams, in percent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    pub loss: u64,
    pub twice: u64,
    pub shuffle: u64,
    /// Every message must be meant for the other side.
    pub strict: bool,
}

pub struct World {
    pub a: Endpoint,
    pub b: Endpoint,
    pub now: Now,
    pub weather: Weather,
    pub dice: Dice,
    pub transport: Transport,
    addresses: [SocketAddr; 2],
    wire: BTreeMap<(Mono, u64), (Side, Vec<u8>)>,
    serial: u64,
    /// Everything that was sent, by whom: "INVITE", "200 INVITE" …
    pub log: Vec<(Side, String)>,
    pub messages: Vec<(Side, Vec<u8>)>,
    pub events: Vec<(Side, LegId, Event)>,
    /// Messages of a side that get lost: (who sends, what it is, how many).
    pub lose: Vec<(Side, &'static str, usize)>,
}

pub fn settings(seed: u64) -> Settings {
    Settings {
        trusted: vec![("10.0.0.0".parse().unwrap(), 8), ("fd00::".parse().unwrap(), 8)],
        seed,
        ..Settings::default()
    }
}

impl World {
    pub fn new() -> Self {
        Self::with(settings(1), settings(2))
    }

    pub fn with(a: Settings, b: Settings) -> Self {
        World {
            a: Endpoint::new(a),
            b: Endpoint::new(b),
            now: Now::default(),
            weather: Weather { strict: true, ..Weather::default() },
            dice: Dice(0),
            transport: Transport::Udp,
            addresses: ["10.0.0.1:5060".parse().unwrap(), "10.0.0.2:5060".parse().unwrap()],
            wire: BTreeMap::new(),
            serial: 0,
            log: vec![],
            messages: vec![],
            events: vec![],
            lose: vec![],
        }
    }

    pub fn tcp(mut self) -> Self {
        self.transport = Transport::Tcp;
        self
    }

    pub fn v6(mut self) -> Self {
        self.addresses = ["[fd00::1]:5060".parse().unwrap(), "[fd00::2]:5060".parse().unwrap()];
        self
    }

    pub fn flow(&self, from: Side) -> Flow {
        let [a, b] = self.addresses;
        let (local, remote) = if from == Side::A { (a, b) } else { (b, a) };
        Flow { transport: self.transport, local, remote, connection: 0 }
    }

    fn endpoint(&mut self, side: Side) -> &mut Endpoint {
        match side {
            Side::A => &mut self.a,
            Side::B => &mut self.b,
        }
    }

    pub fn dial(&mut self) -> LegId {
        self.dial_for(Duration::from_secs(60))
    }

    pub fn dial_for(&mut self, ring_max: Duration) -> LegId {
        let dial = Dial {
            flow: self.flow(Side::A),
            target: "sip:100@nightdesk.example".into(),
            from: "sip:alice@10.0.0.1".into(),
            from_name: "Alice \"A\" Müller".into(),
            offer: OFFER.to_vec(),
            headers: vec![("P-Asserted-Identity".into(), "<tel:+4971112345>".into())],
            ring_max,
        };
        let now = self.now;
        let leg = self.a.dial(dial, now);
        self.collect();
        leg
    }

    pub fn tell(&mut self, side: Side, leg: LegId, command: Command) {
        let now = self.now;
        self.endpoint(side).command(leg, command, now);
        self.collect();
    }

    /// Drains both endpoints onto the wire.
    pub fn collect(&mut self) {
        for side in [Side::A, Side::B] {
            while let Some(output) = self.endpoint(side).poll_output() {
                match output {
                    Output::Send { flow, bytes } => self.send(side, flow, bytes),
                    Output::Event { leg, event } => self.events.push((side, leg, event)),
                    Output::Close(_) => {}
                }
            }
        }
    }

    fn send(&mut self, from: Side, flow: Flow, bytes: Vec<u8>) {
        let name = match Message::parse(&bytes) {
            Ok(message) => name(&message),
            // The refusal of a broken request repeats what is broken in it.
            Err(_) if !self.weather.strict => "400".into(),
            Err(error) => panic!("{error}: {}", String::from_utf8_lossy(&bytes)),
        };
        self.log.push((from, name.clone()));
        self.messages.push((from, bytes.clone()));
        let right = flow.remote == self.flow(from).remote || flow.connection != 0;
        if self.weather.strict {
            assert!(right, "{name} goes astray");
        } else if !right {
            return;
        }
        if let Some(rule) = self.lose.iter_mut().find(|(side, what, left)| *side == from && *what == name && *left > 0)
        {
            rule.2 -= 1;
            return;
        }
        let reliable = self.transport == Transport::Tcp;
        if !reliable && self.dice.chance(self.weather.loss) {
            return;
        }
        let copies = if !reliable && self.dice.chance(self.weather.twice) { 2 } else { 1 };
        for _ in 0..copies {
            let jitter = if !reliable && self.dice.chance(self.weather.shuffle) { self.dice.below(700) } else { 5 };
            self.serial += 1;
            let at = self.now.mono + Duration::from_millis(jitter);
            self.wire.insert((at, self.serial), (from, bytes.clone()));
        }
    }

    /// A message out of nowhere, for a side.
    pub fn inject(&mut self, to: Side, bytes: &[u8]) {
        let (flow, now) = (self.arrival(to), self.now);
        self.endpoint(to).receive(flow, bytes, now);
        self.collect();
    }

    /// Both sides learn that their connection is gone.
    pub fn break_connection(&mut self) {
        for side in [Side::A, Side::B] {
            let (flow, now) = (self.arrival(side), self.now);
            self.endpoint(side).flow_closed(flow, now);
        }
        self.collect();
    }

    fn arrival(&self, side: Side) -> Flow {
        let mut flow = self.flow(side);
        if self.transport == Transport::Tcp {
            // A opened the connection: from a port of its own.
            flow.connection = 1;
            if side == Side::A { &mut flow.local } else { &mut flow.remote }.set_port(33_333);
        }
        flow
    }

    /// One step: the earliest of message and timer. False when nothing is left.
    pub fn step(&mut self) -> bool {
        let timers = [self.a.poll_timeout(), self.b.poll_timeout()];
        let timer = timers.into_iter().flatten().min();
        let arrival = self.wire.keys().next().map(|(at, _)| *at);
        let Some(next) = timer.into_iter().chain(arrival).min() else { return false };
        self.now = self.now.after(next.since(self.now.mono));
        let now = self.now;
        if arrival == Some(next) {
            let Some((_, (from, bytes))) = self.wire.pop_first() else { return false };
            let to = if from == Side::A { Side::B } else { Side::A };
            let flow = self.arrival(to);
            self.endpoint(to).receive(flow, &bytes, now);
        } else {
            self.a.handle_timeout(now);
            self.b.handle_timeout(now);
        }
        self.collect();
        true
    }

    /// Plays until nothing more happens within `time`.
    pub fn run(&mut self, time: Duration) {
        let end = self.now.mono + time;
        loop {
            let timers = [self.a.poll_timeout(), self.b.poll_timeout()];
            let arrival = self.wire.keys().next().map(|(at, _)| *at);
            match timers.into_iter().flatten().chain(arrival).min() {
                Some(at) if at <= end => self.step(),
                _ => break,
            };
        }
        self.now = self.now.after(end.since(self.now.mono));
    }

    /// Plays the messages that are under way, and what follows within 300 ms.
    pub fn settle(&mut self) {
        self.run(Duration::from_millis(300));
    }

    /// Takes what a side heard since the last time.
    pub fn heard(&mut self, side: Side) -> Vec<Event> {
        let (taken, rest) = self.events.drain(..).partition(|(who, _, _)| *who == side);
        self.events = rest;
        let taken: Vec<(Side, LegId, Event)> = taken;
        taken.into_iter().map(|(_, _, event)| event).collect()
    }

    /// The leg of B that rings.
    pub fn incoming(&mut self) -> LegId {
        self.settle();
        let at = self.events.iter().position(|(who, _, event)| *who == Side::B && matches!(event, Event::Incoming(_)));
        let (_, leg, _) = self.events.remove(at.expect("no call came in"));
        leg
    }

    /// A call that stands: legs of A and B.
    pub fn connected(&mut self) -> (LegId, LegId) {
        let a = self.dial();
        let b = self.incoming();
        self.tell(Side::B, b, Command::Accept { sdp: ANSWER.to_vec() });
        self.settle();
        assert_eq!(self.heard(Side::B), [Event::Confirmed { sdp: None }]);
        assert_eq!(self.heard(Side::A), [Event::Answered { sdp: Some(ANSWER.to_vec()) }]);
        self.log.clear();
        self.messages.clear();
        (a, b)
    }

    /// What a side sent since the last time.
    pub fn sent(&mut self, side: Side) -> Vec<String> {
        let (taken, rest) = self.log.drain(..).partition(|(who, _)| *who == side);
        self.log = rest;
        let taken: Vec<(Side, String)> = taken;
        taken.into_iter().map(|(_, name)| name).collect()
    }

    /// The last message of this name.
    pub fn message(&self, side: Side, wanted: &str) -> Message {
        let found = self.messages.iter().rev().filter(|(who, _)| *who == side);
        let mut parsed = found.map(|(_, bytes)| Message::parse(bytes).unwrap());
        parsed.find(|message| name(message) == wanted).unwrap_or_else(|| panic!("no {wanted} from {side:?}"))
    }

    /// Both are through: nothing is left after everything has run out.
    pub fn ends(&mut self, a: &[Ended], b: &[Ended]) {
        self.run(Duration::from_secs(200));
        let ended = |events: Vec<Event>| -> Vec<Ended> {
            events
                .into_iter()
                .filter_map(|event| if let Event::Ended(why) = event { Some(why) } else { None })
                .collect()
        };
        let (heard_a, heard_b) = (self.heard(Side::A), self.heard(Side::B));
        assert_eq!((ended(heard_a).as_slice(), ended(heard_b).as_slice()), (a, b));
        assert!(self.a.is_idle(), "{:?}", self.a);
        assert!(self.b.is_idle(), "{:?}", self.b);
    }
}

/// "INVITE" or "200 INVITE".
pub fn name(message: &Message) -> String {
    let method = message.cseq().map(|(_, method)| method.to_string()).unwrap_or_default();
    match message.code() {
        Some(code) => format!("{code} {method}"),
        None => message.method().map(ToString::to_string).unwrap_or_default(),
    }
}
