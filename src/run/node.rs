//! One running Nightdesk: everything started in its order, and stopped in the other.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::desk::Desk;
use super::disk::Disk;
use super::files::{self, Recordings};
use super::jobs::Runner;
use super::key;
use super::names;
use super::net::Net;
use super::os;
use super::owner::Owners;
use super::plans::Plans;
use super::prompts::{self, Libraries};
use super::recorder::{self, Folders, Said};
use super::recovery;
use super::scribe::{self, Scribe, ToScribe};
use super::server::{self, Parts, Server, Settings, ToCalls};
use super::sounds::Sounds;
use super::studio::Studio;
use super::voice::{self, Voice};
use super::wheel::Wheels;
use super::worker::Worker;
use crate::call::StoreEvent;
use crate::callback;
use crate::clock::System;
use crate::config::Config;
use crate::db::Db;
use crate::jobs;
use crate::jobs::smtp::Post;
use crate::person;
use crate::person::pin::PinKey;
use crate::seat;
use crate::sip;
use crate::tenant::{self, NewTenant, Tenant};
use crate::web;

/// How long running calls have at a stop before the process ends all the same.
const STOP_MAX: Duration = Duration::from_secs(20);
/// How often promises are looked at: a minute is what callers hear.
const CLOCKS: Duration = Duration::from_secs(5);
/// Entries that are moved by the clock in one go.
const CLOCKS_AT_ONCE: u32 = 500;
/// How often figures for `/metrics` are taken.
const GAUGES: Duration = Duration::from_secs(5);
/// How often deleted recordings are removed, and the reserve on the disk is looked after.
const HOUSEKEEPING: Duration = Duration::from_secs(600);
/// Prompts that are decoded or spoken at once.
const CHILDREN_MAX: usize = 2;
/// A prompt's file without a row is a crash's when it is this old; a younger one may be on its way.
const STRAY: Duration = Duration::from_secs(3600);

/// A running Nightdesk.
pub struct Node {
    /// The database.
    pub db: Db,
    /// The recordings.
    pub recordings: Recordings,
    /// The business that takes every number.
    pub tenant: Tenant,
    /// Where SIP is served, UDP and TCP.
    pub sip: Vec<SocketAddr>,
    /// Where the page is.
    pub http: SocketAddr,
    /// What the start found of an earlier one.
    pub found: recovery::Found,
    stop: CancellationToken,
    calls: oneshot::Receiver<()>,
    rows: JoinHandle<()>,
    jobs: JoinHandle<()>,
    web: JoinHandle<()>,
}

impl Node {
    /// Starts everything. `listener` is the bound socket of the page.
    pub async fn start(config: &Config, listener: TcpListener, clock: System) -> Result<Node> {
        std::fs::create_dir_all(&config.data)
            .with_context(|| format!("the data directory {} cannot be made", config.data.display()))?;
        let post = config.mail.as_ref().map(Post::new).transpose()?;
        let db = Db::open(&config.database).await?;
        let tenant = first_tenant(&db, config, clock).await?;
        let recordings = Recordings::open(&files::folder(&config.data))
            .with_context(|| format!("{} cannot be made", files::folder(&config.data).display()))?;
        let found = recovery::run(&db, &recordings, clock.now().utc).await?;
        let drafts = open_drafts(&config.data)?;
        let disk = Arc::new(Disk::watch(&config.data, config.disk_low));
        let stop = CancellationToken::new();

        let threads = match config.media_threads {
            0 => thread::available_parallelism().map_or(1, usize::from),
            some => some,
        };
        let (to_calls, mail) = mpsc::unbounded_channel();
        let voice = Voice::start(&voice::folder(&config.data), Worker::new(threads));
        let plans = Plans::open(&db, config, clock, voice.clone()).await?;
        let lines = plans.lines();
        recovery::queue(&db, &plans.running(), clock.now().utc).await?;
        let tell = to_calls.clone();
        let (scribe, rows) = scribe::start(Scribe {
            db: db.clone(),
            recordings: recordings.clone(),
            disk: Arc::clone(&disk),
            listener: Arc::new(move |leg, event| {
                let _ = tell.send(ToCalls::Store(leg, event));
            }),
        });
        let folders = Folders { recordings: recordings.clone(), drafts };
        let recorder = start_recorder(folders, &disk, to_calls.clone(), scribe.clone())?;
        let studio = studio(&db, config, clock, plans.libraries().sounds())?;
        let key = key::open(&config.key_file)?;
        let owners = owners(&db, key.clone(), studio.clone(), plans.libraries(), to_calls.clone());
        let desk = desk(&db, config, clock, to_calls.clone());
        let speak = speak(voice, to_calls.clone());
        let listen = Arc::new(move |id, report| {
            let _ = to_calls.send(ToCalls::Media(id, report));
        });
        let wheels = Arc::new(Wheels::start(threads, config.line_dead, clock, recorder.clone(), listen)?);
        tokio::spawn(gauges(Arc::clone(&wheels), recorder.clone(), stop.clone()));
        let parts = Parts { clock, lines, wheels, recorder, scribe, owners, desk, speak };
        let (sip, calls) = start_sip(config, parts, mail, stop.clone()).await?;

        let http = listener.local_addr()?;
        let app = web_app(&db, config, clock, &plans, Arc::new(studio), stop.clone(), key);
        plans.follow(stop.clone());
        let jobs = Runner::new(db.clone(), post).start(clock, stop.clone());
        let web = tokio::spawn(web::serve(listener, web::router(app.clone()), stop.clone()));
        tokio::spawn(promises(db.clone(), clock, stop.clone()));
        tokio::spawn(housekeeping(app, recordings.clone(), disk, stop.clone()));
        Ok(Node { db, recordings, tenant, sip, http, found, stop, calls, rows, jobs, web })
    }

