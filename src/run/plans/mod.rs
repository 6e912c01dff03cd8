//! What lines answer with: each tenant's plan, overrides, contacts and own prompts, read when they change, swapped
//! all at once.
//! Running calls keep what they began with.
//!
//! Plans are the last revisions in the database, or the files of a directory ([`dir`]). A text that does not
//! check changes nothing: the last good one goes on, the log says why, and the page shows it
//! ([`Running`]). Who has no plan gets the standard one ([`basis`]).
//!
//! Changes are seen by a counter in the database that every write raises: one small query a second, at once
//! where this process has written.

mod basis;
mod contacts;
mod dir;
mod watch;

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow};
use arc_swap::ArcSwap;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::lines::{Lines, ServedLine};
use super::prompts::Libraries;
use super::sounds::Sounds;
use super::voice::Voice;
use crate::call;
use crate::clock::System;
use crate::config::Config;
use crate::contact::Known;
use crate::db::{Change, ChangeKind, Db, Noun};
use crate::flow::Setting;
use crate::hours::{Override, Overrides};
use crate::ids::{Language, TenantId};
use crate::plan::{CheckContext, Finding, Plan, render};
use crate::prompt::Place;
use crate::revision::{self, Basis, Current, Revision, Running};
use crate::tenant::{self, Tenant, number_key};

pub use basis::{basis, known};
use contacts::Contacts;
pub use dir::Files;

/// How often the counter is asked for.
const LOOK: Duration = Duration::from_secs(1);
/// Of these looks, each so many looks at the directory too: the watch may have lost it.
const LOOKS_PER_DIR: u32 = 5;
/// Files are quiet for so long before they are read: editors write in several steps.
const QUIET: Duration = Duration::from_millis(250);
/// And are read after this at the latest.
const QUIET_MAX: Duration = Duration::from_secs(3);
/// Revisions that are tried, from the last back, where a process starts with one that does not check.
const BACK_MAX: u32 = 20;

/// What lines are made of, and the lines.
pub struct Plans {
    db: Db,
    clock: System,
    basis: Arc<Basis>,
    base: Base,
    lines: Arc<ArcSwap<Lines>>,
    running: Running,
    kept: HashMap<TenantId, Kept>,
    overrides: HashMap<TenantId, Arc<Overrides>>,
    contacts: Contacts,
    files: Option<Files>,
    /// The counter when the rows were read, and this process's share in it.
    seq: i64,
    local: u64,
}

/// What all lines share.
struct Base {
    ring: Duration,
    warning: Duration,
    trust_from: bool,
    libraries: Arc<Libraries>,
}

/// The plan of a tenant, and what it was made from.
struct Kept {
    /// The last revision when it was looked at; none: there was none.
    newest: Option<u32>,
    /// Of the own prompts that the plan could name then.
    prompts: u64,
    current: Arc<Current>,
}

/// All rows that lines are made of.
struct Rows {
    tenants: Vec<Tenant>,
    numbers: Vec<(String, TenantId)>,
    overrides: HashMap<TenantId, Vec<Override>>,
    contacts: Contacts,
}

impl Plans {
    /// Reads everything once.
    pub async fn open(db: &Db, config: &Config, clock: System, voice: Voice) -> Result<Plans> {
        let basis = Arc::new(basis(config)?);
        let files = basis.dir.as_deref().map(Files::open).transpose()?;
        let mut plans = Plans {
            db: db.clone(),
            clock,
            base: Base::new(config, voice)?,
            basis,
            lines: Arc::default(),
            running: Running::default(),
            kept: HashMap::new(),
            overrides: HashMap::new(),
            contacts: Contacts::default(),
            files,
            seq: 0,
            local: 0,
        };
        plans.read().await?;
        Ok(plans)
    }

    /// The lines, as they are at any time.
    pub fn lines(&self) -> Arc<ArcSwap<Lines>> {
        Arc::clone(&self.lines)
    }

    /// The plans, as they are at any time.
    pub fn running(&self) -> Running {
        self.running.clone()
    }

    /// What there is besides rows.
    pub fn basis(&self) -> Arc<Basis> {
        Arc::clone(&self.basis)
    }

    /// What callers of each tenant hear.
    pub fn libraries(&self) -> Arc<Libraries> {
        Arc::clone(&self.base.libraries)
    }

