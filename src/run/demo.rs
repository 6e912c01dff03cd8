//! Nightdesk shows itself: on this machine only, without settings, a simulated caller rings over real
//! SIP and RTP, leaves a message, and the page plays it.

use std::io::{self, Write};
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::files;
use super::node::Node;
use super::softphone::heard::{HEARD, at_8k, samples};
use super::softphone::{self, Options, Report, Step};
use crate::clock::{Mono, System};
use crate::config::{Config, ConfigError, Source, Values};
use crate::db::{ChangeKind, Noun};
use crate::media::{Clip, Codec, Prompts, clip, hear, take};
use crate::message::export::{self, MessageLine};

/// Numbers that the Bundesnetzagentur keeps free for stage and film.
const CALLER: &str = "+493023125042";
const CALLED: &str = "+493023125000";
/// Ports tried after a taken one.
const PORTS_TRIED: u16 = 50;
/// A message is as long as it was spoken, within this.
const LENGTH_OFF_MAX: f64 = 0.1;

/// The settings, with those of the demo where none were given.
pub fn config(values: &Values) -> Result<Config, ConfigError> {
    let mut config = Config::read(values)?;
    let is_default = |name: &str| values.rows().any(|(found, _, source)| found == name && *source == Source::Default);
    if is_default("data") {
        config.data = "./data/demo".into();
        if is_default("database") {
            config.database = config.data.join("nightdesk.db").display().to_string();
        }
    }
    if is_default("key-file") {
        config.key_file = config.data.join("nightdesk.key");
    }
    if is_default("sip") {
        config.sip = vec![SocketAddr::from(([127, 0, 0, 1], 5060))];
    }
    if is_default("disk-low") {
        config.disk_low = 32 << 20;
    }
    if is_default("log") {
        config.log = "warn".to_owned();
    }
    Ok(config)
}

/// Runs it. `once`: ring once, check what was kept, end. True if all was as it should be.
pub async fn run(mut config: Config, once: bool) -> Result<bool> {
    let clock = System::new();
    move_sip(&mut config)?;
    let listener = listen(config.http).await?;
    config.http = listener.local_addr()?;
    // As it was started: a newcomer has it on no path.
    let program = std::env::args().next().unwrap_or_else(|| "nightdesk".to_owned());
    say("Starting …")?;
    let node = Node::start(&config, listener, clock).await?;
    let sip = *node.sip.first().ok_or_else(|| anyhow!("SIP is served nowhere"))?;
    let page = format!("http://{}", node.http);
    say(&format!("  SIP      sip:{CALLED}@{sip}   (UDP and TCP)"))?;
    say(&format!("  Page     {page}/"))?;
    say(&format!("  Sign in  {}", node.login_link(&page, clock).await?))?;
    say(&format!("           (opens once; `{program} login --data {}` prints another)", config.data.display()))?;
    say("")?;
    let good = ring(&node, sip, &config, clock).await?;
    if once {
        node.stop().await;
        return Ok(good);
    }
    say("")?;
    say("Open the sign-in link and press play. Ring again with any SIP phone, or with")?;
    say(&format!("  {program} call sip:{CALLED}@{sip} --play prompts/de/demo-caller.wav --keys '#'"))?;
    say("Ctrl-C ends it.")?;
    tokio::signal::ctrl_c().await?;
    node.stop().await;
    Ok(good)
}

/// One call from end to end, told as it happens.
async fn ring(node: &Node, sip: SocketAddr, config: &Config, clock: System) -> Result<bool> {
    let prompts = Prompts::shipped(config.language.as_str())?;
    let speech = prompts.clip("demo-caller").context("the prompt demo-caller is missing")?;
    let (tell, steps) = mpsc::unbounded_channel();
    let options = Options {
        target: format!("sip:{CALLED}@{sip}"),
        from: Some(format!("sip:{CALLER}@{}", sip.ip())),
        asserted: true,
        play: Some(Arc::clone(&speech)),
        at_once: false,
        keys: "#".to_owned(),
        tcp: false,
        longest: Duration::from_secs(90),
        linger: Duration::from_secs(4),
        watch: Some(tell),
    };
    let mut changes = node.db.changes();
    let call = tokio::spawn(softphone::call(options, clock));
    let narrated = tokio::spawn(narrate(steps, speech.duration(), clock));
    let listed = async {
        loop {
            match changes.recv().await {
                Ok(change) if change.noun == Noun::Message && change.kind == ChangeKind::Created => {
                    return clock.mono();
                }
                Ok(_) => {}
                Err(_) => return clock.mono(),
            }
        }
    };
    let listed = tokio::time::timeout(Duration::from_secs(95), listed).await.ok();
    let report = call.await??;
    let pressed = narrated.await?;
    if let (Some(pressed), Some(listed)) = (pressed, listed) {
        let after = listed.since(pressed).as_millis();
        say(&format!("  ✓ in the list {after} ms after the caller pressed #"))?;
    }
    let newest = export::lines(&node.db, &files::folder(&config.data), Some(&node.tenant)).await?.into_iter().next();
    check(&report, newest.as_ref(), &prompts, &speech)
}

