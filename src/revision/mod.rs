//! Plans over time: each text that became a tenant's plan is a revision, numbered from 1; the last one counts.
//! Going back to an older one makes a new revision with its text. Only a text that was checked becomes one
//! ([`Draft::check`]).
//!
//! [`Running`] says what a process really answers calls with: the page reads it, `run` writes it.

pub mod store;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::clock::Utc;
use crate::ids::{Language, TenantId};
use crate::plan::{CheckContext, Finding, Plan};

/// Revisions of one tenant that are kept: older ones go.
pub const KEPT_MAX: u32 = 1_000;
/// Characters of a note or an author's name; what is longer is cut.
pub const NOTE_MAX: usize = 500;
/// A comparison of texts that takes longer becomes coarser.
const DIFF_TIME_MAX: Duration = Duration::from_millis(500);

/// A text that was checked and may become the plan.
#[derive(Clone, Debug)]
pub struct Draft {
    text: String,
    plan: Plan,
}

impl Draft {
    /// Checks a text. With the draft, where there is one, come its findings; without it, why there is none.
    pub fn check(text: &str, context: &CheckContext) -> (Option<Draft>, Vec<Finding>) {
        let checked = Plan::parse(text, context);
        (checked.plan.map(|plan| Draft { text: text.to_owned(), plan }), checked.findings)
    }

    /// What was checked.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it means.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// What is said of a new revision.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// Who made it, by name.
    pub author: String,
    /// Why; may be empty.
    pub note: String,
    /// The revision that its author had before them (0: there was none); none: whichever is there.
    pub based_on: Option<u32>,
    /// The revision whose text it is again.
    pub restores: Option<u32>,
}

/// What became of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It is the plan now, as this revision.
    Done(u32),
    /// It was the plan already, word for word: no revision was made.
    Same(u32),
    /// Somebody else was faster: this revision is the last by now (0: none).
    Overtaken(u32),
    /// These numbers of its line are another tenant's by now.
    Taken(Vec<String>),
}

/// A revision without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// From 1.
    pub seq: u32,
    /// Who made it, by name.
    pub author: String,
    /// Why; may be empty.
    pub note: String,
    /// When.
    pub at: Utc,
    /// The one that was last before it.
    pub based_on: Option<u32>,
    /// The one whose text it is again.
    pub restores: Option<u32>,
}

/// A revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// What is known of it.
    pub entry: Entry,
    /// Its text.
    pub text: String,
}

/// What tells two texts apart, in the unified form; empty where nothing does.
pub fn diff(old: (&str, &str), new: (&str, &str)) -> String {
    let ((old_name, old), (new_name, new)) = (old, new);
    if old == new {
        return String::new();
    }
    let diff = similar::TextDiff::configure().timeout(DIFF_TIME_MAX).diff_lines(old, new);
    diff.unified_diff().context_radius(3).header(old_name, new_name).to_string()
}

/// What a process answers the calls of one tenant with.
#[derive(Clone, Debug)]
pub struct Current {
    /// The plan.
    pub plan: Plan,
    /// Its text.
    pub text: Arc<str>,
    /// The revision that it is; none: a file, or the standard plan.
    pub revision: Option<u32>,
    /// The file that it is.
    pub file: Option<String>,
    /// Why a newer text does not count: it has these findings.
    pub held_back: Option<Arc<Vec<Finding>>>,
}

/// The same of all tenants, as it is at the moment. Empty in a process that answers no calls.
#[derive(Clone, Debug, Default)]
pub struct Running(Arc<ArcSwap<HashMap<TenantId, Arc<Current>>>>);

impl Running {
    /// What a tenant's calls are answered with.
    pub fn of(&self, tenant: TenantId) -> Option<Arc<Current>> {
        self.0.load().get(&tenant).cloned()
    }

    /// Another picture, all at once.
    pub fn swap(&self, all: HashMap<TenantId, Arc<Current>>) {
        self.0.store(Arc::new(all));
    }
}

/// What there is of plans besides rows: the same in the service, the page and the command line.
#[derive(Clone, Debug, Default)]
pub struct Basis {
    /// What every plan may name: prompts that ship.
    pub known: CheckContext,
    /// The plan of a tenant that has none, by language; `{timezone}` stands for the tenant's.
    pub standard: HashMap<Language, String>,
    /// Plans are the files of this directory, and are changed there only.
    pub dir: Option<PathBuf>,
}

impl Basis {
    /// The plan of a tenant that has none.
    pub fn standard(&self, language: Language, timezone: &str) -> String {
        self.standard.get(&language).map(|text| text.replace("{timezone}", timezone)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_by_line() {
        let told = diff(("revision 1", "a\nb\nc\n"), ("revision 2", "a\nB\nc\n"));
        assert_eq!(told, "--- revision 1\n+++ revision 2\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
        assert_eq!(diff(("x", "a"), ("y", "a")), "");
    }

    #[test]
    fn an_unchecked_text_is_no_draft() {
        let (draft, findings) = Draft::check("[line]\nopen = \"menu.no\"\n", &CheckContext::default());
        assert!(draft.is_none() && !findings.is_empty());
    }
}
