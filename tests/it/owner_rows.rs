//! What an owner changes by telephone, as rows on both engines and as files.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use nightdesk::call::{Clips, Made, OwnerAction, OwnerEvent, Pin, Sound};
use nightdesk::clock::{System, Utc};
use nightdesk::flow::{AUTHOR, Digits, Done};
use nightdesk::ids::{CallId, Language, LegId, TakeId};
use nightdesk::media::Codec;
use nightdesk::media::take::put_block;
use nightdesk::opening;
use nightdesk::person::Actor;
use nightdesk::person::pin::{Pin as Right, PinKey, TRIES_MAX};
use nightdesk::person::store::{audit_lines, pin};
use nightdesk::run::disk::Disk;
use nightdesk::run::files::Recordings;
use nightdesk::run::owner::{Owners, Who};
use nightdesk::run::prompts::Libraries;
use nightdesk::run::recorder::{self, Folders, Said};
use nightdesk::run::sounds::Sounds;
use nightdesk::run::studio::Studio;
use nightdesk::tenant::Tenant;
use tokio::sync::mpsc;

use crate::support::{Fresh, START, at};

both!(
    a_pin_is_locked_for_all_calls,
    hours_are_set_and_lifted,
    prompts_are_kept_and_taken_back,
    what_is_not_set_changes_nothing,
);

const PIN: &str = "473926";
const HOUR: i64 = 3600;

/// The shell of one call.
struct Desk<'f> {
    fresh: &'f Fresh,
    owners: Owners,
    who: Who,
    answers: mpsc::UnboundedReceiver<OwnerEvent>,
}