    /// A one-time link for the owner of the first business.
    pub async fn login_link(&self, public_url: &str, clock: System) -> Result<String> {
        login_link(&self.db, &self.tenant, public_url, clock).await
    }

    /// No new calls; running ones end, what they said is kept, then everything stops.
    pub async fn stop(self) {
        self.stop.cancel();
        if tokio::time::timeout(STOP_MAX, self.calls).await.is_err() {
            tracing::warn!("calls did not end in time; what they said is finished at the next start");
        }
        if tokio::time::timeout(STOP_MAX, self.rows).await.is_err() {
            tracing::warn!("rows could not be written in time");
        }
        let _ = tokio::time::timeout(Duration::from_secs(2), self.web).await;
        // It ends by itself after a while.
        let _ = self.jobs.await;
        self.db.close().await;
    }
}

/// A thread that calls depend on is never lost in silence: a process that takes calls and cannot serve
/// them is worse than one that ends and is started again, with what was said on disk.
pub fn end_with_lost_threads() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        usual(panic);
        let name = thread::current().name().unwrap_or_default().to_owned();
        if ["sip", "media-", "recorder", "finish-"].iter().any(|needed| name.starts_with(needed)) {
            tracing::error!(thread = %name, "a thread is lost; the program ends and is to be started again");
            std::process::abort();
        }
    }));
}

/// A one-time link for the owner of a business.
pub async fn login_link(db: &Db, tenant: &Tenant, public_url: &str, clock: System) -> Result<String> {
    let at = clock.now().utc;
    let mut tx = db.write().await?;
    let owner = person::store::ensure_owner(&mut tx, tenant, tenant.name(), at).await?;
    let secret = person::store::login_link(&mut tx, tenant, owner.id, at).await?;
    tx.commit().await?;
    let secret = secret.ok_or_else(|| anyhow!("the owner of {} is gone", tenant.name()))?;
    Ok(format!("{public_url}/login#{}", secret.reveal()))
}

/// The business that an installation starts with.
pub async fn first_tenant(db: &Db, config: &Config, clock: System) -> Result<Tenant> {
    let new = NewTenant { name: config.business.clone(), language: config.language, timezone: config.timezone.clone() };
    let mut tx = db.write().await?;
    let tenant = tenant::store::ensure_first(&mut tx, &new, clock.now().utc).await?;
    tx.commit().await?;
    Ok(tenant)
}

fn speak(voice: Voice, tell: mpsc::UnboundedSender<ToCalls>) -> server::Speak {
    Arc::new(move |leg, language, words| {
        let (tell, said) = (tell.clone(), words.clone());
        voice.speak(language, &words, move |clip| {
            let _ = tell.send(ToCalls::Spoken { leg, language, words: said, clip });
        });
    })
}

