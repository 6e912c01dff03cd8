//! `nightdesk contact`: people whom a business knows by their numbers.

mod more;

use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

use nightdesk::clock::{System, Utc};
use nightdesk::contact::sheet::{self, BadRow, Sheet};
use nightdesk::contact::store::{self, Import, Totals};
use nightdesk::contact::{Contact, Entry, Filter, Follow, list_name, mail_address, number, vcard};
use nightdesk::db::{Db, Tx};
use nightdesk::ids::{ContactId, Cursor, Language};
use nightdesk::person::{self, Action, Actor};
use nightdesk::tenant::Tenant;
use nightdesk::web::contact_follows;

use super::tenant::{of_tenant, opened};
use super::{json_arg, print};

/// Rows of one transaction: others that write wait for so many at most.
const AT_ONCE: usize = 500;

/// `nightdesk contact …`.
pub fn command() -> Command {
    let who = || Arg::new("who").required(true).value_name("NUMBER|ID").help("Such as +493023125042");
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let many =
        |name: &'static str, value: &'static str, help: &'static str| text(name, value, help).action(ArgAction::Append);
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let written = |command: Command| {
        of_tenant(command)
            .arg(text("name", "NAME", "How they are called"))
            .arg(many("number", "NUMBER", "A further number"))
            .arg(many("list", "LIST", "Put them on this list: rules say caller = \"list:LIST\""))
            .arg(text("note", "TEXT", "What is to be known of them"))
            .arg(text("speaks", "de|en", "Their language: their calls begin in it"))
            .arg(many("mail", "ADDRESS", "A mail address, for invitations"))
            .arg(flag("vip", "They are important"))
            .arg(flag("blocked", "They are not wanted"))
            .arg(json_arg())
    };
    let set = written(Command::new("set").about("Change somebody; what is not named stays").arg(who()))
        .arg(many("no-number", "NUMBER", "Take this number away"))
        .arg(many("no-list", "LIST", "Take them off this list"))
        .arg(many("no-mail", "ADDRESS", "Take this address away"))
        .arg(flag("no-speaks", "Their language is not known").conflicts_with("speaks"))
        .arg(flag("no-vip", "They are not important").conflicts_with("vip"))
        .arg(flag("no-blocked", "They are wanted").conflicts_with("blocked"));
    let list = Command::new("list")
        .about("All, by name, or those that fit")
        .arg(Arg::new("search").value_name("TEXT").help("Part of a name, number, list or note"))
        .arg(text("list", "LIST", "On this list only"))
        .arg(json_arg());
    let import = Command::new("import")
        .about("Read them from a table (CSV) or vCards (.vcf): whoever has one of its numbers is changed, others are added")
        .arg(Arg::new("file").required(true).value_name("FILE").help(
            "Columns name, number, lists, vip, blocked, note, or Name, Telefon, Listen, Wichtig, Gesperrt, Notiz; or vCards 2.1, 3.0, 4.0; - is the standard input",
        ))
        .arg(many("list", "LIST", "Put everybody on this list"))
        .arg(flag("dry-run", "Say what would be done, and do nothing"))
        .arg(json_arg());
    Command::new("contact")
        .about("People whom a business knows by their numbers")
        .subcommand_required(true)
        .subcommand(of_tenant(list))
        .subcommand(written(Command::new("add").about("Add somebody").arg(who().value_name("NUMBER"))))
        .subcommand(set)
        .subcommand(of_tenant(Command::new("remove").about("Take somebody away").arg(who())))
        .subcommand(of_tenant(Command::new("block").about("Mark a number as not wanted").arg(who())))
        .subcommand(of_tenant(Command::new("unblock").about("Take the mark away").arg(who())))
        .subcommand(of_tenant(import))
        .subcommand(of_tenant(
            Command::new("export")
                .about("Print all as a table that import reads")
                .arg(flag("vcard", "As vCards 4.0: without the marks vip and blocked").conflicts_with("json"))
                .arg(json_arg()),
        ))
        .subcommands(more::commands())
}