    /// Follows changes until `stop`.
    pub fn follow(self, stop: CancellationToken) -> JoinHandle<()> {
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.run() => {}
            }
        })
    }

    async fn run(mut self) {
        let mut local = self.db.lines_watch();
        let (tell, mut files) = mpsc::channel(1);
        let _watch = self.basis.dir.as_deref().map(|dir| watch::start(dir, tell));
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut count = 0_u32;
        let mut failing = false;
        loop {
            let touched = tokio::select! {
                _ = looks.tick() => {
                    count = count.wrapping_add(1);
                    count.is_multiple_of(LOOKS_PER_DIR) && self.files.as_mut().is_some_and(Files::is_stale)
                }
                // The sender is in `self.db`: it is never gone.
                _ = local.changed() => false,
                Some(()) = files.recv() => {
                    quiet(&mut files).await;
                    true
                }
            };
            match self.refresh(touched).await {
                Ok(()) => failing = false,
                Err(error) if !failing => {
                    tracing::warn!(%error, "plans are read again later; calls go on with what was there");
                    failing = true;
                }
                Err(_) => {}
            }
        }
    }

    /// Reads again if anything has changed, or `touched` says so.
    pub async fn refresh(&mut self, touched: bool) -> Result<()> {
        if touched || self.db.line_changes().await? != self.seq { self.read().await } else { Ok(()) }
    }

    async fn read(&mut self) -> Result<()> {
        // Before the rows: what is written in between is read again. The own share after the whole, so
        // that it is never taken for another's.
        let seq = self.db.line_changes().await?;
        let local = *self.db.lines_watch().borrow();
        let rows = self.rows().await?;
        let prompts = self.base.libraries.reload_all(&self.db).await?;
        let served = match &mut self.files {
            Some(files) => {
                let basis = of_all(&self.db, &self.basis).await?;
                files.read(&rows.tenants, &rows.numbers, &basis).await?
            }
            None => self.revisions(&rows.tenants).await?,
        };
        let overrides = self.overrides_of(rows.overrides);
        let before = std::mem::replace(&mut self.contacts, rows.contacts);
        let (lines, running) = self.made(&rows.tenants, &rows.numbers, &served, &overrides);
        let ours = i64::try_from(local.saturating_sub(self.local)).unwrap_or(i64::MAX);
        if self.seq != 0 && (self.files.is_some() || seq - self.seq != ours) {
            self.announce(&running, &overrides, &before, prompts);
        }
        let held = served.iter().filter(|plan| plan.current.held_back.is_some()).count();
        metrics::gauge!("nightdesk_plans_held_back").set(u32::try_from(held).unwrap_or(u32::MAX));
        self.lines.store(Arc::new(lines));
        self.running.swap(running);
        self.overrides = overrides;
        (self.seq, self.local) = (seq, local);
        Ok(())
    }

    async fn rows(&self) -> Result<Rows> {
        let tenants = tenant::store::all(&self.db).await?;
        let numbers = tenant::store::numbers(&self.db).await?;
        let numbers = numbers.into_iter().map(|(number, tenant)| (number, tenant.id())).collect();
        let overrides = crate::opening::store::standing_of_all(&self.db, self.clock.now().utc).await?;
        let contacts = self.contacts.read(&self.db, &tenants).await?;
        Ok(Rows { tenants, numbers, overrides, contacts })
    }

    /// Those that are as they were stay the same in memory too.
    fn overrides_of(&self, of_all: HashMap<TenantId, Vec<Override>>) -> HashMap<TenantId, Arc<Overrides>> {
        let shared = |(tenant, all): (TenantId, Vec<Override>)| {
            let new = Overrides::new(all);
            let same = self.overrides.get(&tenant).filter(|old| ***old == new).cloned();
            (tenant, same.unwrap_or_else(|| Arc::new(new)))
        };
        of_all.into_iter().map(shared).collect()
    }

    /// Each tenant's plan from the database.
    async fn revisions(&mut self, tenants: &[Tenant]) -> Result<Vec<Served>> {
        let newest: HashMap<TenantId, u32> = revision::store::last_of_all(&self.db).await?.into_iter().collect();
        let mut own = crate::prompt::store::places_of_all(&self.db).await?;
        let mut served = Vec::with_capacity(tenants.len());
        for tenant in tenants {
            let newest = newest.get(&tenant.id()).copied();
            let prompts = fingerprint(&own.remove(&tenant.id()).unwrap_or_default());
            let kept = self.kept.get(&tenant.id()).filter(|kept| kept.newest == newest && kept.prompts == prompts);
            let current = match kept {
                Some(kept) => Arc::clone(&kept.current),
                None => {
                    let before = self.kept.get(&tenant.id()).map(|kept| Arc::clone(&kept.current));
                    let current = Arc::new(of_database(&self.db, &self.basis, tenant, before).await?);
                    if self.seq != 0 && current.held_back.is_none() {
                        tracing::info!(
                            tenant = tenant.name(),
                            revision = current.revision,
                            "a plan counts from now on"
                        );
                    }
                    let kept = Kept { newest, prompts, current: Arc::clone(&current) };
                    self.kept.insert(tenant.id(), kept);
                    current
                }
            };
            served.push(Served { tenant: tenant.id(), numbers: Vec::new(), current });
        }
        self.kept.retain(|id, _| tenants.iter().any(|tenant| tenant.id() == *id));
        Ok(served)
    }

    /// Lines of plans, numbers, overrides and contacts.
    fn made(
        &self,
        tenants: &[Tenant],
        numbers: &[(String, TenantId)],
        plans: &[Served],
        overrides: &HashMap<TenantId, Arc<Overrides>>,
    ) -> (Lines, HashMap<TenantId, Arc<Current>>) {
        let none = Arc::new(Overrides::default());
        let by_id: HashMap<TenantId, &Tenant> = tenants.iter().map(|tenant| (tenant.id(), tenant)).collect();
        let mut own: HashMap<TenantId, Arc<ServedLine>> = HashMap::new();
        let mut running = HashMap::new();
        let mut by_number = HashMap::new();
        for plan in plans {
            let Some(tenant) = by_id.get(&plan.tenant) else { continue };
            let overrides = overrides.get(&plan.tenant).unwrap_or(&none);
            let line = Arc::new(self.base.line(tenant, &plan.current.plan, overrides, self.contacts.of(plan.tenant)));
            for number in &plan.numbers {
                by_number.entry(number_key(number)).or_insert_with(|| Arc::clone(&line));
            }
            own.entry(plan.tenant).or_insert(line);
            running.entry(plan.tenant).or_insert_with(|| Arc::clone(&plan.current));
        }
        for (number, tenant) in numbers {
            if let Some(line) = own.get(tenant) {
                by_number.entry(number.clone()).or_insert_with(|| Arc::clone(line));
            }
        }
        let first = tenants.first().and_then(|first| own.get(&first.id())).cloned();
        (Lines::new(by_number, first), running)
    }

    /// Tells the page what another process, or a file, has changed.
    fn announce(
        &self,
        running: &HashMap<TenantId, Arc<Current>>,
        overrides: &HashMap<TenantId, Arc<Overrides>>,
        contacts: &Contacts,
        prompts: Vec<(TenantId, Place)>,
    ) {
        let tell = |tenant: TenantId, noun, id: String| {
            self.db.announce(Change { seq: 0, tenant, noun, id, kind: ChangeKind::Changed });
        };
        for (tenant, current) in running {
            if self.running.of(*tenant).is_none_or(|before| !Arc::ptr_eq(&before, current)) {
                let id = current.revision.map_or_else(String::new, |revision| revision.to_string());
                tell(*tenant, Noun::Plan, current.file.clone().unwrap_or(id));
            }
        }
        for (tenant, place) in prompts {
            tell(tenant, Noun::Prompt, place.to_string());
        }
        let all: HashSet<TenantId> = self.overrides.keys().chain(overrides.keys()).copied().collect();
        for tenant in all {
            if self.overrides.get(&tenant) != overrides.get(&tenant) {
                tell(tenant, Noun::Opening, String::new());
            }
        }
        for tenant in self.contacts.changed_since(contacts) {
            tell(tenant, Noun::Contact, String::new());
        }
    }
}

