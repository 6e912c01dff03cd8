//! A softphone for the terminal: rings somebody, waits for the beep, speaks, presses keys, hangs up and
//! reports what it heard. The demo's caller, a test's caller, an integrator's probe.

pub mod heard;
mod line;
mod report;
mod tone;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use rand::RngExt;
use tokio::sync::mpsc;

use super::net::{Inbound, Net};
use super::ports;
use crate::call::remote;
use crate::clock::{Mono, Now, System};
use crate::ids::{LegId, TakeId};
use crate::media::stream::Seeds;
use crate::media::{self, Clip, RecordLimits, TICK};
use crate::sdp::{self, Capabilities, Direction, Local};
use crate::sip::msg::Uri;
use crate::sip::{self, Dial, Ended, Endpoint, Event, Flow, Output, Transport};

use line::Line;
pub use report::Report;
use tone::BeepFinder;

/// Who is rung, and what is said.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sip:user@host:port`.
    pub target: String,
    /// From; none: ourselves.
    pub from: Option<String>,
    /// Vouches for the number in From, as a carrier does: P-Asserted-Identity (RFC 3325).
    pub asserted: bool,
    /// Said after the beep.
    pub play: Option<Arc<Clip>>,
    /// Speak as soon as somebody answers.
    pub at_once: bool,
    /// Pressed after that; `,` is half a second, `…` two seconds. With a `~` they are pressed from the answer on, and
    /// at each `~` a beep is waited for and `play` is said.
    pub keys: String,
    /// Signalling by TCP.
    pub tcp: bool,
    /// Hang up after this long.
    pub longest: Duration,
    /// Listen on this long when all is said.
    pub linger: Duration,
    /// Who is told how it goes.
    pub watch: Option<mpsc::UnboundedSender<Step>>,
}

/// How a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The INVITE is sent.
    Dialled,
    /// Somebody picked up.
    Answered {
        /// That long after the INVITE.
        after_ms: u128,
    },
    /// We were asked to speak.
    Beep,
    /// All is said.
    Said,
    /// We pressed a key.
    Pressed(char),
    /// We hang up.
    HungUp,
}

/// A WAV file to be said.
pub fn read_wav(path: &Path) -> Result<Arc<Clip>> {
    let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let clip = Clip::from_wav("caller", &bytes)
        .with_context(|| format!("{} is no WAV that can be said (16-bit PCM expected)", path.display()))?;
    Ok(Arc::new(clip))
}

/// Somebody who answers is given this long to beep before we speak all the same.
const BEEP_MAX: Duration = Duration::from_secs(30);
/// Between the beep and the first word.
const BREATH: Duration = Duration::from_millis(300);
/// Among the keys: here a beep is waited for.
const SAY: char = '~';
/// Ringing for longer is no answer.
const RING_MAX: Duration = Duration::from_secs(60);

/// Rings, and reports when it is over.
pub async fn call(options: Options, clock: System) -> Result<Report> {
    let (target, to) = resolve(&options).await?;
    let any = if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let mut net = Net::bind(&[any.parse()?], clock).await.context("no port for SIP")?;
    let transport = if options.tcp { Transport::Tcp } else { Transport::Udp };
    let flow = net.flow_to(transport, to).ok_or_else(|| anyhow!("there is no way to {to}"))?;
    let mut phone = Phone::dial(net, flow, &target, options, clock)?;
    phone.run().await;
    Ok(phone.report)
}

/// Of a number that is shown: carriers vouch for no other.
fn asserted(options: &Options) -> Option<&str> {
    let from = options.from.as_deref().filter(|_| options.asserted)?;
    let uri = Uri::parse(from).ok()?;
    let number = uri.user()?.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit());
    number.then_some(from)
}

async fn resolve(options: &Options) -> Result<(Uri, SocketAddr)> {
    let target = Uri::parse(&options.target).map_err(|error| anyhow!("{}: {error}", options.target))?;
    if !target.is_sip() {
        bail!("{}: a sip: address is needed, such as sip:200@192.0.2.7:5060", options.target);
    }
    let port = target.port().unwrap_or(5060);
    let to = match target.ip() {
        Some(ip) => SocketAddr::new(ip, port),
        None => tokio::net::lookup_host((target.host(), port))
            .await
            .ok()
            .and_then(|mut found| found.next())
            .ok_or_else(|| anyhow!("{} cannot be found: is the name right?", target.host()))?,
    };
    Ok((target, to))
}

/// How far the caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Ringing,
    /// Until the beep, or then.
    Waiting(Mono),
    /// Speaks from then on.
    Breath(Mono),
    Speaking,
    /// Presses the next key then.
    Keys(Mono),
    /// Hangs up then.
    Lingering(Mono),
    HungUp,
}