/// Runs `nightdesk contact …`.
pub async fn run(given: &ArgMatches) -> Result<ExitCode> {
    let Some((verb, given)) = given.subcommand() else { bail!("say what: nightdesk contact list") };
    let (config, db, tenant) = opened(given).await?;
    let desk = Desk { db, tenant, at: System::new().now().utc };
    let done = match verb {
        "list" => desk.list(given).await,
        "add" => desk.add(given).await,
        "set" => desk.set(given).await,
        "remove" => desk.remove(given).await,
        "block" | "unblock" => desk.block(given, verb == "block").await,
        "import" => desk.import(given).await,
        "merge" => desk.merge(given).await,
        "split" => desk.split(given).await,
        "undo" => desk.undo(given).await,
        "name" => desk.name(given, &config).await,
        "timeline" => desk.timeline(given).await,
        _ => desk.export(given).await,
    };
    desk.db.close().await;
    done
}

/// What all of them work with.
struct Desk {
    db: Db,
    tenant: Tenant,
    at: Utc,
}

impl Desk {
    /// Everybody who fits, page after page.
    async fn all(&self, mut filter: Filter) -> Result<Vec<Contact>> {
        filter.limit = Cursor::PAGE_MAX;
        let mut all = Vec::new();
        loop {
            let (page, next) = store::list(&self.db, &self.tenant, &filter).await?;
            all.extend(page);
            let Some(next) = next else { return Ok(all) };
            filter.after = Some(next);
        }
    }