/// Where owners' prompts are recorded. What a crash left there nobody has heard, and nobody has kept.
fn open_drafts(data: &Path) -> Result<Recordings> {
    let folder = data.join(files::DRAFTS);
    let drafts = Recordings::open(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let left = drafts.remove_all_takes().with_context(|| format!("{} cannot be read", folder.display()))?;
    if left > 0 {
        tracing::info!(left, "recordings of prompts that a crash cut off are removed");
    }
    Ok(drafts)
}

fn owners(
    db: &Db,
    key: PinKey,
    studio: Studio,
    libraries: Arc<Libraries>,
    to_calls: mpsc::UnboundedSender<ToCalls>,
) -> Owners {
    let listener = Arc::new(move |leg, event| {
        let _ = to_calls.send(ToCalls::Owner(leg, event));
    });
    Owners { db: db.clone(), key, studio, libraries, listener, runtime: tokio::runtime::Handle::current() }
}

fn desk(db: &Db, config: &Config, clock: System, to_calls: mpsc::UnboundedSender<ToCalls>) -> Desk {
    let listener = Arc::new(move |leg, number, answer| {
        let _ = to_calls.send(ToCalls::Desk(leg, number, answer));
    });
    Desk {
        db: db.clone(),
        now: Arc::new(move || clock.now().utc),
        listener,
        runtime: tokio::runtime::Handle::current(),
        outbox: jobs::mail::Outbox::new(config.mail.is_some()),
    }
}

fn start_recorder(
    folders: Folders,
    disk: &Arc<Disk>,
    to_calls: mpsc::UnboundedSender<ToCalls>,
    scribe: scribe::Handle,
) -> Result<recorder::Handle> {
    let listener = Arc::new(move |leg, said| match said {
        Said::Broken(take) => {
            let _ = to_calls.send(ToCalls::Store(leg, StoreEvent::Broken(take)));
        }
        Said::Finished { finish, result } => scribe.send(ToScribe::Finished { leg, finish, result }),
        Said::Draft(event) => {
            let _ = to_calls.send(ToCalls::Owner(leg, event));
        }
    });
    Ok(recorder::start(folders, Arc::clone(disk), listener)?)
}

async fn start_sip(
    config: &Config,
    parts: Parts,
    mail: mpsc::UnboundedReceiver<ToCalls>,
    stop: CancellationToken,
) -> Result<(Vec<SocketAddr>, oneshot::Receiver<()>)> {
    let settings = Settings {
        sip: sip::Settings {
            trusted: config.trust.clone(),
            advertised: config.advertise,
            product: config.product.clone(),
            legs_max: config.calls_max,
            session_expires: config.session_expires,
            seed: rand::random(),
            ..sip::Settings::default()
        },
        rtp_ports: config.rtp_ports.clone(),
        advertised: config.advertise,
    };
    let (addresses, clock) = (config.sip.clone(), parts.clock);
    let (bound, binding) = oneshot::channel();
    let (done, calls) = oneshot::channel();
    thread::Builder::new().name("sip".to_owned()).spawn(move || {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(bound.send(Err(error))),
        };
        // On a single core a flood of signalling would leave nothing for rows.
        if thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
            os::realtime(os::SIGNALLING);
        }
        runtime.block_on(async move {
            match Net::bind(&addresses, clock).await {
                Ok(net) => {
                    let _ = bound.send(Ok(net.addresses().collect()));
                    Server::new(net, settings, parts, mail).run(stop).await;
                    let _ = done.send(());
                }
                Err(error) => drop(bound.send(Err(error))),
            }
        });
    })?;
    let sip = binding.await.context("the SIP thread ended")?.with_context(|| {
        format!("SIP cannot be served on {:?}: is another program there? Choose another with --sip", config.sip)
    })?;
    Ok((sip, calls))
}

/// Where prompts are made: for the page, and for the command line beside a running server.
pub fn studio(db: &Db, config: &Config, clock: System, sounds: Arc<Sounds>) -> Result<Studio> {
    let folder = config.data.join(crate::prompt::FOLDER);
    Studio::open(db.clone(), clock, &config.data, config.disk_low, sounds, Worker::new(CHILDREN_MAX))
        .with_context(|| format!("{} cannot be made", folder.display()))
}

