//! Plans as files of a directory (`--plan-dir`): each `*.toml` is one, of the tenant whose numbers it names,
//! or of the first.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

use super::{Served, standard};
use crate::ids::{Language, TenantId};
use crate::plan::{Finding, Plan, limits, render};
use crate::revision::{Basis, Current};
use crate::tenant::{Tenant, number_key};

/// Files that are read; further ones, by name, are not.
const FILES_MAX: usize = 1_000;

/// The files of a directory, and the last good plan of each.
pub struct Files {
    dir: PathBuf,
    kept: BTreeMap<String, File>,
    stamps: Vec<Stamp>,
}

/// Tells whether a file may have changed.
type Stamp = (String, Option<SystemTime>, u64);

struct File {
    bytes: Arc<Vec<u8>>,
    /// The last good one.
    good: Option<Arc<Current>>,
    /// Not told again while the file stays as it is.
    told: bool,
}

impl Files {
    /// A directory that can be read; its files are not looked at yet.
    pub fn open(dir: &Path) -> Result<Files> {
        if !dir.is_dir() {
            bail!("plan-dir: {} is no directory: make it and put plans (*.toml) there", dir.display());
        }
        Ok(Files { dir: dir.to_owned(), kept: BTreeMap::new(), stamps: Vec::new() })
    }

    /// Whether names, times or sizes are others than when it was last asked.
    pub(super) fn is_stale(&mut self) -> bool {
        let Ok(stamps) = stamps(&self.dir) else { return false };
        let stale = stamps != self.stamps;
        self.stamps = stamps;
        stale
    }

    /// The plans of all tenants; who has no file gets the standard plan.
    pub(super) async fn read(
        &mut self,
        tenants: &[Tenant],
        numbers: &[(String, TenantId)],
        basis: &Arc<Basis>,
    ) -> Result<Vec<Served>> {
        let (dir, basis) = (self.dir.clone(), Arc::clone(basis));
        let before: HashMap<String, Arc<Vec<u8>>> =
            self.kept.iter().map(|(name, file)| (name.clone(), Arc::clone(&file.bytes))).collect();
        let known = Arc::clone(&basis);
        let found = tokio::task::spawn_blocking(move || look(&dir, &before, &known)).await??;
        self.take(found);
        self.served(tenants, numbers, &basis)
    }

    /// What was found takes the place of what was there: good plans at once, bad ones with a word in the log.
    fn take(&mut self, found: Vec<(String, Found)>) {
        let names: HashSet<String> = found.iter().map(|(name, _)| name.clone()).collect();
        self.kept.retain(|name, _| names.contains(name));
        for (name, found) in found {
            let before = self.kept.get(&name).and_then(|file| file.good.clone());
            let (bytes, current) = match found {
                Found::Same => continue,
                Found::Unreadable(error) => {
                    tracing::error!(file = %name, %error, "a plan cannot be read; the last good one goes on");
                    continue;
                }
                Found::Good(bytes, plan) => {
                    tracing::info!(file = %name, "a plan counts from now on");
                    let text = String::from_utf8_lossy(&bytes).into();
                    let file = Some(name.clone());
                    (bytes, Some(Arc::new(Current { plan, text, revision: None, file, held_back: None })))
                }
                Found::Bad(bytes, findings) => {
                    let told = render(&findings, &name, &String::from_utf8_lossy(&bytes), Language::En);
                    tracing::error!(file = %name, "a plan does not check; the last good one goes on\n{told}");
                    let held = |before: Arc<Current>| {
                        Arc::new(Current { held_back: Some(Arc::new(findings)), ..(*before).clone() })
                    };
                    (bytes, before.map(held))
                }
            };
            self.kept.insert(name, File { bytes: Arc::new(bytes), good: current, told: false });
        }
    }

    fn served(&mut self, tenants: &[Tenant], numbers: &[(String, TenantId)], basis: &Basis) -> Result<Vec<Served>> {
        let owner: HashMap<&str, TenantId> = numbers.iter().map(|(number, id)| (number.as_str(), *id)).collect();
        let mut claimed: HashMap<String, String> = HashMap::new();
        let mut served = Vec::new();
        for (name, file) in &mut self.kept {
            let (Some(current), Some(first)) = (&file.good, tenants.first()) else { continue };
            let named: Vec<String> = current.plan.line.numbers.iter().map(|number| number_key(number)).collect();
            let owners: HashSet<TenantId> =
                named.iter().filter_map(|number| owner.get(number.as_str())).copied().collect();
            let twice = named.iter().find_map(|number| claimed.get(number));
            let wrong = match twice {
                _ if owners.len() > 1 => Some("its numbers are those of several tenants".to_owned()),
                Some(other) => Some(format!("a number of it is in {other} too")),
                None => None,
            };
            if let Some(wrong) = wrong {
                if !std::mem::replace(&mut file.told, true) {
                    tracing::error!(file = %name, "a plan is left out: {wrong}");
                }
                continue;
            }
            claimed.extend(named.iter().map(|number| (number.clone(), name.clone())));
            let tenant = owners.into_iter().next().unwrap_or(first.id());
            served.push(Served { tenant, numbers: named, current: Arc::clone(current) });
        }
        // One that names no number is for all others of its tenant.
        served.sort_by_key(|plan| !plan.numbers.is_empty());
        let with: HashSet<TenantId> = served.iter().map(|plan| plan.tenant).collect();
        for tenant in tenants.iter().filter(|tenant| !with.contains(&tenant.id())) {
            let current = Arc::new(standard(basis, tenant)?);
            served.push(Served { tenant: tenant.id(), numbers: Vec::new(), current });
        }
        Ok(served)
    }
}

/// What a file is by now.
enum Found {
    Same,
    Unreadable(std::io::Error),
    Good(Vec<u8>, Plan),
    Bad(Vec<u8>, Vec<Finding>),
}

/// Every plan of the directory, by name.
fn look(dir: &Path, before: &HashMap<String, Arc<Vec<u8>>>, basis: &Basis) -> Result<Vec<(String, Found)>> {
    let names = names(dir).with_context(|| format!("the directory of plans {} cannot be read", dir.display()))?;
    let found = names.into_iter().map(|name| {
        let found = match bytes(&dir.join(&name)) {
            Err(error) => Found::Unreadable(error),
            Ok(bytes) if before.get(&name).is_some_and(|before| **before == bytes) => Found::Same,
            Ok(bytes) => {
                let checked = Plan::parse_bytes(&bytes, &basis.known);
                match checked.plan {
                    Some(plan) => Found::Good(bytes, plan),
                    None => Found::Bad(bytes, checked.findings),
                }
            }
        };
        (name, found)
    });
    Ok(found.collect())
}

/// `*.toml`, none hidden: editors keep their halves in such.
fn names(dir: &Path) -> std::io::Result<Vec<String>> {
    let entries = std::fs::read_dir(dir)?.flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".toml") && !name.starts_with('.'))
        .collect();
    names.sort();
    names.truncate(FILES_MAX);
    Ok(names)
}

fn stamps(dir: &Path) -> std::io::Result<Vec<Stamp>> {
    let stamp = |name: String| {
        let meta = std::fs::metadata(dir.join(&name)).ok();
        let length = meta.as_ref().map_or(0, std::fs::Metadata::len);
        (name, meta.and_then(|meta| meta.modified().ok()), length)
    };
    Ok(names(dir)?.into_iter().map(stamp).collect())
}

/// One byte more than a plan may have is enough to say that it is too long.
fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let most = u64::try_from(limits::TEXT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    // A pipe would keep us waiting for ever.
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a file"));
    }
    std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