/// A plan of a tenant. A tenant's first one is for all its numbers; further ones for those they name.
struct Served {
    tenant: TenantId,
    numbers: Vec<String>,
    current: Arc<Current>,
}

impl Base {
    fn new(config: &Config, voice: Voice) -> Result<Base> {
        let sounds = Arc::new(Sounds::open()?.with(voice));
        sounds.encode_all()?;
        let libraries = Arc::new(Libraries::new(sounds, &config.data));
        Ok(Base { ring: config.ring, warning: config.message_warning, trust_from: config.trust_from, libraries })
    }

    fn line(&self, tenant: &Tenant, plan: &Plan, overrides: &Arc<Overrides>, contacts: Arc<Known>) -> ServedLine {
        let setting = Setting {
            overrides: Arc::clone(overrides),
            warning: self.warning,
            ..Setting::of(plan.clone(), tenant.name())
        };
        let line = call::Line {
            setting,
            ring: self.ring,
            capabilities: crate::sdp::Capabilities::default(),
            clips: self.libraries.of(tenant.id()),
        };
        ServedLine { tenant: tenant.clone(), line, contacts, from_is_checked: self.trust_from }
    }
}

/// What a tenant's calls are answered with by what is stored now, whichever process answers them.
pub async fn current(db: &Db, basis: &Arc<Basis>, tenant: &Tenant) -> Result<Arc<Current>> {
    let Some(dir) = &basis.dir else { return Ok(Arc::new(of_database(db, basis, tenant, None).await?)) };
    let numbers = tenant::store::numbers(db).await?;
    let numbers: Vec<(String, TenantId)> = numbers.into_iter().map(|(number, of)| (number, of.id())).collect();
    let basis = of_all(db, basis).await?;
    let served = Files::open(dir)?.read(&tenant::store::all(db).await?, &numbers, &basis).await?;
    let own = served.into_iter().find(|plan| plan.tenant == tenant.id());
    own.map(|plan| plan.current).ok_or_else(|| anyhow!("{} is gone", tenant.name()))
}

