//! Nightdesk in the simulation: the real endpoint, calls and streams; a disk and rows of memory.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::network::{Packet, Port};
use super::packet;
use crate::call::{
    self, Call, Clips, Finish, Line, Made, Note, Outcome, OwnerAction, OwnerEvent, Sound, StoreAction, StoreEvent, What,
};
use crate::clock::{Mono, Now};
use crate::flow::simulate::Desk;
use crate::flow::{AUTHOR, Answer, Ask, Contact, Done, Setting};
use crate::hours::{Override, Overrides};
use crate::ids::{Language, LegId, MessageId, TakeId};
use crate::media::stream::Seeds;
use crate::media::{Clip, Sink, Stream, take};
use crate::plan::{CheckContext, Plan};
use crate::sip::{self, Endpoint, Event, Flow, Output, Transport};

/// What goes wrong in the house.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// The disk is full once so many bytes of recordings are on it.
    pub disk_bytes: Option<usize>,
    /// Share of rows that the database refuses.
    pub rows_refused: f64,
    /// How long the store takes to answer.
    pub store_delay: Duration,
}

/// A message that is in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What can be heard of it.
    pub duration_ms: u64,
    /// The caller said so.
    pub urgent: bool,
}

/// The owner's.
pub const PIN: &str = "271828";
/// Wrong ones after which none is looked at.
const PINS_WRONG_MAX: u32 = 10;

/// What is left of a call.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Its timeline.
    pub notes: Vec<Note>,
    /// How it came out; none while it runs.
    pub outcome: Option<Outcome>,
    /// Its message.
    pub message: Option<Kept>,
}

impl Record {
    /// The kinds of the timeline, in order.
    pub fn kinds(&self) -> Vec<String> {
        let kind = |note: &Note| serde_json::to_value(note).ok()?.get("kind")?.as_str().map(str::to_owned);
        self.notes.iter().filter_map(kind).collect()
    }
}

/// Short prompts: what they say does not matter here.
struct Tones;

impl Clips for Tones {
    fn clip(&self, _language: Language, id: &str) -> Option<Arc<Clip>> {
        let ms = if id == "beep" { 100 } else { 300 };
        Some(Arc::new(Clip {
            name: id.to_owned(),
            pcma: vec![0xd5; ms * 8].into(),
            pcmu: vec![0xff; ms * 8].into(),
            g722: vec![0; ms * 8].into(),
        }))
    }

    /// Every sentence is made anew, and takes its time.
    fn spoken(&self, _language: Language, _words: &str) -> Option<Arc<Clip>> {
        None
    }
}

/// A message is taken of everybody.
fn standard_plan() -> Plan {
    let text = "[line]\nopen = \"message.standard\"\n[message.standard]\n";
    match Plan::parse(text, &CheckContext::default()).plan {
        Some(plan) => plan,
        None => unreachable!("a text of our own"),
    }
}

/// The house.
pub struct House {
    endpoint: Endpoint,
    address: SocketAddr,
    line: Line,
    random: StdRng,
    faults: Faults,
    calls: BTreeMap<LegId, Live>,
    next_port: u16,
    rtp: HashMap<u16, LegId>,
    disk: HashMap<TakeId, Vec<u8>>,
    /// Prompts that are recorded and not heard yet.
    drafts: HashMap<TakeId, Vec<u8>>,
    pins_wrong: u32,
    answers: VecDeque<(Mono, LegId, call::Event)>,
    /// Whom the business knows, by number; for calls that come from now on.
    pub contacts: HashMap<String, Contact>,
    /// Seats and callbacks; a call is named there by the caller's number.
    pub desk: Desk,
    /// Prompts that owners have recorded.
    pub prompts: BTreeMap<String, Arc<Clip>>,
    /// What is left of each call, by the caller's number.
    pub records: BTreeMap<String, Record>,
}