    async fn list(&self, given: &ArgMatches) -> Result<ExitCode> {
        let text = |name: &str| given.get_one::<String>(name).map(String::as_str);
        let list = text("list").map(list_name).transpose()?;
        let search = text("search").unwrap_or_default().to_owned();
        let found = self.all(Filter { list, search, ..Filter::default() }).await?;
        if given.get_flag("json") {
            print(&serde_json::to_string_pretty(&found.iter().map(contact_json).collect::<Vec<_>>())?)?;
        } else {
            for contact in &found {
                print(&told(contact))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn add(&self, given: &ArgMatches) -> Result<ExitCode> {
        let mut entry = Entry::default();
        entry.numbers.extend(given.get_one::<String>("who").cloned());
        write_over(&mut entry, given)?;
        let card = entry.check()?;
        let mut tx = self.db.write().await?;
        let id = store::add(&mut tx, &self.tenant, &card, self.at).await??;
        contact_follows(&mut tx, &self.tenant, &Follow::adopts(id, &card), self.at).await?;
        self.audit(&mut tx, Action::ContactAdded, &id.to_string()).await?;
        tx.commit().await?;
        self.shown(given, id).await
    }

    async fn set(&self, given: &ArgMatches) -> Result<ExitCode> {
        let contact = self.meant(given).await?;
        let mut entry = contact.card.entry();
        write_over(&mut entry, given)?;
        for text in given.get_many::<String>("no-number").into_iter().flatten() {
            let gone = number(text)?;
            entry.numbers.retain(|number| *number != gone);
        }
        for text in given.get_many::<String>("no-list").into_iter().flatten() {
            let gone = list_name(text)?;
            entry.lists.retain(|list| *list != gone);
        }
        for text in given.get_many::<String>("no-mail").into_iter().flatten() {
            let gone = mail_address(text)?;
            entry.mail.retain(|mail| *mail != gone);
        }
        entry.language = entry.language.filter(|_| !given.get_flag("no-speaks"));
        entry.vip &= !given.get_flag("no-vip");
        entry.blocked &= !given.get_flag("no-blocked");
        self.change(contact.id, entry).await?;
        self.shown(given, contact.id).await
    }

    async fn change(&self, id: ContactId, entry: Entry) -> Result<()> {
        let card = entry.check()?;
        let mut tx = self.db.write().await?;
        store::update(&mut tx, &self.tenant, id, &card, None, self.at).await??;
        contact_follows(&mut tx, &self.tenant, &Follow::adopts(id, &card), self.at).await?;
        self.audit(&mut tx, Action::ContactChanged, &id.to_string()).await?;
        Ok(tx.commit().await?)
    }

    async fn remove(&self, given: &ArgMatches) -> Result<ExitCode> {
        let contact = self.meant(given).await?;
        let mut tx = self.db.write().await?;
        store::remove(&mut tx, &self.tenant, contact.id, None, self.at).await??;
        self.audit(&mut tx, Action::ContactRemoved, &contact.id.to_string()).await?;
        tx.commit().await?;
        print(&format!("{} is removed", contact.card.label()))?;
        Ok(ExitCode::SUCCESS)
    }

    /// A number that nobody has is blocked by a contact without a name, which goes when it is no longer blocked:
    /// who is only a number is not known.
    async fn block(&self, given: &ArgMatches, blocked: bool) -> Result<ExitCode> {
        let text = given.get_one::<String>("who").cloned().unwrap_or_default();
        let label = match self.find(&text).await? {
            Some(contact) if !blocked && is_bare(&contact) => {
                let mut tx = self.db.write().await?;
                store::remove(&mut tx, &self.tenant, contact.id, None, self.at).await??;
                self.audit(&mut tx, Action::ContactRemoved, &contact.id.to_string()).await?;
                tx.commit().await?;
                contact.card.label().to_owned()
            }
            Some(contact) => {
                self.change(contact.id, Entry { blocked, ..contact.card.entry() }).await?;
                contact.card.label().to_owned()
            }
            None if blocked => {
                let card = Entry { numbers: vec![text], blocked, ..Entry::default() }.check()?;
                let mut tx = self.db.write().await?;
                let id = store::add(&mut tx, &self.tenant, &card, self.at).await??;
                self.audit(&mut tx, Action::ContactAdded, &id.to_string()).await?;
                tx.commit().await?;
                card.label().to_owned()
            }
            None => return Err(unknown(&text)),
        };
        print(&format!("{label} is {}blocked", if blocked { "" } else { "no longer " }))?;
        Ok(ExitCode::SUCCESS)
    }

    async fn import(&self, given: &ArgMatches) -> Result<ExitCode> {
        let file = given.get_one::<String>("file").map(String::as_str).unwrap_or_default();
        let text = bytes(file)?;
        let read = if is_vcard(&text) { vcard::read(&text) } else { sheet::read(&text) };
        let Sheet { rows: read, mut bad, left } = read.with_context(|| format!("{file} cannot be imported"))?;
        let mut rows = Vec::with_capacity(read.len());
        for row in read {
            let mut lists = given.get_many::<String>("list").into_iter().flatten();
            match lists.try_fold(row, |row, list| row.on_list(list)) {
                Ok(row) => rows.push(row),
                Err(line) => bad.push(line),
            }
        }
        let dry = given.get_flag("dry-run");
        let mut totals = Totals::default();
        for some in rows.chunks(AT_ONCE) {
            let mut tx = self.db.write().await?;
            Import::begin(&mut tx, &self.tenant).await?.rows(some, &mut totals, &mut bad, self.at).await?;
            // Dropped, it never was.
            if !dry {
                self.audit(&mut tx, Action::ContactsImported, &some.len().to_string()).await?;
                tx.commit().await?;
            }
        }
        let Totals { added, changed, same } = totals;
        bad.sort_by_key(|row| row.line);
        if given.get_flag("json") {
            let lines = |rows: &[BadRow]| -> Vec<Value> {
                rows.iter().map(|row| json!({"line": row.line, "why": row.why})).collect()
            };
            let told = json!({
                "added": added, "changed": changed, "unchanged": same, "dry_run": dry, "bad": lines(&bad),
                "left_out": lines(&left),
            });
            print(&serde_json::to_string_pretty(&told)?)?;
        } else {
            for row in &bad {
                eprintln!("{file}:{}: {}", row.line, row.why);
            }
            for row in &left {
                eprintln!("{file}:{}: left out: {}", row.line, row.why);
            }
            let would = if dry { "would be " } else { "" };
            let left = if bad.is_empty() { String::new() } else { format!(", {} left out", bad.len()) };
            print(&format!("{added} {would}added, {changed} {would}changed, {same} as before{left}"))?;
        }
        Ok(ExitCode::from(u8::from(!bad.is_empty())))
    }

    async fn export(&self, given: &ArgMatches) -> Result<ExitCode> {
        let all = self.all(Filter::default()).await?;
        if given.get_flag("json") {
            print(&serde_json::to_string_pretty(&all.iter().map(contact_json).collect::<Vec<_>>())?)?;
        } else {
            let mut file = Vec::new();
            if given.get_flag("vcard") {
                file.extend(vcard::write(&all).into_bytes());
            } else {
                sheet::write(&mut file, &all)?;
            }
            std::io::stdout().lock().write_all(&file)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// By id, or a number in any form.
    async fn find(&self, text: &str) -> Result<Option<Contact>> {
        Ok(match text.parse::<ContactId>() {
            Ok(id) => store::get(&self.db, &self.tenant, id).await?,
            Err(_) => store::by_number(&self.db, &self.tenant, text).await?,
        })
    }

    async fn meant(&self, given: &ArgMatches) -> Result<Contact> {
        let text = given.get_one::<String>("who").map(String::as_str).unwrap_or_default();
        self.find(text).await?.ok_or_else(|| unknown(text))
    }

    async fn shown(&self, given: &ArgMatches, id: ContactId) -> Result<ExitCode> {
        let contact = store::get(&self.db, &self.tenant, id).await?.context("it was removed meanwhile")?;
        let json = given.get_flag("json");
        print(&if json { serde_json::to_string_pretty(&contact_json(&contact))? } else { told(&contact) })?;
        Ok(ExitCode::SUCCESS)
    }

    async fn audit(&self, tx: &mut Tx, action: Action, object: &str) -> Result<()> {
        Ok(person::store::audit(tx, &self.tenant, self.at, Actor::Console, action, object).await?)
    }
}

/// Whether nothing is known but numbers.
fn is_bare(contact: &Contact) -> bool {
    let card = &contact.card;
    let known = card.language.is_some() || !card.mail.is_empty() || contact.name_clip.is_some();
    card.name.is_empty() && card.note.is_empty() && card.lists.is_empty() && !card.vip && !known
}

fn unknown(text: &str) -> anyhow::Error {
    anyhow!("{text:?} is nobody's number: nightdesk contact list shows all")
}

/// What the options say of somebody.
fn write_over(entry: &mut Entry, given: &ArgMatches) -> Result<()> {
    let text = |name: &str| given.get_one::<String>(name).cloned();
    let many = |name: &str| given.get_many::<String>(name).into_iter().flatten().cloned();
    entry.name = text("name").unwrap_or_else(|| std::mem::take(&mut entry.name));
    entry.note = text("note").unwrap_or_else(|| std::mem::take(&mut entry.note));
    entry.numbers.extend(many("number"));
    entry.lists.extend(many("list"));
    entry.vip |= given.get_flag("vip");
    entry.blocked |= given.get_flag("blocked");
    entry.mail.extend(many("mail"));
    if let Some(language) = text("speaks") {
        entry.language = Some(language.parse::<Language>().with_context(|| format!("--speaks {language}"))?);
    }
    Ok(())
}

/// What a file is, is told by how it begins: its name may be missing.
fn is_vcard(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    text.get(..11).is_some_and(|begin| begin.eq_ignore_ascii_case(b"BEGIN:VCARD"))
}

/// One byte more than may be is enough to say that it is too long.
fn bytes(file: &str) -> Result<Vec<u8>> {
    let most = u64::try_from(sheet::FILE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    if file == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
    } else {
        let opened = std::fs::File::open(Path::new(file)).with_context(|| format!("{file} cannot be read"))?;
        opened.take(most).read_to_end(&mut bytes).with_context(|| format!("{file} cannot be read"))?;
    }
    Ok(bytes)
}

fn told(contact: &Contact) -> String {
    let card = &contact.card;
    let marks = [(card.vip, "vip"), (card.blocked, "blocked")];
    let marks = marks.iter().filter(|(is, _)| *is).map(|(_, word)| (*word).to_owned());
    let more: Vec<String> = marks.chain(card.lists.iter().map(|list| format!("list:{list}"))).collect();
    format!("{}  {:<24} {}  {}", contact.id, card.name, card.numbers.join(" "), more.join(" ")).trim_end().to_owned()
}

fn contact_json(contact: &Contact) -> Value {
    let card = &contact.card;
    json!({
        "id": contact.id.to_string(), "name": card.name, "note": card.note, "numbers": card.numbers,
        "lists": card.lists, "vip": card.vip, "blocked": card.blocked,
        "language": card.language.map(Language::as_str), "mail": card.mail, "version": contact.version,
        "name_clip": contact.name_clip.as_ref().map(|clip| json!({
            "id": clip.id.to_string(), "transcript": clip.transcript, "confirmed": clip.confirmed,
            "duration": nightdesk::message::export::seconds(clip.duration_ms),
        })),
        "created_at": contact.created_at.rfc3339(), "changed_at": contact.changed_at.rfc3339(),
    })
}
