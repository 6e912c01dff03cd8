//! `nightdesk callback`: everybody who still is to be called back.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use nightdesk::callback::store;
use nightdesk::callback::{
    Act, By, ByHand, Callback, EventKind, Filter, Outcome, PromiseKind, Promised, Reach, Rules, Show, State, Whole,
};
use nightdesk::clock::{System, Utc};
use nightdesk::db::Db;
use nightdesk::dial::Verdict;
use nightdesk::hours::Hours;
use nightdesk::ids::{CallbackId, ContactId, Cursor, Language, PersonId};
use nightdesk::person::{self, Action, Actor, Person};
use nightdesk::plan::{Callbacks, Plan};
use nightdesk::revision::Current;
use nightdesk::run::plans;
use nightdesk::tenant::Tenant;
use nightdesk::{contact, opening};

use super::tenant::{of_tenant, opened};
use super::{config, json_arg, print};

mod told;

/// Entries that `next` claims at once.
const COUNT_MAX: u32 = 10_000;
/// Time that figures are of where nothing is said.
const FIGURES_OF: std::time::Duration = std::time::Duration::from_hours(30 * 24);

/// `nightdesk callback …`.
pub fn command() -> Command {
    let id = || Arg::new("id").required(true).value_name("ID").help("Which: nightdesk callback list shows them");
    let on = |name: &'static str, about: &'static str| common(Command::new(name).about(about).arg(id()));
    let words = |all: &[&'static str]| clap::builder::PossibleValuesParser::new(all.to_vec());
    let result = Reach::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>();
    let outcome = Outcome::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>();
    let attempt = on("attempt", "Say what came of a call")
        .arg(Arg::new("result").required(true).value_name("RESULT").value_parser(words(&result)))
        .arg(text("note", "TEXT", "What is to be known of it"));
    let done = on("done", "Nothing is left to do")
        .arg(Arg::new("outcome").value_name("OUTCOME").value_parser(words(&outcome)).default_value("solved"))
        .arg(text("note", "TEXT", "What is to be known of it"));
    let number = Command::new("number")
        .about("The number to call")
        .subcommand_required(true)
        .subcommand(on("allow", "It may be called though it needs leave"))
        .subcommand(
            on("set", "Call this one")
                .arg(Arg::new("number").required(true).value_name("NUMBER").help("Such as +493023125042")),
        );
    let assign = on("assign", "For one person for a while: then it falls to all")
        .arg(Arg::new("to").value_name("PERSON").help("Name or id [default: for all again]"));
    let snooze = on("snooze", "Not before a time").arg(
        Arg::new("until").required(true).value_name("TIME").help("20:00, mon 08:00, tomorrow 08:00, 2026-12-28T08:00"),
    );
    Command::new("callback")
        .about("Everybody who still is to be called back")
        .subcommand_required(true)
        .subcommand(list_command())
        .subcommand(on("show", "One, with its calls, promises, tries and timeline"))
        .subcommand(common(Command::new("next").about("Claim the most pressing one that may be called now").arg(
            text("count", "N", "Claim so many").value_parser(clap::value_parser!(u32).range(1..=i64::from(COUNT_MAX))),
        )))
        .subcommand(on("claim", "Take it, or renew the claim: without activity it returns by itself"))
        .subcommand(on("release", "Give it back"))
        .subcommand(attempt)
        .subcommand(on("note", "Note something").arg(Arg::new("note").required(true).value_name("TEXT").help("What")))
        .subcommand(snooze)
        .subcommand(done)
        .subcommand(on("give-up", "Nobody is tried any more").arg(text("note", "TEXT", "Why")))
        .subcommand(on("reopen", "Something is left to do after all"))
        .subcommand(on("undo", "Take back what was done last, while nothing else has happened"))
        .subcommand(assign)
        .subcommand(
            on("urgent", "Before others")
                .arg(Arg::new("off").long("off").action(ArgAction::SetTrue).help("Like others again")),
        )
        .subcommand(on("admit", "What was held back goes among the others"))
        .subcommand(number)
        .subcommand(add_command())
        .subcommand(common(
            Command::new("figures")
                .about("How well promises are kept, and how long people wait")
                .arg(text("from", "TIME", "From then on [default: 30 days ago]"))
                .arg(text("to", "TIME", "Until then [default: now]")),
        ))
}

fn text(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn common(command: Command) -> Command {
    of_tenant(command)
        .arg(text("as", "PERSON", "Who does it: name or id [default: the only person there is]"))
        .arg(json_arg())
}

fn list_command() -> Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    common(
        Command::new("list")
            .about("What is open, the most pressing first")
            .arg(Arg::new("search").value_name("TEXT").help("Part of a name, number or matter"))
            .arg(flag("done", "Those that are over, the newest first"))
            .arg(flag("all", "Open ones and those that are over").conflicts_with("done"))
            .arg(flag("mine", "Those that I have, or that are assigned to me"))
            .arg(flag("due", "Those that I may call now"))
            .arg(flag("overdue", "Past what was promised or booked"))
            .arg(flag("urgent", "Urgent ones"))
            .arg(text("matter", "NAME", "About this"))
            .arg(text("speaks", "de|en", "Of callers who speak this"))
            .arg(text("line", "NUMBER", "Of this line"))
            .arg(text("contact", "ID", "Of this contact")),
    )
}

fn add_command() -> Command {
    common(
        Command::new("add")
            .about("Make one by hand")
            .arg(Arg::new("number").required(true).value_name("NUMBER").help("Such as +493023125042"))
            .arg(text("name", "NAME", "Whom it is for"))
            .arg(text("matter", "NAME", "What it is about"))
            .arg(text("note", "TEXT", "More of it"))
            .arg(text("promise", "TIME", "They were told: by then at the latest"))
            .arg(Arg::new("urgent").long("urgent").action(ArgAction::SetTrue).help("Before others")),
    )
}

/// Runs `nightdesk callback …`.
pub async fn run(given: &ArgMatches) -> Result<ExitCode> {
    let Some((mut verb, mut given)) = given.subcommand() else { bail!("say what: nightdesk callback list") };
    if verb == "number" {
        (verb, given) = match given.subcommand() {
            Some(("allow", given)) => ("allow", given),
            Some((_, given)) => ("number", given),
            None => bail!("say what: nightdesk callback number set"),
        };
    }
    let desk = Desk::open(given).await?;
    let done = match verb {
        "list" => desk.list(given).await,
        "show" => desk.show(given, desk.id(given)?).await,
        "next" => desk.next(given).await,
        "undo" => desk.undo(given).await,
        "add" => desk.add(given).await,
        "figures" => desk.figures(given).await,
        verb => desk.act(given, verb).await,
    };
    desk.db.close().await;
    done
}

/// What all of them work with.
struct Desk {
    db: Db,
    tenant: Tenant,
    zone: TimeZone,
    people: Vec<Person>,
    me: Option<PersonId>,
    now: Utc,
}

impl Desk {
    async fn open(given: &ArgMatches) -> Result<Desk> {
        let (_, db, tenant) = opened(given).await?;
        let people = person::store::all(&db, &tenant).await?;
        let zone = TimeZone::get(tenant.timezone()).unwrap_or(TimeZone::UTC);
        let mut desk = Desk { db, tenant, zone, people, me: None, now: System::new().now().utc };
        desk.me = match (given.get_one::<String>("as"), desk.people.as_slice()) {
            (Some(text), _) => Some(desk.person(text)?),
            (None, [only]) => Some(only.id),
            (None, _) => None,
        };
        Ok(desk)
    }

    fn person(&self, text: &str) -> Result<PersonId> {
        let id: Option<PersonId> = text.parse().ok();
        let named = |person: &&Person| Some(person.id) == id || person.name.to_lowercase() == text.to_lowercase();
        let mut found = self.people.iter().filter(named);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one.id),
            (Some(_), Some(_)) => bail!("several people are called {text:?}: name one by its id"),
            (None, _) => {
                let all: Vec<&str> = self.people.iter().map(|person| person.name.as_str()).collect();
                bail!("there is no person {text:?} of {}: {}", self.tenant.name(), all.join(", "))
            }
        }
    }

    fn by(&self) -> By {
        self.me.map_or(By::Console, By::Person)
    }

    fn me(&self) -> Result<PersonId> {
        self.me.ok_or_else(|| anyhow!("say who does it: --as PERSON"))
    }

    fn id(&self, given: &ArgMatches) -> Result<CallbackId> {
        let text = given.get_one::<String>("id").map(String::as_str).unwrap_or_default();
        text.parse().map_err(|_| anyhow!("{text:?} is no id: nightdesk callback list shows them"))
    }

    fn moment(&self, text: &str) -> Result<Utc> {
        Ok(opening::moment(text, &self.zone, &Hours::always(), self.now)?)
    }

    /// The plan that counts: its rules for callbacks, and which numbers may be called.
    async fn current(&self, given: &ArgMatches) -> Result<Arc<Current>> {
        let basis = Arc::new(plans::basis(&config(given)?)?);
        plans::current(&self.db, &basis, &self.tenant).await
    }

    async fn list(&self, given: &ArgMatches) -> Result<ExitCode> {
        let word = |name: &str| given.get_one::<String>(name).cloned();
        let show = match (given.get_flag("done"), given.get_flag("all")) {
            (true, _) => Show::Done,
            (_, true) => Show::All,
            _ => Show::Open,
        };
        let mut filter = Filter {
            show,
            mine: if given.get_flag("mine") { Some(self.me()?) } else { None },
            due: if given.get_flag("due") { Some(self.me()?) } else { None },
            overdue: given.get_flag("overdue"),
            urgent: given.get_flag("urgent"),
            matter: word("matter"),
            language: word("speaks").map(|word| word.parse::<Language>()).transpose()?,
            called: word("line").map(|line| nightdesk::ids::dialled(&line)),
            contact: word("contact").map(|id| id.parse::<ContactId>()).transpose()?,
            search: word("search").unwrap_or_default(),
            after: None,
            limit: Cursor::PAGE_MAX,
        };
        let mut all = Vec::new();
        loop {
            let (page, next) = store::list(&self.db, &self.tenant, &filter, self.now).await?;
            all.extend(page);
            let Some(next) = next else { break };
            filter.after = Some(next);
        }
        self.print_all(given, &all)?;
        Ok(ExitCode::SUCCESS)
    }

    async fn show(&self, given: &ArgMatches, id: CallbackId) -> Result<ExitCode> {
        let whole = store::whole(&self.db, &self.tenant, id).await?;
        let whole = whole.with_context(|| format!("there is no callback {id}: nightdesk callback list shows all"))?;
        if given.get_flag("json") {
            print(&serde_json::to_string_pretty(&told::whole(&whole, self.now))?)?;
        } else {
            print(&self.line(&whole.callback))?;
            self.print_timeline(&whole)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn next(&self, given: &ArgMatches) -> Result<ExitCode> {
        let who = self.me()?;
        let count = given.get_one::<u32>("count").copied();
        let mut claimed = Vec::new();
        while claimed.len() < count.unwrap_or(1) as usize {
            let now = System::new().now().utc;
            let mut tx = self.db.write().await?;
            let Some(callback) = store::claim_next(&mut tx, &self.tenant, who, now).await? else { break };
            self.audit(&mut tx, Action::CallbackChanged, &format!("{} claim", callback.id)).await?;
            tx.commit().await?;
            claimed.push(callback);
        }
        if claimed.is_empty() && count.is_none() {
            bail!("nothing is due: nightdesk callback list shows what is open");
        }
        match (claimed.as_slice(), count) {
            ([one], None) => self.print_one(given, one)?,
            (all, _) => self.print_all(given, all)?,
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn act(&self, given: &ArgMatches, verb: &str) -> Result<ExitCode> {
        let id = self.id(given)?;
        let act = self.meant(given, verb).await?;
        let mut tx = self.db.write().await?;
        let done = store::act(&mut tx, &self.tenant, id, self.by(), &act, None, self.now).await?;
        let callback = done.map_err(|why| self.refused(&why))?;
        self.audit(&mut tx, Action::CallbackChanged, &format!("{id} {verb}")).await?;
        tx.commit().await?;
        self.print_one(given, &callback)?;
        Ok(ExitCode::SUCCESS)
    }

    async fn meant(&self, given: &ArgMatches, verb: &str) -> Result<Act> {
        let word = |name: &str| given.get_one::<String>(name).cloned().unwrap_or_default();
        Ok(match verb {
            "claim" => Act::Claim,
            "release" => Act::Release,
            "attempt" => Act::Attempt { result: word("result").parse()?, note: word("note") },
            "note" => Act::Note(word("note")),
            "snooze" => Act::Snooze(self.moment(&word("until"))?),
            "done" => Act::Done { outcome: word("outcome").parse()?, note: word("note") },
            "give-up" => Act::GiveUp { note: word("note") },
            "reopen" => Act::Reopen,
            "assign" => Act::Assign(given.get_one::<String>("to").map(|to| self.person(to)).transpose()?),
            "urgent" => Act::Urgent(!given.get_flag("off")),
            "admit" => Act::Admit,
            "allow" => Act::Allow,
            "number" => {
                let number = contact::number(&word("number"))?;
                Act::Number { leave: leave(&self.current(given).await?.plan, &number), number }
            }
            _ => bail!("no such command: nightdesk callback --help lists them"),
        })
    }

    async fn undo(&self, given: &ArgMatches) -> Result<ExitCode> {
        let id = self.id(given)?;
        let mut tx = self.db.write().await?;
        let done = store::undo(&mut tx, &self.tenant, id, self.by(), None, self.now).await?;
        let callback = done.map_err(|why| self.refused(&why))?;
        self.audit(&mut tx, Action::CallbackChanged, &format!("{id} undo")).await?;
        tx.commit().await?;
        self.print_one(given, &callback)?;
        Ok(ExitCode::SUCCESS)
    }

    async fn add(&self, given: &ArgMatches) -> Result<ExitCode> {
        let word = |name: &str| given.get_one::<String>(name).cloned();
        let promise = match word("promise") {
            Some(text) => {
                let latest_at = self.moment(&text)?;
                Some(Promised {
                    kind: PromiseKind::Soon,
                    words: opening::shown(&self.zone, latest_at),
                    language: self.tenant.language(),
                    told_at: self.now,
                    latest_at,
                    start: None,
                })
            }
            None => None,
        };
        let current = self.current(given).await?;
        let number = word("number").map(|number| contact::number(&number)).transpose()?;
        let new = ByHand {
            leave: number.as_ref().and_then(|number| leave(&current.plan, number)),
            number,
            name: word("name").unwrap_or_default(),
            matter: word("matter"),
            note: word("note").unwrap_or_default(),
            language: self.tenant.language(),
            urgent: given.get_flag("urgent"),
            promise,
        };
        let mut tx = self.db.write().await?;
        let made =
            store::add(&mut tx, &self.tenant, &rules(&current.plan.callbacks), &new, self.by(), self.now).await?;
        let callback = made.map_err(|why| self.refused(&why))?;
        self.audit(&mut tx, Action::CallbackAdded, &callback.id.to_string()).await?;
        tx.commit().await?;
        self.print_one(given, &callback)?;
        Ok(ExitCode::SUCCESS)
    }

    async fn figures(&self, given: &ArgMatches) -> Result<ExitCode> {
        let moment = |name: &str| given.get_one::<String>(name).map(|text| self.moment(text)).transpose();
        let from = moment("from")?.unwrap_or(self.now.before(FIGURES_OF));
        let to = moment("to")?.unwrap_or(self.now);
        let figures = store::figures(&self.db, &self.tenant, &self.zone, from, to, self.now).await?;
        if given.get_flag("json") {
            print(&serde_json::to_string_pretty(&told::figures(&figures, from, to))?)?;
        } else {
            print(&told::figures_lines(&figures))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn audit(&self, tx: &mut nightdesk::db::Tx, action: Action, object: &str) -> Result<()> {
        let actor = self.me.map_or(Actor::Console, Actor::Person);
        Ok(person::store::audit(tx, &self.tenant, self.now, actor, action, object).await?)
    }

    /// Whoever is meant by name.
    fn refused(&self, why: &nightdesk::callback::Refusal) -> anyhow::Error {
        let mut text = why.to_string();
        for person in &self.people {
            text = text.replace(&person.id.to_string(), &person.name);
        }
        anyhow!(text)
    }

    fn name(&self, id: PersonId) -> String {
        self.people.iter().find(|person| person.id == id).map_or_else(|| id.to_string(), |person| person.name.clone())
    }

    fn print_one(&self, given: &ArgMatches, callback: &Callback) -> Result<()> {
        let json = given.get_flag("json");
        print(&if json {
            serde_json::to_string_pretty(&told::callback(callback, self.now))?
        } else {
            self.line(callback)
        })
    }

    fn print_all(&self, given: &ArgMatches, all: &[Callback]) -> Result<()> {
        if given.get_flag("json") {
            let all: Vec<Value> = all.iter().map(|callback| told::callback(callback, self.now)).collect();
            return print(&serde_json::to_string_pretty(&all)?);
        }
        all.iter().try_for_each(|callback| print(&self.line(callback)))
    }

    fn line(&self, callback: &Callback) -> String {
        let state = match callback.state.at(self.now) {
            State::Claimed { by, .. } => format!("claimed by {}", self.name(by)),
            State::Reached { by, .. } => format!("reached by {}", self.name(by)),
            State::Snoozed { until } => format!("until {}", opening::shown(&self.zone, until)),
            State::Over(over) => over.outcome.map_or("given up", Outcome::as_str).to_owned(),
            State::Open => "open".to_owned(),
        };
        let at = |word: &str, at: Utc| format!("{word} {}", opening::shown(&self.zone, at));
        let needs = callback.leave.as_ref().filter(|leave| leave.by.is_none());
        let marks = [
            callback.broken.map(|since| at("BROKEN since", since)),
            callback.urgent.then(|| "urgent".to_owned()),
            callback.slot.as_ref().map(|slot| at("booked", slot.start)),
            callback.promised.map(|latest| at("by", latest)),
            callback.matter.clone(),
            Some(format!("{} calls", callback.calls)).filter(|_| callback.calls > 1),
            Some(format!("tried {}×", callback.attempts)).filter(|_| callback.attempts > 0),
            callback.assigned.filter(|a| a.until > self.now).map(|assigned| format!("for {}", self.name(assigned.to))),
            needs.map(|leave| format!("needs leave ({})", leave.why)),
            callback.held.then(|| "held back".to_owned()),
            callback.proposed_to_give_up().then(|| "give up?".to_owned()),
        ];
        let marks: Vec<String> = marks.into_iter().flatten().collect();
        let number = callback.number.as_deref().unwrap_or("needs a number");
        let line = format!("{}  {number:<16} {:<20} {state}  {}", callback.id, callback.name, marks.join(", "));
        line.trim_end().to_owned()
    }

    fn print_timeline(&self, whole: &Whole) -> Result<()> {
        for event in &whole.events {
            let by = match event.by {
                By::Person(person) => self.name(person),
                By::Console => "console".to_owned(),
                By::Caller(_) => "caller".to_owned(),
                By::Clock => String::new(),
            };
            let detail = match event.kind {
                EventKind::Note | EventKind::Done | EventKind::GivenUp | EventKind::Attempt => {
                    let part = |name: &str| event.detail.get(name).and_then(Value::as_str).unwrap_or_default();
                    format!("{}{} {}", part("result"), part("outcome"), part("note"))
                }
                EventKind::PromiseTold => event.detail.get("words").and_then(Value::as_str).unwrap_or_default().into(),
                _ => String::new(),
            };
            let at = opening::shown(&self.zone, event.at);
            print(format!("  {at}  {:<18} {by}  {}", event.kind.as_str(), detail.trim()).trim_end())?;
        }
        Ok(())
    }
}

/// Why a number needs leave.
fn leave(plan: &Plan, number: &str) -> Option<String> {
    match plan.policy().verdict(number) {
        Verdict::Allowed => None,
        Verdict::NeedsLeave(kind) => Some(kind.code().to_owned()),
    }
}

/// The rules as entries keep them.
fn rules(plan: &Callbacks) -> Rules {
    Rules {
        missed: plan.missed,
        join: plan.join,
        reopen: plan.reopen,
        open_max: u32::from(plan.open),
        strangers_max: u32::from(plan.strangers),
        warn: plan.warn,
        lease: plan.lease,
        personal: plan.personal,
        retry: plan.retry.clone(),
        tries: u32::from(plan.tries),
    }
}

/// A time, or null.
fn when(at: Option<Utc>) -> Value {
    at.map_or(Value::Null, |at| json!(at.rfc3339()))
}
