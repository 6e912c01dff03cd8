//! The SIP thread: sockets, the endpoint and one actor for each call.
//!
//! Everything that happens to a call happens here, one thing after the other; what it wants of its
//! stream, the recorder and the database goes out through queues and is never waited for.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rand::RngExt;
use rustc_hash::FxHashMap;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::desk::{self, Desk};
use super::lines::{Lines, ServedLine};
use super::net::{Inbound, Net};
use super::owner::{Owners, Who};
use super::ports;
use super::recorder;
use super::scribe::{self, ToScribe};
use super::wheel::{Report, StreamHandle, Wheels};
use crate::call::{self, Call, OwnerAction, OwnerEvent, StoreAction, StoreEvent};
use crate::clock::{Mono, Now, System};
use crate::flow::{Answer, Ask};
use crate::ids::{Language, LegId, StreamId};
use crate::media::Clip;
use crate::media::stream::Seeds;
use crate::sip::{self, Endpoint, Invite, Output};
use crate::tenant::Tenant;

/// Above this lateness of the tickers new calls are refused rather than running ones hurt.
const LAG_MAX: Duration = Duration::from_millis(10);
/// Mail that is taken in one go.
const BATCH: usize = 256;

/// What other threads tell calls.
#[derive(Debug)]
pub enum ToCalls {
    /// Of a stream.
    Media(StreamId, Report),
    /// Of the recorder or the database.
    Store(LegId, StoreEvent),
    /// Of what the owner wants.
    Owner(LegId, OwnerEvent),
    /// Of the desk, to the request of this number.
    Desk(LegId, u32, Answer),
    /// Sentences were made, or cannot be.
    Spoken {
        /// Who asked.
        leg: LegId,
        /// In which language.
        language: Language,
        /// The sentences.
        words: String,
        /// Their sound.
        clip: Option<Arc<Clip>>,
    },
}

/// Makes sentences heard; [`ToCalls::Spoken`] answers, always.
pub type Speak = Arc<dyn Fn(LegId, Language, String) + Send + Sync>;

/// How the server answers.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Of the endpoint.
    pub sip: sip::Settings,
    /// Where RTP may be received.
    pub rtp_ports: RangeInclusive<u16>,
    /// The address in session descriptions, where it is not the one of the socket.
    pub advertised: Option<IpAddr>,
}

/// What the server works with.
#[derive(Clone)]
pub struct Parts {
    /// Time.
    pub clock: System,
    /// Who answers which number.
    pub lines: Arc<ArcSwap<Lines>>,
    /// Audio.
    pub wheels: Arc<Wheels>,
    /// Recordings.
    pub recorder: recorder::Handle,
    /// Rows.
    pub scribe: scribe::Handle,
    /// What owners change by telephone.
    pub owners: Owners,
    /// Seats, promises, and what is open for callers.
    pub desk: Desk,
    /// Sentences that are made while calls run.
    pub speak: Speak,
}

/// The SIP thread's own.
pub struct Server {
    net: Net,
    endpoint: Endpoint,
    settings: Settings,
    parts: Parts,
    calls: FxHashMap<LegId, Live>,
    timers: BinaryHeap<Reverse<(Mono, LegId)>>,
    mail: mpsc::UnboundedReceiver<ToCalls>,
}

/// One call and what belongs to it.
struct Live {
    call: Call,
    tenant: Tenant,
    /// The caller's name, as the network says it.
    name: String,
    stream: StreamHandle,
    /// Opened by the first request.
    desk: Option<desk::Handle>,
    armed: Option<Mono>,
}

impl Live {
    fn ask_desk(&mut self, desk: &Desk, leg: LegId, number: u32, ask: Ask) {
        let open = || {
            let (setting, visitor) = (self.call.setting().clone(), self.call.visitor().clone());
            let who = desk::Who {
                call: self.call.id(),
                tenant: self.tenant.clone(),
                setting,
                visitor,
                name: self.name.clone(),
            };
            desk.open(leg, who)
        };
        self.desk.get_or_insert_with(open).ask(number, ask);
    }
}

impl Server {
    /// A server on bound sockets. `mail` is where the other threads' words arrive.
    pub fn new(net: Net, settings: Settings, parts: Parts, mail: mpsc::UnboundedReceiver<ToCalls>) -> Server {
        Server {
            net,
            endpoint: Endpoint::new(settings.sip.clone()),
            settings,
            parts,
            calls: FxHashMap::default(),
            timers: BinaryHeap::new(),
            mail,
        }
    }