impl<'f> Desk<'f> {
    async fn of(fresh: &'f Fresh, tenant: &Tenant) -> Desk<'f> {
        let (tell, answers) = mpsc::unbounded_channel();
        let listener = Arc::new(move |leg, event| {
            assert_eq!(leg, LegId(7));
            let _ = tell.send(event);
        });
        let key = PinKey::new([5; 32]);
        let runtime = tokio::runtime::Handle::current();
        let (db, data, sounds) = (fresh.db.clone(), fresh.dir.path(), Arc::new(Sounds::open().unwrap()));
        let libraries = Arc::new(Libraries::new(Arc::clone(&sounds), data));
        let studio = Studio::open(db.clone(), System::new(), data, 0, sounds, crate::worker::worker(1)).unwrap();
        let owners = Owners { db, key, studio, libraries, listener, runtime };
        let who = Who { call: CallId::new(START, rand::random()), tenant: tenant.clone() };
        Desk { fresh, owners, who, answers }
    }

    async fn ask(&mut self, action: OwnerAction) -> OwnerEvent {
        self.owners.ask(LegId(7), self.who.clone(), action);
        self.answers.recv().await.unwrap()
    }

    async fn tries(&mut self, digits: &str) -> Pin {
        match self.ask(OwnerAction::CheckPin { tried: Digits::from(digits), at: START }).await {
            OwnerEvent::Pin(pin) => pin,
            other => panic!("{other:?}"),
        }
    }

    async fn changes(&mut self, action: OwnerAction) -> Done {
        match self.ask(action).await {
            OwnerEvent::Done(done) => done,
            other => panic!("{other:?}"),
        }
    }

    async fn closes(&mut self, from: i64, until: i64) -> Done {
        self.changes(OwnerAction::SetHours { open: false, at: at(from), until: at(until) }).await
    }

    /// Ends of what stands, in hours since the start.
    async fn stands(&self, now: Utc) -> Vec<i64> {
        let standing = opening::store::standing(&self.fresh.db, &self.who.tenant, now).await.unwrap();
        standing.iter().map(|kept| (kept.by_hand.until().0 - START.0) / 3_600_000).collect()
    }

    /// What this call did, by name: in one millisecond there is no order.
    async fn audit(&self) -> Vec<String> {
        let lines = audit_lines(&self.fresh.db, &self.who.tenant, 100).await.unwrap();
        let own = lines.iter().filter(|line| line.actor == Actor::Call(self.who.call));
        let mut actions: Vec<String> = own.map(|line| line.action.clone()).collect();
        actions.sort();
        actions
    }
}

async fn a_pin_is_locked_for_all_calls(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut desk = Desk::of(f, &tenant).await;
    assert_eq!(desk.tries(PIN).await, Pin::Wrong, "none is set");
    let mut tx = f.db.write().await.unwrap();
    let digits = Right::new(PIN).unwrap();
    pin::set(&mut tx, &tenant, &desk.owners.key, &digits, "Anna", Actor::Console, START).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(desk.tries(PIN).await, Pin::Right);
    assert_eq!(desk.audit().await, ["pin_right", "pin_wrong"]);
    for _ in 0..TRIES_MAX {
        // Each from another call.
        let mut another = Desk::of(f, &tenant).await;
        assert_eq!(another.tries("111222").await, Pin::Wrong);
    }
    let mut late = Desk::of(f, &tenant).await;
    assert_eq!((late.tries("111222").await, late.tries(PIN).await), (Pin::Locked, Pin::Locked));
    assert_eq!(late.audit().await, ["pin_locked", "pin_locked"]);
    let other = f.tenant("Kanzlei").await;
    assert_eq!(Desk::of(f, &other).await.tries(PIN).await, Pin::Wrong, "each line has its own");
    let mut tx = f.db.write().await.unwrap();
    assert!(pin::unlock(&mut tx, &tenant, Actor::Console, START).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(late.tries(PIN).await, Pin::Right);
}

async fn hours_are_set_and_lifted(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut desk = Desk::of(f, &tenant).await;
    let before = f.db.line_changes().await.unwrap();
    assert_eq!(desk.closes(0, 48 * HOUR).await, Done::Yes);
    assert!(f.db.line_changes().await.unwrap() > before, "lines are made anew by it");
    assert_eq!(desk.closes(60, 2 * HOUR).await, Done::Yes);
    let standing = opening::store::standing(&f.db, &tenant, at(61)).await.unwrap();
    assert!(standing.iter().all(|kept| kept.by_hand.by() == AUTHOR && !kept.by_hand.open()));
    assert_eq!(desk.stands(at(61)).await, [48, 2]);
    // Planned for next week, by somebody with a computer.
    let planned = nightdesk::hours::Override::new(true, at(200 * HOUR), at(208 * HOUR), at(0), None, "Anna".into());
    let mut tx = f.db.write().await.unwrap();
    opening::store::set(&mut tx, &tenant, &planned.unwrap()).await.unwrap().unwrap();
    tx.commit().await.unwrap();

    let other = f.tenant("Kanzlei").await;
    assert_eq!(Desk::of(f, &other).await.changes(OwnerAction::LiftHours { at: at(90) }).await, Done::Nothing);
    assert_eq!(desk.changes(OwnerAction::LiftHours { at: at(90) }).await, Done::Yes);
    assert_eq!(desk.stands(at(91)).await, [208], "what holds is lifted, what is planned is not");
    assert_eq!(desk.changes(OwnerAction::LiftHours { at: at(92) }).await, Done::Nothing);
    assert_eq!(desk.audit().await, ["override_lifted", "override_lifted", "override_set", "override_set"]);
}

async fn prompts_are_kept_and_taken_back(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut desk = Desk::of(f, &tenant).await;
    let library = desk.owners.libraries.of(tenant.id());
    let heard = || library.clip(Language::De, "greeting").unwrap().duration_ms();
    let shipped = heard();
    let drafts = Recordings::open(&f.dir.path().join("drafts")).unwrap();
    let recorded = |ms: u32| -> Arc<Sound> {
        let take = TakeId::new(START, rand::random());
        spoken(&drafts.take_path(take), ms);
        Arc::new(drafts.draft(take, Duration::ZERO).unwrap().unwrap())
    };
    let keep = |sound: &Arc<Sound>, prompt: &str| OwnerAction::Keep {
        language: Language::De,
        prompt: prompt.into(),
        sound: Arc::clone(sound),
    };
    let restore = || OwnerAction::Restore { language: Language::De, prompt: "greeting".into() };
    let [short, long] = [1200, 2400].map(recorded);
    assert_eq!(desk.changes(restore()).await, Done::Nothing, "the shipped one is the oldest");
    for sound in [&short, &long] {
        assert_eq!(desk.changes(keep(sound, "greeting")).await, Done::Yes);
        assert_eq!(heard(), sound.clip.duration_ms(), "heard at once, as it was heard before it was kept");
    }
    let place = nightdesk::prompt::Place { language: Language::De, prompt: "greeting".parse().unwrap() };
    let versions = nightdesk::prompt::store::history(&f.db, &tenant, &place).await.unwrap();
    assert!(versions.iter().all(|version| version.source == nightdesk::prompt::Source::Phone));
    assert_eq!(desk.changes(restore()).await, Done::Yes);
    assert_eq!(heard(), short.clip.duration_ms());
    assert_eq!(desk.changes(restore()).await, Done::Yes);
    assert_eq!(heard(), shipped);
    assert_eq!(desk.changes(restore()).await, Done::Nothing);
    assert_eq!(desk.changes(keep(&short, "../x")).await, Done::Failed);
    assert_eq!(desk.audit().await, ["prompt_reset", "prompt_restored", "prompt_set", "prompt_set"]);
    assert!(files(&f.dir.path().join("drafts")).is_empty());
}

async fn what_is_not_set_changes_nothing(f: &Fresh) {
    let tenant = f.tenant("Praxis").await;
    let mut desk = Desk::of(f, &tenant).await;
    assert_eq!(desk.closes(60, 0).await, Done::Failed, "over before it began");
    assert_eq!(desk.closes(0, 401 * 24 * HOUR).await, Done::Failed, "too long");
    let restore = OwnerAction::Restore { language: Language::De, prompt: "greeting".into() };
    assert_eq!(desk.changes(restore).await, Done::Nothing);
    assert!(desk.stands(START).await.is_empty() && desk.audit().await.is_empty());
    f.db.close().await;
    assert_eq!(desk.closes(0, HOUR).await, Done::Failed);
    assert_eq!(desk.tries(PIN).await, Pin::Unknown);
}

/// A take's file of so many milliseconds of noise.
fn spoken(path: &Path, ms: u32) {
    let mut bytes = Vec::new();
    let mut noise = 1_u32;
    for at in 0..ms / 20 {
        let payload: Vec<u8> = (0..160)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                u8::try_from(noise >> 24).unwrap()
            })
            .collect();
        put_block(&mut bytes, Codec::Pcma, at * 160, &payload);
    }
    std::fs::write(path, bytes).unwrap();
}

