//! Contacts put together, taken apart, greeted by name, and what there was with them.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::json;

use nightdesk::clock::System;
use nightdesk::config::Config;
use nightdesk::contact::{self, Edit, Follow, NAMES, name_file, store};
use nightdesk::db::Tx;
use nightdesk::history::{self, Moment, Place, What};
use nightdesk::ids::{ContactEditId, ContactId};
use nightdesk::person::{Action, Actor};
use nightdesk::run::node;
use nightdesk::run::sounds::Sounds;
use nightdesk::web::{Studio as _, contact_follows, moment_json};

use super::super::tenant::of_tenant;
use super::super::{json_arg, print};
use super::{Desk, contact_json, told};

/// Edits among which the last is looked for.
const EDITS_MAX: u32 = 100;

/// `merge`, `split`, `undo`, `name`, `timeline`.
pub fn commands() -> Vec<Command> {
    let who = || Arg::new("who").required(true).value_name("NUMBER|ID").help("Such as +493023125042");
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let merge = Command::new("merge")
        .about("Put others together with somebody, who stays: numbers, lists, addresses and notes of all")
        .arg(who())
        .arg(Arg::new("from").required(true).num_args(1..).value_name("NUMBER|ID").help("Who is no more then"))
        .arg(json_arg());
    let split = Command::new("split")
        .about("Take numbers out of somebody: they are a contact of their own, on the same lists")
        .arg(
            Arg::new("numbers").required(true).num_args(1..).value_name("NUMBER").help("Some of one contact's numbers"),
        )
        .arg(text("name", "NAME", "What the new one is called [default: the same]"))
        .arg(json_arg());
    let undo = Command::new("undo")
        .about("Undo a merge or a split, the last one where none is named; within 30 days, where nothing has changed since")
        .arg(Arg::new("edit").value_name("ID").help("As merge and split print it"))
        .arg(flag("list", "List them, and undo nothing"))
        .arg(json_arg());
    let name = Command::new("name")
        .about("How somebody is greeted by name: recorded or spoken, heard, then confirmed; callers hear it where the trunk vouches for their number")
        .arg(who())
        .arg(Arg::new("file").value_name("FILE").help("A recording of the whole greeting, such as \"Guten Tag, Frau …\"; ten seconds at most"))
        .arg(text("say", "TEXT", "Have this spoken instead").conflicts_with("file"))
        .arg(text("out", "F.wav", "Write what is kept to this file, to be heard"))
        .arg(flag("confirm", "It was heard and is right: callers hear it from now on"))
        .arg(flag("remove", "Take it away").conflicts_with_all(["file", "say", "confirm", "out"]))
        .arg(json_arg());
    let timeline = Command::new("timeline")
        .about("What there was with a number or a contact, newest first")
        .arg(who())
        .arg(text("limit", "N", "At most so many [default: 50]"))
        .arg(json_arg());
    [merge, split, undo, name, timeline].map(of_tenant).into()
}