/// With the own prompts of all: whose a file is, is not known before it is read.
async fn of_all(db: &Db, basis: &Basis) -> Result<Arc<Basis>> {
    let mut basis = basis.clone();
    for place in crate::prompt::store::places_of_all(db).await?.into_values().flatten() {
        basis.known.prompts.entry(place.language).or_default().insert(place.prompt.to_string());
    }
    Ok(Arc::new(basis))
}

/// The last revision, or where it does not check, what went before.
async fn of_database(db: &Db, basis: &Arc<Basis>, tenant: &Tenant, before: Option<Arc<Current>>) -> Result<Current> {
    let Some(last) = revision::store::last(db, tenant).await? else { return standard(basis, tenant) };
    let known = Arc::new(revision::store::known(db, tenant, &basis.known).await?);
    let findings = match parse(&known, &last).await {
        (Some(plan), _) => return Ok(of_revision(plan, &last)),
        (None, findings) => Arc::new(findings),
    };
    let told = render(&findings, &format!("revision {}", last.entry.seq), &last.text, Language::En);
    tracing::error!(
        tenant = tenant.name(),
        revision = last.entry.seq,
        "a plan does not check and does not count; the last good one goes on\n{told}"
    );
    if let Some(before) = before {
        return Ok(Current { held_back: Some(findings), ..(*before).clone() });
    }
    for entry in revision::store::history(db, tenant, Some(last.entry.seq), BACK_MAX).await? {
        let Some(older) = revision::store::get(db, tenant, entry.seq).await? else { continue };
        if let (Some(plan), _) = parse(&known, &older).await {
            return Ok(Current { held_back: Some(findings), ..of_revision(plan, &older) });
        }
    }
    Ok(Current { held_back: Some(findings), ..standard(basis, tenant)? })
}

/// A long text takes its time: not on a thread that serves others.
async fn parse(known: &Arc<CheckContext>, revision: &Revision) -> (Option<Plan>, Vec<Finding>) {
    let (text, known) = (revision.text.clone(), Arc::clone(known));
    let parsed = tokio::task::spawn_blocking(move || Plan::parse(&text, &known)).await;
    parsed.map(|checked| (checked.plan, checked.findings)).unwrap_or_default()
}

fn of_revision(plan: Plan, revision: &Revision) -> Current {
    let text = revision.text.as_str().into();
    Current { plan, text, revision: Some(revision.entry.seq), file: None, held_back: None }
}

/// The plan of a tenant that has none.
fn standard(basis: &Basis, tenant: &Tenant) -> Result<Current> {
    let text = basis.standard(tenant.language(), tenant.timezone());
    let checked = Plan::parse(&text, &basis.known);
    let told =
        || anyhow!("the standard plan is wrong:\n{}", render(&checked.findings, "standard", &text, Language::En));
    let plan = checked.plan.clone().ok_or_else(told)?;
    Ok(Current { plan, text: text.into(), revision: None, file: None, held_back: None })
}

/// Of a tenant's own prompts: where they change, its plan is checked again.
fn fingerprint(own: &[Place]) -> u64 {
    let mut hasher = DefaultHasher::new();
    own.iter().for_each(|place| place.hash(&mut hasher));
    hasher.finish()
}

/// Until nothing came for a while.
async fn quiet(files: &mut mpsc::Receiver<()>) {
    let still = async { while let Ok(Some(())) = tokio::time::timeout(QUIET, files.recv()).await {} };
    let _ = tokio::time::timeout(QUIET_MAX, still).await;
}