fn files(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_draft_is_heard_once_and_its_file_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let drafts = Recordings::open(dir.path()).unwrap();
    let take = TakeId::new(START, [1; 10]);
    spoken(&drafts.take_path(take), 2000);
    let sound = drafts.draft(take, Duration::from_millis(300)).unwrap().unwrap();
    assert!(sound.clip.duration_ms().abs_diff(2300) < 100, "{sound:?}");
    assert!(files(dir.path()).is_empty());
    spoken(&drafts.take_path(take), 200);
    assert_eq!(drafts.draft(take, Duration::from_millis(300)).unwrap(), None);
    assert!(files(dir.path()).is_empty(), "what is too short is not kept either");
    assert!(drafts.draft(take, Duration::ZERO).is_err());
}

#[test]
fn what_a_crash_left_of_drafts_goes_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let drafts = Recordings::open(dir.path()).unwrap();
    let take = TakeId::new(START, [1; 10]);
    spoken(&drafts.take_path(take), 100);
    for name in ["notes.txt", "x.take", &format!("{take}.wav")] {
        std::fs::write(dir.path().join(name), "of somebody").unwrap();
    }
    assert_eq!(drafts.remove_all_takes().unwrap(), 1);
    assert_eq!(files(dir.path()), [format!("{take}.wav"), "notes.txt".into(), "x.take".into()]);
}

#[test]
fn a_dropped_draft_stays_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let [recordings, drafts] = ["recordings", "drafts"].map(|name| Recordings::open(&dir.path().join(name)).unwrap());
    let (tell, said) = std::sync::mpsc::channel();
    let listener = Arc::new(move |_, said| {
        if let Said::Draft(event) = said {
            let _ = tell.send(event);
        }
    });
    let disk = Arc::new(Disk::watch(dir.path(), 0));
    let recorder = recorder::start(Folders { recordings, drafts }, disk, listener).unwrap();
    let [first, second] = [[1; 10], [2; 10]].map(|random| TakeId::new(START, random));
    recorder.open_draft(LegId(1), first);
    assert!(matches!(said.recv().unwrap(), OwnerEvent::Opened(take) if take == first));
    recorder.append(first, b"some");
    recorder.drop_draft(first);
    // The stream had not heard of it yet.
    recorder.append(first, b"more");
    recorder.open_draft(LegId(1), second);
    assert!(matches!(said.recv().unwrap(), OwnerEvent::Opened(take) if take == second));
    assert_eq!(files(&dir.path().join("drafts")), [format!("{second}.take")]);
    recorder.finish_draft(LegId(1), second, Duration::ZERO);
    assert!(matches!(said.recv().unwrap(), OwnerEvent::Made(take, Made::Empty) if take == second));
    assert!(files(&dir.path().join("drafts")).is_empty());
}