/// Progress while it rings; gives the moment of the `#`.
async fn narrate(mut steps: mpsc::UnboundedReceiver<Step>, speech: Duration, clock: System) -> Option<Mono> {
    let mut pressed = None;
    while let Some(step) = steps.recv().await {
        let line = match step {
            Step::Dialled => format!("☎ {CALLER} rings …"),
            Step::Answered { after_ms } => format!("  answered after {after_ms} ms; the caller hears the greeting …"),
            Step::Beep => format!("  beep; the caller speaks for {:.0} s …", speech.as_secs_f64()),
            Step::Said => "  the caller has spoken".to_owned(),
            Step::Pressed(key) => {
                pressed = Some(clock.mono());
                format!("  the caller presses {key} …")
            }
            Step::HungUp => "  the caller hangs up".to_owned(),
        };
        let _ = say(&line);
    }
    pressed
}

/// Was heard what was to be heard, and kept what was said?
fn check(report: &Report, message: Option<&MessageLine>, prompts: &Prompts, speech: &Clip) -> Result<bool> {
    let heard = at_8k(report.samples());
    let mut good = report.answered;
    if let Some(problem) = report.code.map(|code| format!("not answered: {code}")) {
        say(&format!("  ✗ {problem}"))?;
    }
    good &= verdict(report.beeps == 1, "heard the beep")?;
    for id in ["greeting", "saved"] {
        let likeness = prompts.clip(id).map_or(0.0, |clip| hear::find(&heard, &samples(&clip)).likeness);
        good &= verdict(likeness >= HEARD, &format!("heard {id:<9} likeness {likeness:.3}"))?;
    }
    let Some(message) = message else { return verdict(false, "no message is in the list") };
    let said = take::read(&as_take(speech));
    let said_samples = said.heard_samples();
    let seconds = said.heard_duration().as_secs_f64();
    let length = (message.duration - seconds).abs() <= LENGTH_OFF_MAX;
    good &= verdict(length, &format!("kept {:.2} s of the {seconds:.2} s that were spoken", message.duration))?;
    let wav = std::fs::read(&message.path).with_context(|| format!("{} cannot be read", message.path))?;
    let (rate_hz, kept) = clip::read_wav(&wav)?;
    let likeness = hear::find(&at_8k((&kept, rate_hz)), &at_8k((said_samples, said.rate_hz))).likeness;
    good &= verdict(likeness >= HEARD, &format!("its content: likeness {likeness:.3}"))?;
    say(&format!("    {}", message.path))?;
    Ok(good)
}

fn verdict(good: bool, what: &str) -> Result<bool> {
    say(&format!("  {} {what}", if good { "✓" } else { "✗" }))?;
    Ok(good)
}

/// The clip as a recording would hold it, so that the same silence is trimmed.
fn as_take(clip: &Clip) -> Vec<u8> {
    let mut blocks = Vec::new();
    take::put_block(&mut blocks, Codec::Pcma, 0, &clip.pcma);
    blocks
}

/// A taken SIP port moves to the next free one.
fn move_sip(config: &mut Config) -> Result<()> {
    for address in &mut config.sip {
        let wanted = address.port();
        let free = |port: &u16| {
            let at = SocketAddr::new(address.ip(), *port);
            UdpSocket::bind(at).is_ok() && std::net::TcpListener::bind(at).is_ok()
        };
        let port = (wanted..wanted.saturating_add(PORTS_TRIED)).find(free);
        let port = port.with_context(|| format!("no free port for SIP from {wanted} on"))?;
        if port != wanted {
            say(&format!("Port {wanted} is taken; SIP moves to {port}."))?;
        }
        address.set_port(port);
    }
    Ok(())
}

async fn listen(wanted: SocketAddr) -> Result<TcpListener> {
    for port in wanted.port()..wanted.port().saturating_add(PORTS_TRIED) {
        match TcpListener::bind(SocketAddr::new(wanted.ip(), port)).await {
            Ok(listener) => {
                if port != wanted.port() {
                    say(&format!("Port {} is taken; the page moves to {port}.", wanted.port()))?;
                }
                return Ok(listener);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error).with_context(|| format!("the page cannot be served on {wanted}")),
        }
    }
    Err(anyhow!("no free port for the page from {} on", wanted.port()))
}

fn say(line: &str) -> Result<()> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