struct Phone {
    clock: System,
    options: Options,
    net: Net,
    endpoint: Endpoint,
    leg: LegId,
    line: Line,
    local: Local,
    signalling: SocketAddr,
    capabilities: Capabilities,
    stage: Stage,
    keys: VecDeque<char>,
    beeps: BeepFinder,
    report: Report,
    started: Mono,
    over: bool,
}

impl Phone {
    fn dial(net: Net, flow: Flow, target: &Uri, options: Options, clock: System) -> Result<Phone> {
        let mut random = rand::rng();
        let (sockets, rtp) = ports::open(flow.local.ip(), &(40_000..=49_999)).context("no ports for audio")?;
        let seeds = Seeds { ssrc: random.random(), sequence: random.random(), timestamp: random.random() };
        let local =
            Local { rtp, session: u64::from(random.random::<u32>()), version: 1, direction: Direction::SendRecv };
        let capabilities = Capabilities::default();
        let settings = sip::Settings { seed: random.random(), ..sip::Settings::default() };
        let mut endpoint = Endpoint::new(settings);
        let now = clock.now();
        let from = options.from.clone().unwrap_or_else(|| Uri::sip("nightdesk", flow.local.ip(), None).to_string());
        let headers = asserted(&options).map(|uri| ("P-Asserted-Identity".to_owned(), format!("<{uri}>")));
        let headers = headers.into_iter().collect();
        let dial = Dial {
            flow,
            target: target.to_string(),
            from,
            from_name: String::new(),
            offer: sdp::offer(&capabilities, &local),
            headers,
            ring_max: RING_MAX,
        };
        let leg = endpoint.dial(dial, now);
        Ok(Phone {
            clock,
            net,
            endpoint,
            leg,
            line: Line::new(sockets, seeds),
            local,
            signalling: flow.remote,
            capabilities,
            stage: Stage::Ringing,
            keys: options.keys.chars().collect(),
            beeps: BeepFinder::default(),
            report: Report::default(),
            started: now.mono,
            over: false,
            options,
        })
    }

    async fn run(&mut self) {
        let mut ticker = tokio::time::interval(TICK);
        let mut inbound = Vec::new();
        self.tell(Step::Dialled);
        self.flush(self.clock.now());
        while !self.over {
            let wake = self.endpoint.poll_timeout();
            tokio::select! {
                _ = ticker.tick() => self.tick(self.clock.now()),
                () = self.net.receive(&mut inbound) => {}
                () = super::server::sleep_until(&self.clock, wake) => {}
            }
            let now = self.clock.now();
            for what in inbound.drain(..) {
                match what {
                    Inbound::Message { flow, bytes } => self.endpoint.receive(flow, &bytes, now),
                    Inbound::Closed(flow) => self.endpoint.flow_closed(flow, now),
                    Inbound::Opened { .. } => {}
                }
            }
            self.endpoint.handle_timeout(now);
            self.flush(now);
        }
        // The last answers (200 to their BYE, ACK) are sent; nothing waits for us.
        self.line.close(self.clock.mono());
        self.report.finish(self.line.blocks(), self.line.figures());
        tokio::task::yield_now().await;
    }