struct Live {
    call: Call,
    stream: Option<Stream>,
    wires: Wires,
    caller: String,
    closing: bool,
    recording: bool,
}

struct Wires {
    rtp: SocketAddr,
    sent: Vec<Packet>,
    blocks: Vec<(TakeId, Vec<u8>)>,
}

impl Sink for Wires {
    fn rtp(&mut self, to: SocketAddr, bytes: &[u8]) {
        self.sent.push(packet(Port::Rtp, self.rtp, to, bytes));
    }

    fn rtcp(&mut self, to: SocketAddr, bytes: &[u8]) {
        let from = SocketAddr::new(self.rtp.ip(), self.rtp.port() + 1);
        self.sent.push(packet(Port::Rtcp, from, to, bytes));
    }

    fn recorded(&mut self, take: TakeId, blocks: &[u8]) {
        self.blocks.push((take, blocks.to_vec()));
    }
}

impl House {
    pub(super) fn new(seed: u64, faults: Faults) -> House {
        let trusted = vec![([10, 0, 0, 0].into(), 8)];
        let line = Line {
            setting: Setting::of(standard_plan(), "Nightdesk"),
            ring: Duration::ZERO,
            capabilities: crate::sdp::Capabilities::default(),
            clips: Arc::new(Tones),
        };
        House {
            endpoint: Endpoint::new(sip::Settings { seed, trusted, ..sip::Settings::default() }),
            address: SocketAddr::from(([10, 0, 0, 1], 5060)),
            line,
            random: StdRng::seed_from_u64(seed),
            faults,
            calls: BTreeMap::new(),
            next_port: 20_000,
            rtp: HashMap::new(),
            disk: HashMap::new(),
            drafts: HashMap::new(),
            pins_wrong: 0,
            prompts: BTreeMap::new(),
            answers: VecDeque::new(),
            contacts: HashMap::new(),
            desk: Desk::default(),
            records: BTreeMap::new(),
        }
    }

    /// How it answers; for calls that come from now on.
    pub fn line_mut(&mut self) -> &mut Line {
        &mut self.line
    }