fn web_app(
    db: &Db,
    config: &Config,
    clock: System,
    plans: &Plans,
    studio: Arc<dyn web::Studio>,
    closing: CancellationToken,
    pin_key: PinKey,
) -> web::App {
    let settings = web::Settings {
        https: config.public_url.starts_with("https:"),
        metrics: metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder().ok(),
        closing,
        outbox: jobs::mail::Outbox::new(config.mail.is_some()),
        basis: plans.basis(),
        running: plans.running(),
        pin_key: Some(pin_key),
        ..web::Settings::default()
    };
    web::App { db: db.clone(), data_dir: config.data.clone(), clock, studio, settings }
}

/// What an operator watches: figures that nobody counts as they happen.
async fn gauges(wheels: Arc<Wheels>, recorder: recorder::Handle, stop: CancellationToken) {
    loop {
        metrics::gauge!("nightdesk_media_lag_seconds").set(wheels.lag().as_secs_f64());
        metrics::gauge!("nightdesk_streams_now").set(whole(wheels.streams()));
        metrics::gauge!("nightdesk_recorder_backlog").set(whole(recorder.backlog()));
        metrics::counter!("nightdesk_recorder_dropped_total").absolute(recorder.dropped());
        tokio::select! {
            () = tokio::time::sleep(GAUGES) => {}
            () = stop.cancelled() => return,
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a gauge of some thousand")]
fn whole(number: usize) -> f64 {
    number as f64
}

/// Promises are warned of, and broken, at their times; claims return.
async fn promises(db: Db, clock: System, stop: CancellationToken) {
    let mut failing = false;
    loop {
        let now = clock.now().utc;
        let kept = async {
            let clocked = callback::store::keep_clocks(&db, now, CLOCKS_AT_ONCE).await?;
            let mut tx = db.write().await?;
            seat::store::sweep(&mut tx, now).await?;
            tx.commit().await?;
            Ok::<_, crate::db::Error>(clocked)
        };
        match kept.await {
            Ok(clocked) => {
                if clocked.broken > 0 {
                    tracing::warn!(
                        promises = clocked.broken,
                        "promises were broken just now: nightdesk callback list --overdue"
                    );
                }
                metrics::counter!("nightdesk_promises_warned_total").increment(clocked.warned.into());
                metrics::counter!("nightdesk_promises_broken_total").increment(clocked.broken.into());
                failing = false;
            }
            Err(error) if !failing => {
                tracing::warn!(%error, "the clocks of promises are looked at later");
                failing = true;
            }
            Err(_) => {}
        }
        tokio::select! {
            () = tokio::time::sleep(CLOCKS) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Removes what was deleted long enough ago, and looks after the disk.
async fn housekeeping(app: web::App, recordings: Recordings, disk: Arc<Disk>, stop: CancellationToken) {
    loop {
        disk.restore_reserve();
        if let Err(error) = purge(&app.db, &recordings, app.clock).await {
            tracing::warn!(%error, "deleted recordings are removed later");
        }
        let old = std::time::UNIX_EPOCH + Duration::from_millis(app.clock.now().utc.before(STRAY).0.unsigned_abs());
        if let Err(error) = prompts::tidy(&app.db, &app.data_dir, old).await {
            tracing::warn!(%error, "old versions of prompts are removed later");
        }
        if let Err(error) = names::tidy(&app.db, &app.data_dir, app.clock.now().utc, old).await {
            tracing::warn!(%error, "recorded names that nobody has any more are removed later");
        }
        if let Err(error) = sweep_jobs(&app.db, app.clock).await {
            tracing::warn!(%error, "old jobs are removed later");
        }
        if let Err(error) = web::sweep(&app).await {
            tracing::warn!(%error, "ended sessions and old answers are removed later");
        }
        tokio::select! {
            () = tokio::time::sleep(HOUSEKEEPING) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn sweep_jobs(db: &Db, clock: System) -> Result<()> {
    let mut tx = db.write().await?;
    jobs::store::sweep(&mut tx, clock.now().utc).await?;
    Ok(tx.commit().await?)
}

async fn purge(db: &Db, recordings: &Recordings, clock: System) -> Result<()> {
    let before = clock.now().utc.before(crate::message::GRACE);
    let mut tx = db.write().await?;
    let due = crate::message::store::purge_due(&mut tx, before).await?;
    tx.commit().await?;
    for purge in due {
        // Files first: a row without files is tried again, files without a row would stay for ever.
        recordings.remove(&purge.files);
        let mut tx = db.write().await?;
        crate::message::store::purged(&mut tx, purge.message).await?;
        tx.commit().await?;
    }
    Ok(())
}