    /// Serves until `stop` says otherwise; then refuses new calls, ends the running ones and waits
    /// until what they said is kept.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut inbound = Vec::with_capacity(BATCH);
        let mut mail = Vec::with_capacity(BATCH);
        let mut stopping = false;
        while !(stopping && self.calls.is_empty()) {
            let wake = self.next_wake();
            let clock = self.parts.clock;
            tokio::select! {
                biased;
                () = self.net.receive(&mut inbound) => {}
                _ = self.mail.recv_many(&mut mail, BATCH) => {}
                () = sleep_until(&clock, wake) => {}
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    self.stop(clock.now());
                }
            }
            // A flood of messages must not keep streams and store from being heard.
            while mail.len() < BATCH
                && let Ok(what) = self.mail.try_recv()
            {
                mail.push(what);
            }
            let now = clock.now();
            inbound.drain(..).for_each(|what| self.inbound(what, now));
            mail.drain(..).for_each(|what| self.deliver(what, now));
            self.wake(now);
            self.flush(now);
        }
    }

    fn next_wake(&self) -> Option<Mono> {
        let calls = self.timers.peek().map(|Reverse((at, _))| *at);
        self.endpoint.poll_timeout().into_iter().chain(calls).min()
    }

    fn inbound(&mut self, what: Inbound, now: Now) {
        match what {
            Inbound::Message { flow, bytes } => self.endpoint.receive(flow, &bytes, now),
            Inbound::Opened { .. } => {}
            Inbound::Closed(flow) => self.endpoint.flow_closed(flow, now),
        }
        self.flush(now);
    }

    fn deliver(&mut self, what: ToCalls, now: Now) {
        let (leg, event) = match what {
            ToCalls::Media(StreamId(id), Report::Event(event)) => (LegId(id), call::Event::Media(event)),
            ToCalls::Media(StreamId(id), Report::Closed(figures)) => (LegId(id), call::Event::MediaClosed(figures)),
            ToCalls::Store(leg, event) => (leg, call::Event::Store(event)),
            ToCalls::Owner(leg, event) => (leg, call::Event::Owner(event)),
            ToCalls::Desk(leg, number, answer) => (leg, call::Event::Desk { number, answer }),
            ToCalls::Spoken { leg, language, words, clip } => (leg, call::Event::Spoken { language, words, clip }),
        };
        self.tell(leg, event, now);
    }

    fn wake(&mut self, now: Now) {
        if self.endpoint.poll_timeout().is_some_and(|at| at <= now.mono) {
            self.endpoint.handle_timeout(now);
        }
        while let Some(Reverse((at, leg))) = self.timers.peek().copied() {
            if at > now.mono {
                return;
            }
            self.timers.pop();
            if let Some(live) = self.calls.get_mut(&leg)
                && live.armed == Some(at)
            {
                live.armed = None;
                self.tell(leg, call::Event::Timeout, now);
            }
        }
    }

    /// Carries out what the endpoint wants, until it wants nothing more.
    fn flush(&mut self, now: Now) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Send { flow, bytes } => {
                    if !self.net.send(flow, bytes) {
                        self.endpoint.send_failed(flow, now);
                    }
                }
                Output::Close(flow) => self.net.close(flow),
                Output::Event { leg, event: sip::Event::Incoming(invite) } => self.incoming(leg, &invite, now),
                Output::Event { leg, event } => self.tell(leg, call::Event::Sip(event), now),
            }
        }
    }

    fn tell(&mut self, leg: LegId, event: call::Event, now: Now) {
        if let Some(live) = self.calls.get_mut(&leg) {
            live.call.handle(event, now);
            self.drain(leg, now);
        }
    }

    fn incoming(&mut self, leg: LegId, invite: &Invite, now: Now) {
        let served = self.parts.lines.load().serving(invite);
        let Some((served, called)) = served else {
            self.endpoint.command(leg, sip::Command::Reject { code: 404 }, now);
            return;
        };
        if let Some(why) = self.busy() {
            metrics::counter!("nightdesk_calls_refused_total", "why" => why).increment(1);
            tracing::debug!(why, "a call is refused: too busy");
            self.endpoint.command(leg, sip::Command::Reject { code: 503 }, now);
            return;
        }
        if let Err(error) = self.begin(leg, invite, &served, called, now) {
            tracing::error!(%error, "a call cannot be answered");
            self.endpoint.command(leg, sip::Command::Reject { code: 503 }, now);
        }
    }

    /// What is behind its time, if anything is.
    fn busy(&self) -> Option<&'static str> {
        let Parts { wheels, recorder, scribe, .. } = &self.parts;
        let behind = [(wheels.lag() > LAG_MAX, "audio"), (recorder.is_behind(), "disk"), (scribe.is_behind(), "rows")];
        behind.into_iter().find_map(|(behind, what)| behind.then_some(what))
    }

    fn begin(
        &mut self,
        leg: LegId,
        invite: &Invite,
        served: &Arc<ServedLine>,
        called: String,
        now: Now,
    ) -> std::io::Result<()> {
        let (sockets, mut local) = ports::open(invite.flow.local.ip(), &self.settings.rtp_ports)?;
        if let Some(advertised) = self.settings.advertised.filter(|ip| ip.is_ipv4() == local.is_ipv4()) {
            local.set_ip(advertised);
        }
        let mut random = rand::rng();
        let seeds = Seeds { ssrc: random.random(), sequence: random.random(), timestamp: random.random() };
        let stream = self.parts.wheels.open(StreamId(leg.0), sockets, seeds);
        let visitor = served.visitor(invite, called);
        let call = Call::new(invite, served.line.clone(), visitor, local, random.random(), now);
        metrics::counter!("nightdesk_calls_total").increment(1);
        self.parts.scribe.send(ToScribe::begin(leg, call.id(), served, invite, now.utc));
        let (tenant, name) = (served.tenant.clone(), invite.from_name.clone());
        self.calls.insert(leg, Live { call, tenant, name, stream, desk: None, armed: None });
        metrics::gauge!("nightdesk_calls_now").set(count(self.calls.len()));
        self.drain(leg, now);
        Ok(())
    }

    /// Carries out what a call wants, until it wants nothing more.
    fn drain(&mut self, leg: LegId, now: Now) {
        let Some(live) = self.calls.get_mut(&leg) else { return };
        while let Some(action) = live.call.poll_action() {
            match action {
                call::Action::Sip(command) => self.endpoint.command(leg, command, now),
                call::Action::Media(command) => live.stream.command(command),
                call::Action::CloseMedia => live.stream.close(),
                call::Action::Note(note) => self.parts.scribe.send(ToScribe::Note { leg, note }),
                call::Action::Store(StoreAction::Open { take }) => self.parts.recorder.open(leg, take),
                call::Action::Store(StoreAction::Finish(finish)) => self.parts.recorder.finish(leg, finish),
                call::Action::Speak { language, words } => (self.parts.speak)(leg, language, words),
                call::Action::Owner(OwnerAction::Open { take }) => self.parts.recorder.open_draft(leg, take),
                call::Action::Owner(OwnerAction::Finish { take, sound_min }) => {
                    self.parts.recorder.finish_draft(leg, take, sound_min);
                }
                call::Action::Owner(OwnerAction::Drop { take }) => self.parts.recorder.drop_draft(take),
                call::Action::Owner(action) => {
                    let who = Who { call: live.call.id(), tenant: live.tenant.clone() };
                    self.parts.owners.ask(leg, who, action);
                }
                call::Action::Desk { number, ask } => live.ask_desk(&self.parts.desk, leg, number, ask),
                call::Action::Store(action) => self.parts.scribe.send(ToScribe::Store { leg, action }),
            }
        }
        if live.call.is_over() {
            self.calls.remove(&leg);
            metrics::gauge!("nightdesk_calls_now").set(count(self.calls.len()));
            return;
        }
        let timeout = live.call.poll_timeout();
        if timeout != live.armed {
            live.armed = timeout;
            self.timers.extend(timeout.map(|at| Reverse((at, leg))));
        }
    }

    fn stop(&mut self, now: Now) {
        tracing::info!(calls = self.calls.len(), "stopping: no new calls");
        self.endpoint.drain();
        let legs: Vec<LegId> = self.calls.keys().copied().collect();
        for leg in legs {
            self.endpoint.command(leg, sip::Command::Hangup, now);
        }
        self.flush(now);
    }
}

#[allow(clippy::cast_precision_loss, reason = "a gauge of at most some thousand")]
fn count(calls: usize) -> f64 {
    calls as f64
}

pub(super) async fn sleep_until(clock: &System, at: Option<Mono>) {
    match at {
        Some(at) => tokio::time::sleep_until(clock.instant(at).into()).await,
        None => std::future::pending().await,
    }
}