    /// The plan, and what was set by hand, for calls that come from now on.
    pub fn line_setting(&self) -> &Setting {
        &self.line.setting
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Streams that are open.
    pub fn streams(&self) -> usize {
        self.calls.values().filter(|live| live.stream.is_some()).count()
    }

    /// Nothing is left: no call, leg, stream, port or timer, and no prompt that nobody kept.
    pub fn is_quiet(&self) -> bool {
        self.calls.is_empty()
            && self.drafts.is_empty()
            && self.rtp.is_empty()
            && self.endpoint.legs() == 0
            && self.poll_timeout().is_none()
    }

    pub(super) fn is_recording(&self, caller: String) -> bool {
        self.calls.values().any(|live| live.caller == caller && live.recording)
    }

    pub(super) fn poll_timeout(&self) -> Option<Mono> {
        let calls = self.calls.values().filter_map(|live| live.call.poll_timeout());
        let store = self.answers.iter().map(|(at, _, _)| *at);
        self.endpoint.poll_timeout().into_iter().chain(calls).chain(store).min()
    }

    pub(super) fn wake(&mut self, now: Now) {
        if self.endpoint.poll_timeout().is_some_and(|at| at <= now.mono) {
            self.endpoint.handle_timeout(now);
        }
        let due = |live: &Live| live.call.poll_timeout().is_some_and(|at| at <= now.mono);
        let woken: Vec<LegId> = self.calls.iter().filter(|(_, live)| due(live)).map(|(leg, _)| *leg).collect();
        for leg in woken {
            self.tell(leg, call::Event::Timeout, now);
        }
        while let Some((_, leg, answer)) = self.answers.pop_front_if(|(at, _, _)| *at <= now.mono) {
            self.tell(leg, answer, now);
        }
    }

    pub(super) fn receive(&mut self, packet: &Packet, now: Now) {
        if packet.port == Port::Sip {
            let flow = Flow { transport: Transport::Udp, local: packet.to, remote: packet.from, connection: 0 };
            self.endpoint.receive(flow, &packet.bytes, now);
            return;
        }
        let port = packet.to.port() & !1;
        let Some(live) = self.rtp.get(&port).and_then(|leg| self.calls.get_mut(leg)) else { return };
        let Some(stream) = live.stream.as_mut() else { return };
        match packet.port {
            Port::Rtp => stream.receive_rtp(&packet.bytes, packet.from, now.mono),
            _ => stream.receive_rtcp(&packet.bytes, packet.from, now.mono),
        }
    }

    pub(super) fn tick(&mut self, now: Now) {
        let legs: Vec<LegId> = self.calls.keys().copied().collect();
        for leg in legs {
            let Some(live) = self.calls.get_mut(&leg) else { continue };
            let Some(stream) = live.stream.as_mut() else { continue };
            stream.tick(now.mono, &mut live.wires);
            if live.closing {
                stream.close(now.mono, &mut live.wires);
            }
            let mut events: Vec<call::Event> =
                std::iter::from_fn(|| stream.poll_event()).map(call::Event::Media).collect();
            if live.closing {
                events.push(call::Event::MediaClosed(stream.figures()));
                live.stream = None;
                self.rtp.remove(&live.wires.rtp.port());
            }
            let blocks = std::mem::take(&mut live.wires.blocks);
            self.write(leg, blocks, now);
            for event in events {
                self.tell(leg, event, now);
            }
        }
    }

    fn write(&mut self, leg: LegId, blocks: Vec<(TakeId, Vec<u8>)>, now: Now) {
        for (take, bytes) in blocks {
            let used: usize = self.disk.values().map(Vec::len).sum();
            if self.faults.disk_bytes.is_some_and(|room| used + bytes.len() > room) {
                let broken = match self.drafts.contains_key(&take) {
                    true => call::Event::Owner(OwnerEvent::Broken(take)),
                    false => call::Event::Store(StoreEvent::Broken(take)),
                };
                self.answers.push_back((now.mono, leg, broken));
            } else if let Some(file) = self.disk.get_mut(&take).or(self.drafts.get_mut(&take)) {
                file.extend(bytes);
            }
        }
    }

    pub(super) fn drain(&mut self, now: Now, sent: &mut Vec<Packet>) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Send { flow, bytes } => sent.push(packet(Port::Sip, flow.local, flow.remote, &bytes)),
                Output::Event { leg, event: Event::Incoming(invite) } => self.incoming(leg, &invite, now),
                Output::Event { leg, event } => self.tell(leg, call::Event::Sip(event), now),
                Output::Close(_) => {}
            }
        }
        for live in self.calls.values_mut() {
            sent.append(&mut live.wires.sent);
        }
    }

    fn incoming(&mut self, leg: LegId, invite: &sip::Invite, now: Now) {
        let rtp = SocketAddr::new(self.address.ip(), self.next_port);
        self.next_port = if self.next_port >= 60_000 { 20_000 } else { self.next_port + 2 };
        let seeds = Seeds { ssrc: self.random.random(), sequence: 65_530, timestamp: u32::MAX - 100 };
        let visitor = call::visitor(invite, crate::ids::dialled(&invite.request_user), true, |number| {
            self.contacts.get(number).cloned()
        });
        let call = Call::new(invite, self.line.clone(), visitor, rtp, self.random.random(), now);
        let caller = invite.caller().to_owned();
        self.records.insert(caller.clone(), Record::default());
        self.rtp.insert(rtp.port(), leg);
        let wires = Wires { rtp, sent: Vec::new(), blocks: Vec::new() };
        let live = Live { call, stream: Some(Stream::new(seeds)), wires, caller, closing: false, recording: false };
        self.calls.insert(leg, live);
        self.carry_out(leg, now);
    }

    fn tell(&mut self, leg: LegId, event: call::Event, now: Now) {
        if let Some(live) = self.calls.get_mut(&leg) {
            live.call.handle(event, now);
            self.carry_out(leg, now);
        }
    }

    fn carry_out(&mut self, leg: LegId, now: Now) {
        loop {
            let Some(live) = self.calls.get_mut(&leg) else { return };
            let Some(action) = live.call.poll_action() else { break };
            match action {
                call::Action::Sip(command) => self.endpoint.command(leg, command, now),
                call::Action::Media(command) => {
                    if let Some(stream) = live.stream.as_mut() {
                        stream.command(command, now.mono);
                    }
                }
                call::Action::CloseMedia => live.closing = true,
                call::Action::Note(note) => {
                    match note.what {
                        What::Recording => live.recording = true,
                        What::Recorded { .. } => live.recording = false,
                        _ => {}
                    }
                    self.records.entry(live.caller.clone()).or_default().notes.push(note);
                }
                call::Action::Store(action) => self.store(leg, action, now),
                call::Action::Owner(action) => self.owner(leg, action, now),
                call::Action::Desk { number, ask } => self.at_desk(leg, number, &ask, now),
                call::Action::Speak { language, words } => {
                    let clip = Tones.clip(language, &words);
                    let spoken = call::Event::Spoken { language, words, clip };
                    self.answers.push_back((now.mono + self.faults.store_delay, leg, spoken));
                }
            }
        }
        if self.calls.get(&leg).is_some_and(|live| live.call.is_over()) {
            // A call that gave up on its stream leaves none behind either.
            if let Some(live) = self.calls.remove(&leg) {
                self.desk.ended(&live.caller);
                self.rtp.remove(&live.wires.rtp.port());
            }
        }
    }

    fn store(&mut self, leg: LegId, action: StoreAction, now: Now) {
        let Some(caller) = self.calls.get(&leg).map(|live| live.caller.clone()) else { return };
        let refused = self.faults.rows_refused > 0.0 && self.random.random_bool(self.faults.rows_refused);
        let answer = match action {
            StoreAction::Prepare { take, .. } if refused => Some(StoreEvent::Refused(take)),
            StoreAction::Prepare { take, .. } => Some(StoreEvent::Ready(take)),
            StoreAction::Open { take } => {
                self.disk.insert(take, Vec::new());
                None
            }
            StoreAction::Finish(finish) => Some(self.finish(&caller, &finish)),
            StoreAction::Urgent { .. } => {
                if let Some(kept) = self.records.entry(caller).or_default().message.as_mut() {
                    kept.urgent = true;
                }
                None
            }
            StoreAction::Load { message } => Some(StoreEvent::Loaded(self.load(message))),
            StoreAction::Promised { told, .. } => {
                self.desk.promised.push((caller, told));
                None
            }
            StoreAction::End { outcome, .. } => {
                self.records.entry(caller).or_default().outcome = Some(outcome);
                None
            }
        };
        if let Some(answer) = answer {
            self.answers.push_back((now.mono + self.faults.store_delay, leg, call::Event::Store(answer)));
        }
    }

    fn at_desk(&mut self, leg: LegId, number: u32, ask: &Ask, now: Now) {
        let Some(caller) = self.calls.get(&leg).map(|live| live.caller.clone()) else { return };
        let refused = self.faults.rows_refused > 0.0 && self.random.random_bool(self.faults.rows_refused);
        let answer = match ask {
            Ask::Release => self.desk.ask(&self.line.setting, &caller, None, ask, now.utc),
            _ if refused => Some(Answer::Failed),
            _ => self.desk.ask(&self.line.setting, &caller, Some(&caller), ask, now.utc),
        };
        if let Some(answer) = answer {
            let event = call::Event::Desk { number, answer };
            self.answers.push_back((now.mono + self.faults.store_delay, leg, event));
        }
    }

    /// The same rule as on a disk, [`crate::run`]'s `files`, without its files.
    fn finish(&mut self, caller: &str, finish: &Finish) -> StoreEvent {
        let read = |id: &TakeId| self.disk.get(id).map(|file| take::read(file));
        let Some(last) = read(&finish.take) else { return StoreEvent::NotKept(finish.take) };
        if last.sound < finish.sound_min {
            return StoreEvent::Empty(finish.take);
        }
        let readings: Vec<_> = finish.parts().iter().filter_map(read).collect();
        let (rate_hz, samples) = take::join(&readings);
        let duration_ms = samples.len() as u64 * 1000 / u64::from(rate_hz.max(1));
        let record = self.records.entry(caller.to_owned()).or_default();
        let urgent = record.message.as_ref().is_some_and(|kept| kept.urgent);
        record.message = Some(Kept { duration_ms, urgent });
        StoreEvent::Kept { take: finish.take, duration_ms }
    }

    fn owner(&mut self, leg: LegId, action: OwnerAction, now: Now) {
        let refused = self.faults.rows_refused > 0.0 && self.random.random_bool(self.faults.rows_refused);
        let yes = if refused { Done::Failed } else { Done::Yes };
        let answer = match action {
            OwnerAction::CheckPin { tried, .. } => OwnerEvent::Pin(self.pin(tried.reveal())),
            OwnerAction::SetHours { open, at, until } => {
                let by_hand = Override::new(open, at, until, at, None, AUTHOR.to_owned()).ok().filter(|_| !refused);
                self.by_hand(|all| all.extend(by_hand));
                OwnerEvent::Done(yes)
            }
            OwnerAction::LiftHours { at } => {
                self.by_hand(|all| all.retain(|by_hand| refused || by_hand.from() > at));
                OwnerEvent::Done(yes)
            }
            OwnerAction::Open { take } if refused => OwnerEvent::Broken(take),
            OwnerAction::Open { take } => {
                self.drafts.insert(take, Vec::new());
                OwnerEvent::Opened(take)
            }
            OwnerAction::Finish { take, sound_min } => {
                let made = self.drafts.remove(&take).map(|file| Sound::of(&take::read(&file), sound_min));
                let sound = |sound: Option<Sound>| sound.map_or(Made::Empty, |sound| Made::Sound(Arc::new(sound)));
                OwnerEvent::Made(take, made.map_or(Made::Lost, sound))
            }
            OwnerAction::Drop { take } => {
                self.drafts.remove(&take);
                return;
            }
            OwnerAction::Keep { prompt, sound, .. } => {
                if !refused {
                    self.prompts.insert(prompt, Arc::clone(&sound.clip));
                }
                OwnerEvent::Done(yes)
            }
            OwnerAction::Restore { prompt, .. } => {
                let was = !refused && self.prompts.remove(&prompt).is_some();
                OwnerEvent::Done(if was || refused { yes } else { Done::Nothing })
            }
        };
        self.answers.push_back((now.mono + self.faults.store_delay, leg, call::Event::Owner(answer)));
    }

    fn pin(&mut self, tried: &str) -> call::Pin {
        if self.pins_wrong >= PINS_WRONG_MAX {
            return call::Pin::Locked;
        }
        let right = tried == PIN;
        self.pins_wrong = if right { 0 } else { self.pins_wrong + 1 };
        if right { call::Pin::Right } else { call::Pin::Wrong }
    }

    /// The next caller hears it.
    fn by_hand(&mut self, change: impl FnOnce(&mut Vec<Override>)) {
        let mut all = self.line.setting.overrides.all().to_vec();
        change(&mut all);
        self.line.setting.overrides = Arc::new(Overrides::new(all));
    }

    fn load(&self, _message: MessageId) -> Option<Arc<Clip>> {
        Tones.clip(Language::De, "message")
    }
}