    fn flush(&mut self, now: Now) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Send { flow, bytes } => {
                    if !self.net.send(flow, bytes) {
                        self.endpoint.send_failed(flow, now);
                    }
                }
                Output::Close(flow) => self.net.close(flow),
                Output::Event { event, .. } => self.signalled(event, now),
            }
        }
    }

    fn signalled(&mut self, event: Event, now: Now) {
        match event {
            Event::Progress { code, sdp } => {
                self.report.ringing |= code == 180;
                if let Some(sdp) = sdp {
                    self.connect(&sdp, now);
                }
            }
            Event::Answered { sdp } => {
                let after = now.mono.since(self.started);
                self.report.answered(after);
                self.tell(Step::Answered { after_ms: after.as_millis() });
                if let Some(sdp) = sdp {
                    self.connect(&sdp, now);
                }
                self.stage = match (self.options.keys.contains(SAY), self.options.at_once) {
                    (true, _) => Stage::Keys(now.mono + BREATH),
                    (false, true) => Stage::Waiting(now.mono),
                    (false, false) => Stage::Waiting(now.mono + BEEP_MAX),
                };
            }
            Event::Offer(offer) => match sdp::answer(&offer, &self.capabilities, &self.local) {
                Ok((answer, negotiated)) => {
                    self.endpoint.command(self.leg, sip::Command::Answer { sdp: answer }, now);
                    self.line.command(media::Command::Connect(remote(&negotiated, self.signalling.ip())), now.mono);
                }
                Err(_) => self.endpoint.command(self.leg, sip::Command::RefuseOffer, now),
            },
            Event::OfferWanted => {
                let sdp = sdp::offer(&self.capabilities, &self.local);
                self.endpoint.command(self.leg, sip::Command::Answer { sdp }, now);
            }
            Event::Confirmed { sdp: Some(sdp) } => self.connect(&sdp, now),
            Event::Ended(why) => self.ended(&why, now),
            Event::Key { key, .. } => self.report.keys_heard.push(key),
            Event::Incoming(_) | Event::Confirmed { sdp: None } | Event::EarlyAnswer(_) => {}
        }
    }

    /// Their answer: listen from the first moment.
    fn connect(&mut self, answer: &[u8], now: Now) {
        let Ok(negotiated) = sdp::accept(answer, &self.capabilities, &self.local) else {
            self.report.problem = Some("their session description cannot be read".to_owned());
            self.endpoint.command(self.leg, sip::Command::Hangup, now);
            return;
        };
        self.report.codec = Some(format!("{:?}", negotiated.codec).to_uppercase());
        self.line.command(media::Command::Connect(remote(&negotiated, self.signalling.ip())), now.mono);
        let limits = RecordLimits {
            silence_before: Duration::from_secs(3600),
            silence_after: Duration::from_secs(3600),
            max: Duration::from_secs(1800),
            warning: Duration::ZERO,
            end_keys: String::new(),
        };
        if self.line.blocks().is_empty() {
            let take = TakeId::new(now.utc, rand::random());
            self.line.command(media::Command::Record { take, limits }, now.mono);
        }
    }

    fn ended(&mut self, why: &Ended, now: Now) {
        self.report.ended(why, now.mono.since(self.started));
        self.over = true;
    }

    fn tick(&mut self, now: Now) {
        for event in self.line.tick(now.mono) {
            match event {
                media::Event::Key { key, .. } => self.report.keys_heard.push(key),
                media::Event::Played { complete: true, .. } if self.stage == Stage::Speaking => {
                    self.report.said = true;
                    self.tell(Step::Said);
                    self.stage = Stage::Keys(now.mono + BREATH);
                }
                _ => {}
            }
        }
        if self.beeps.find(self.line.fresh()) {
            self.report.beeps += 1;
            if matches!(self.stage, Stage::Waiting(_)) {
                self.tell(Step::Beep);
                self.stage = Stage::Breath(now.mono + BREATH);
            }
        }
        if now.mono.since(self.started) > self.options.longest {
            self.hang_up(now);
        }
        self.proceed(now);
    }

    fn proceed(&mut self, now: Now) {
        match self.stage {
            Stage::Waiting(until) | Stage::Breath(until) if until <= now.mono => match self.options.play.clone() {
                Some(clip) => {
                    let play = media::Command::Play { play: 1, clips: vec![clip], wait_first_packet: Duration::ZERO };
                    self.line.command(play, now.mono);
                    self.stage = Stage::Speaking;
                }
                None => self.stage = Stage::Keys(now.mono),
            },
            Stage::Keys(at) if at <= now.mono => {
                let (next, pause) = match self.keys.pop_front() {
                    Some(',') => (None, 500),
                    Some('…') => (None, 2000),
                    Some(SAY) => {
                        self.stage = Stage::Waiting(now.mono + BEEP_MAX);
                        return;
                    }
                    Some(key) if "0123456789*#ABCD".contains(key) => (Some(key), 250),
                    Some(_) => (None, 0),
                    None => {
                        self.stage = Stage::Lingering(now.mono + self.options.linger);
                        return;
                    }
                };
                if let Some(key) = next {
                    self.line.command(media::Command::SendKeys(key.to_string()), now.mono);
                    self.report.keys_sent.push(key);
                    self.tell(Step::Pressed(key));
                }
                self.stage = Stage::Keys(now.mono + Duration::from_millis(pause));
            }
            Stage::Lingering(until) if until <= now.mono => self.hang_up(now),
            _ => {}
        }
    }

    fn hang_up(&mut self, now: Now) {
        if self.stage != Stage::HungUp {
            self.stage = Stage::HungUp;
            self.tell(Step::HungUp);
            self.endpoint.command(self.leg, sip::Command::Hangup, now);
            self.flush(now);
        }
    }

    fn tell(&self, step: Step) {
        if let Some(watch) = &self.options.watch {
            let _ = watch.send(step);
        }
    }
}