impl Desk {
    pub(super) async fn merge(&self, given: &ArgMatches) -> Result<ExitCode> {
        let into = self.meant(given).await?.id;
        let mut from: Vec<ContactId> = Vec::new();
        for text in given.get_many::<String>("from").into_iter().flatten() {
            from.push(self.find(text).await?.ok_or_else(|| super::unknown(text))?.id);
        }
        let mut tx = self.db.write().await?;
        let by = Actor::Console.to_string();
        let done = store::merge(&mut tx, &self.tenant, into, &from, &by, self.at).await??;
        self.follow(&mut tx, &done.follow).await?;
        self.audit(&mut tx, Action::ContactsMerged, &format!("{into} {}", done.edit)).await?;
        tx.commit().await?;
        let dropped: Vec<String> = done.dropped.iter().map(ToString::to_string).collect();
        if given.get_flag("json") {
            let contact = contact_json(&done.contact);
            let told = json!({"contact": contact, "dropped": dropped, "edit": done.edit.to_string()});
            print(&serde_json::to_string_pretty(&told)?)?;
        } else {
            print(&told(&done.contact))?;
            for dropped in &dropped {
                print(&format!("left behind: {dropped}"))?;
            }
            print(&format!("nightdesk contact undo {} puts it back", done.edit))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    pub(super) async fn split(&self, given: &ArgMatches) -> Result<ExitCode> {
        let numbers: Vec<String> = given.get_many::<String>("numbers").into_iter().flatten().cloned().collect();
        let first = numbers.first().map(String::as_str).unwrap_or_default();
        let of = self.find(first).await?.ok_or_else(|| super::unknown(first))?.id;
        let name = given.get_one::<String>("name").map(String::as_str);
        let mut tx = self.db.write().await?;
        let by = Actor::Console.to_string();
        let done = store::split(&mut tx, &self.tenant, of, &numbers, name, &by, self.at).await??;
        self.follow(&mut tx, &done.follow).await?;
        self.audit(&mut tx, Action::ContactSplit, &format!("{of} {}", done.contact.id)).await?;
        tx.commit().await?;
        if given.get_flag("json") {
            let told = json!({"contact": contact_json(&done.contact), "edit": done.edit.to_string()});
            print(&serde_json::to_string_pretty(&told)?)?;
        } else {
            print(&told(&done.contact))?;
            print(&format!("nightdesk contact undo {} puts it back", done.edit))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    pub(super) async fn undo(&self, given: &ArgMatches) -> Result<ExitCode> {
        let edits = store::edits(&self.db, &self.tenant, self.at, EDITS_MAX).await?;
        if given.get_flag("list") {
            return list_edits(&edits, given.get_flag("json"));
        }
        let edit: ContactEditId = match given.get_one::<String>("edit") {
            Some(text) => text.parse().with_context(|| format!("{text}: nightdesk contact undo --list shows all"))?,
            None => match edits.iter().find(|edit| edit.undone_at.is_none()) {
                Some(edit) => edit.id,
                None => bail!("there is nothing to undo: nothing was merged or split within 30 days"),
            },
        };
        let mut tx = self.db.write().await?;
        let done = store::undo(&mut tx, &self.tenant, edit, self.at).await??;
        self.follow(&mut tx, &done.follow).await?;
        self.audit(&mut tx, Action::ContactEditUndone, &edit.to_string()).await?;
        tx.commit().await?;
        let mut contacts = Vec::new();
        for id in done.contacts {
            contacts.extend(store::get(&self.db, &self.tenant, id).await?);
        }
        if given.get_flag("json") {
            let contacts: Vec<_> = contacts.iter().map(contact_json).collect();
            print(&serde_json::to_string_pretty(&json!({"kind": done.kind.as_str(), "contacts": contacts}))?)?;
        } else {
            for contact in &contacts {
                print(&told(contact))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn follow(&self, tx: &mut Tx, follow: &Follow) -> Result<()> {
        Ok(contact_follows(tx, &self.tenant, follow, self.at).await?)
    }

    pub(super) async fn name(&self, given: &ArgMatches, config: &Config) -> Result<ExitCode> {
        let contact = self.meant(given).await?;
        let text = |name: &str| given.get_one::<String>(name).map(String::as_str);
        if text("file").or(text("say")).is_some() {
            let studio = node::studio(&self.db, config, System::new(), Arc::new(Sounds::open()?))?;
            let made = match (text("file"), text("say")) {
                (Some(file), _) => {
                    let bytes = std::fs::read(file).with_context(|| format!("{file} cannot be read"))?;
                    studio.name_upload(&self.tenant, Actor::Console, contact.id, bytes, "").await?
                }
                (None, said) => {
                    let language = contact.card.language.unwrap_or(self.tenant.language());
                    let said = said.unwrap_or_default();
                    studio.name_say(&self.tenant, Actor::Console, contact.id, language, said).await?
                }
            };
            made.context("it was removed meanwhile")?;
        }
        if given.get_flag("remove") {
            let mut tx = self.db.write().await?;
            if !store::drop_name(&mut tx, &self.tenant, contact.id, self.at).await? {
                bail!("{} has no recorded name", contact.card.label());
            }
            self.audit(&mut tx, Action::NameRemoved, &contact.id.to_string()).await?;
            tx.commit().await?;
        }
        self.hear_name(given, contact.id, config).await?;
        if given.get_flag("confirm") {
            self.confirm_name(contact.id).await?;
        }
        self.shown(given, contact.id).await
    }

    async fn hear_name(&self, given: &ArgMatches, id: ContactId, config: &Config) -> Result<()> {
        let Some(out) = given.get_one::<String>("out") else { return Ok(()) };
        let clip = self.clip(id).await?;
        let path = config.data.join(NAMES).join(name_file(clip.id));
        std::fs::copy(&path, out).with_context(|| format!("{} cannot be copied to {out}", path.display()))?;
        Ok(())
    }

    async fn confirm_name(&self, id: ContactId) -> Result<()> {
        let clip = self.clip(id).await?;
        let mut tx = self.db.write().await?;
        let done = store::confirm_name(&mut tx, &self.tenant, id, clip.id, self.at).await?;
        done.context("it was removed meanwhile")??;
        self.audit(&mut tx, Action::NameConfirmed, &format!("{id} {}", clip.id)).await?;
        Ok(tx.commit().await?)
    }

    async fn clip(&self, id: ContactId) -> Result<contact::NameClip> {
        let contact = store::get(&self.db, &self.tenant, id).await?.context("it was removed meanwhile")?;
        let none = "there is no recorded name: give a file, or --say \"Guten Tag, …\"";
        contact.name_clip.context(none)
    }

    pub(super) async fn timeline(&self, given: &ArgMatches) -> Result<ExitCode> {
        let text = given.get_one::<String>("who").map(String::as_str).unwrap_or_default();
        let of = match self.find(text).await? {
            Some(contact) => history::Of::Contact(contact.id),
            None => history::Of::Number(contact::number(text)?),
        };
        let limit = given.get_one::<String>("limit").map(|text| text.parse().context("--limit: a number expected"));
        let limit: usize = limit.transpose()?.unwrap_or(50);
        let (mut moments, mut before) = (Vec::new(), Place::newest());
        while moments.len() < limit {
            let most = u32::try_from(limit - moments.len()).unwrap_or(u32::MAX);
            let (page, next) = history::store::page(&self.db, &self.tenant, &of, &before, most).await?;
            moments.extend(page);
            let Some(next) = next else { break };
            before = next;
        }
        if given.get_flag("json") {
            let moments: Vec<_> = moments.into_iter().map(moment_json).collect();
            print(&serde_json::to_string_pretty(&moments)?)?;
        } else {
            for moment in &moments {
                print(&line(moment))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn list_edits(edits: &[Edit], json: bool) -> Result<ExitCode> {
    if json {
        let edit = |edit: &Edit| {
            json!({
                "id": edit.id.to_string(), "kind": edit.kind.as_str(), "label": edit.label, "at": edit.at.rfc3339(),
                "until": edit.until().rfc3339(), "undone_at": edit.undone_at.map(|at| at.rfc3339()),
            })
        };
        print(&serde_json::to_string_pretty(&edits.iter().map(edit).collect::<Vec<_>>())?)?;
    } else {
        for edit in edits {
            let undone = if edit.undone_at.is_some() { "  undone" } else { "" };
            print(&format!("{}  {}  {}  {}{undone}", edit.id, edit.at.rfc3339(), edit.kind.as_str(), edit.label))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn line(moment: &Moment) -> String {
    let what = match &moment.what {
        What::Call { caller, called, outcome, .. } => {
            format!("call       {caller} to {called}: {}", outcome.as_deref().unwrap_or("running"))
        }
        What::Message { state, duration_ms, urgent, id, .. } => {
            let urgent = if *urgent { ", urgent" } else { "" };
            format!("message    {:.1} s, {state}{urgent}  {id}", nightdesk::message::export::seconds(*duration_ms))
        }
        What::Callback { matter, state, outcome, calls, id } => {
            let (matter, outcome) = (matter.as_deref().unwrap_or("-"), outcome.as_deref().unwrap_or_default());
            format!("callback   {matter}: {state} {outcome}, {calls} calls  {id}")
        }
        What::Attempt { result, note, .. } => format!("attempt    {result} {note}"),
        What::Promise { words, state, .. } => format!("promise    {words}: {state}"),
        What::Note { text, .. } => format!("note       {}", text.replace('\n', " / ")),
    };
    format!("{}  {}", moment.at.rfc3339(), what.trim_end())
}
