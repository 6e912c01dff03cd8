//! Slots by telephone, told as the simulator tells them.

use nightdesk::clock::Utc;
use nightdesk::flow::simulate::{Desk, Transcripts, simulate_at};
use nightdesk::flow::{Setting, Visitor};
use nightdesk::ids::Language;

use crate::support::line;

/// Monday, 2026-11-23, 14:00 in Berlin.
const MONDAY: Utc = Utc(1_795_438_800_000);

const SLOTS: &str = r#"
[line]
business = "Muster"
hours    = "buero"
open     = "slots.rueckruf"

[hours.buero]
mon-fri  = ["08:00-12:00", "13:00-17:00"]

[calendar.rueckruf]
length   = "30m"
seats    = 4
lead     = "2h"

[slots.rueckruf]
say      = ["Wann dürfen wir Sie zurückrufen?"]
calendar = "rueckruf"
none     = "message.m"
else     = "message.m"

[message.m]
"#;

struct Ids;

impl Transcripts for Ids {
    fn transcript(&self, _language: Language, _prompt: &str) -> Option<String> {
        None
    }
}

fn told(text: &str, visitor: &Visitor, desk: &mut Desk, keys: &str) -> String {
    let setting = Setting::of(line::plan(text), "Nightdesk");
    let language = setting.plan.line.languages[0];
    simulate_at(desk, &setting, visitor, MONDAY, keys, &Ids).told(language)
}

#[test]
fn try_it() {
    println!("{}", told(SLOTS, &line::somebody(), &mut Desk::default(), "11"));
    println!("{}", told(SLOTS, &line::somebody(), &mut Desk::default(), "4520112709612"));
}
