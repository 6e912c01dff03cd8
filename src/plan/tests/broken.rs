//! Small broken plans, each with what is said about it.

use super::said;

/// A plan that is clean, to be broken.
const HEAD: &str = "\
[line]
numbers = [\"+49711123456\"]
hours = \"h\"
open = \"message.a\"
closed = \"message.a\"
[hours.h]
mon-fri = [\"08:00-17:00\"]
[message.a]
say = \"nachricht\"
";

/// A line with two languages.
const BOTH: &str = "[line]\nnumbers = [\"+49711123456\"]\nlanguage = [\"de\", \"en\"]\nopen = ";

/// What is added to [`HEAD`], or a whole plan; what is found.
const BROKEN: &[(&str, &str)] = &[
    ("P001", "[hours.x\nmon = []\n"),
    ("P001", "min = \"offen\n"),
    ("P001", "priority = hoch\n"),
    ("P001", "say = \"eins\"\n"),
    ("P010", "[menus.x]\nsay = \"nachricht\"\n"),
    ("P011", "silense = \"5s\"\n"),
    ("P012", "max = 180\n"),
    ("P012", "notify = 5\n"),
    ("P210 P012 P012", "[hours.t]\nmon = [08:00:00]\n[rule.r]\nto = \"message.a\"\nwhen = true\n"),
    ("P013 P201", "[ring.r]\ncall = [\"schulz\"]\n"),
    ("P014", "[message.\"A b\"]\n"),
    ("P015", "[menu]\nsay = \"nachricht\"\n"),
    ("P016", "=[message.a]\nsay = \"nachricht\"\n"),
    ("P017", "notify = []\n"),
    ("P020", "max = \"drei Minuten\"\n"),
    ("P021", "max = \"3h\"\n"),
    ("P022", "=[line]\nnumbers = [\"0711 123456\"]\nopen = \"hangup.a\"\n[hangup.a]\n"),
    ("P023", "=[line]\nlanguage = \"fr\"\nopen = \"hangup.a\"\n[hangup.a]\n"),
    ("P024", "=[line]\ntimezone = \"Europe/Berln\"\nopen = \"hangup.a\"\n[hangup.a]\n"),
    (
        "P025",
        "[rule.r]\ncaller = \"vip\"\nto = \"menu.m\"\n[menu.m]\nsay = \"greeting\"\nkey.A = \"message.a\"\nsilence = \"message.a\"\n",
    ),
    (
        "P026 P206",
        "[rule.r]\ncaller = \"vip\"\nto = \"menu.m\"\n[menu.m]\nsay = \"greeting\"\nrepeat = 99\nkey.1 = \"message.a\"\nkey.12 = \"message.a\"\nsilence = \"message.a\"\n",
    ),
    ("P027", "priority = \"urgnt\"\n"),
    ("P028 P102", "notify = [\"buero@example.de\", \"push:niemand\"]\n"),
    ("P029 P107 P029", "[rule.r]\ncaller = [\"wip\", \"list:stammkundn\", \"country:XX\"]\nto = \"message.a\"\n"),
    ("P030 P101", "[rule.r]\ncaller = \"vip\"\nto = \"a\"\n[rule.s]\ncaller = \"blocked\"\nto = \"massage.a\"\n"),
    (
        "P032 P031",
        "=[line]\nnumbers = [\"+49711999999\", \"+49711123456\", \"+49711123456\"]\nopen = \"hangup.a\"\n[hangup.a]\n",
    ),
    ("P208 P033", "[rule.r]\nto = \"message.a\"\n[rule.s]\ncalled = \"+49711123457\"\nto = \"message.a\"\n"),
    ("P036 P036 P025", "key.\"#\" = \"message.a\"\nkey.\"1#\" = \"message.a\"\nkey.x = \"message.a\"\n"),
    ("P211 P203", "key.1 = \"say.s\"\nkey.2 = \"back\"\n[say.s]\nsay = \"…\"\n"),
    ("P103", "=[line]\nopen = \"hangup.a\"\n[hangup.a]\nsay = \"nachrcht\"\n"),
    (
        "P104",
        "=[line]\nlanguage = [\"de\", \"en\"]\nopen = \"hangup.a\"\n[hangup.a]\nsay = \"ciao\"\n[prompt.ciao]\nde = \"Auf Wiederhören.\"\n",
    ),
    ("P105 P106", "[rule.r]\ncaller = \"vip\"\nto = \"say.s\"\n[say.s]\nsay = [\"Bis {untl}.\", \"Bis {until.\"]\n"),
    (
        "P201 P210 P210",
        "[menu.m]\nsay = \"greeting\"\nkey.1 = \"say.s\"\nsilence = \"say.s\"\n[say.s]\nsay = \"Guten Tag.\"\n[hours.t]\nsat = \"08:00-09:00\"\n[person.x]\nphone = \"+4915112345678\"\n",
    ),
    ("P202", "goto = \"say.s\"\n[say.s]\nsay = \"Guten Tag.\"\ngoto = \"message.a\"\n"),
    (
        "P202 P202",
        "[rule.r]\ncaller = \"vip\"\nto = \"menu.m\"\n[menu.m]\nsay = \"greeting\"\nkey.1 = \"menu.m\"\nsilence = \"menu.m\"\n[menu.n]\nsay = \"greeting\"\nkey.1 = \"menu.m\"\nsilence = \"info.i\"\n[info.i]\nsay = \"Guten Tag.\"\n[rule.s]\ncaller = \"contact\"\nto = \"menu.n\"\n",
    ),
    ("P203 P210", "[prompt.leer]\n"),
    ("P204 P205", "[rule.r]\ncaller = \"vip\"\nto = \"menu.m\"\n[menu.m]\nsay = \"greeting\"\n"),
    (
        "P207 P207 P207",
        "=[line]\nopen = \"hangup.a\"\nclosed = \"hangup.a\"\n[rule.r]\nwhen = \"closed\"\nto = \"hangup.a\"\n[hangup.a]\nsay = \"Bis {until}.\"\n",
    ),
    (
        "P208",
        "[rule.r]\ncaller = \"+49711*\"\nto = \"message.a\"\n[rule.s]\ncaller = \"+49711555555\"\nto = \"message.a\"\n",
    ),
    ("P209 P212", "+\"say.a\"\n[say.a]\nsay = \"Guten Tag.\"\ngoto = \"say.b\"\n[say.b]\nsay.de = \"Guten Tag.\"\n"),
    (
        "P034",
        "=[line]\nopen = \"language.l\"\n[language.l]\nsay = \"Deutsch: eins.\"\nkey.1 = \"de\"\nkey.2 = \"en\"\ngoto = \"hangup.a\"\n[hangup.a]\n",
    ),
    ("P211", "[rule.r]\ncaller = \"vip\"\nto = \"say.s\"\n[say.s]\nsay = \"Guten Tag.\"\ngoto = \"back\"\n"),
    (
        "P301 P306 P306 P305",
        "[hours.t]\nmon = [\"acht bis zwölf\"]\ntue = [\"12:00-08:00\"]\nwed = [\"08:00-08:00\"]\nthu = [\"08:00-12:00\", \"11:00-13:00\"]\n[calendar.c]\nhours = \"t\"\n[slots.s]\ncalendar = \"c\"\nnone = \"message.a\"\n[rule.r]\ncaller = \"vip\"\nto = \"slots.s\"\n",
    ),
    (
        "P302 P306 P302",
        "[line.on]\n\"13-24\" = \"message.a\"\n\"2027-01-06..2026-12-28\" = \"message.a\"\n\"2026-02-30\" = \"message.a\"\n",
    ),
    (
        "P303 P011 P304 P307",
        "=[line]\nopen = \"hangup.a\"\nclosed = \"hangup.a\"\nhours = \"h\"\n[hangup.a]\n[hours.h]\nmon-thur = \"08:00-12:00\"\nholiday = \"DE-BW\"\nfri = \"08:00-12:00\"\nmon-fri = \"08:00-12:00\"\nholidays = \"DE-BX\"\n",
    ),
    (
        "P308",
        "=[line]\nopen = \"hangup.a\"\nclosed = \"hangup.a\"\nhours = \"h\"\n[hangup.a]\n[hours.h]\nclosed = [\"12-24\"]\n",
    ),
    (
        "P213 P215 P213",
        "[rule.r]\ncaller = \"vip\"\nto = \"say.s\"\n[say.s]\nsay = \"Wegen {reason}. Bis {until}!\"\ngoto = \"say.t\"\n[say.t]\nsay = \"Sie rufen an von {caller}\"\n",
    ),
    (
        "P214 P214",
        "[rule.r]\ncaller = \"vip\"\nto = \"say.s\"\n[say.s]\nsay = \"Gut. Bis {promise}!\"\ngoto = \"message.b\"\n[message.b]\nsay = \"Wir rufen {promise} an.\"\n",
    ),
    (
        "P215",
        "[rule.r]\ncaller = \"vip\"\nto = \"say.s\"\n[say.s]\nsay = \"Gut. Bis {until}!\"\n[rule.s]\ncaller = \"contact\"\nwhen = \"closed\"\nto = \"say.t\"\n[say.t]\nsay = \"Gut. Bis {until}!\"\n",
    ),
    (
        "P011 P012 P020 P021 P026 P017 P037 P031",
        "[callbacks]\nmised = true\nagain = 1\njoin = \"bald\"\nretry = [\"15m\", \"5s\"]\nseats = 0\nhours = \"\"\nallow = [\"0043\", \"+43\", \"+43\"]\n",
    ),
    (
        "P101 P216 P201",
        "[callbacks]\nmessage = \"message.b\"\nhuman = \"say.s\"\n[say.s]\nsay = \"Gut so.\"\n[say.t]\nsay = \"Gut so.\"\n",
    ),
    ("P216", "[callbacks]\nmessage = \"say.s\"\n[say.s]\nsay = \"Gut so.\"\n"),
    ("P012", "=callbacks = 5\n[line]\nopen = \"hangup.h\"\n[hangup.h]\n"),
    (
        "P020 P012 P011 P217 P303 P102 P031",
        "[rule.r]\ncaller = \"vip\"\nto = \"slots.s\"\n[slots.s]\ncalendar = \"c\"\nreason = \"kurz\"\nasap = \"nein\"\nnone = \"message.a\"\n[calendar.c]\nlenght = \"10m\"\nhours = \"h\"\nmon-fri = \"09:00-12:00\"\nsat-sunn = \"09:00-12:00\"\nstaff = [\"g\", \"h\", \"h\"]\n",
    ),
    (
        "P312",
        "[rule.r]\ncaller = \"vip\"\nto = \"slots.s\"\n[slots.s]\ncalendar = \"c\"\nnone = \"message.a\"\n[calendar.c]\nlength = \"61m\"\nsat = \"08:00-09:00\"\n",
    ),
    ("P311", "promise = \"3d\"\n"),
    (
        "P312",
        "[rule.r]\ncaller = \"vip\"\nto = \"slots.s\"\n[slots.s]\ncalendar = \"c\"\nnone = \"message.a\"\n[calendar.c]\nhours = \"t\"\nlength = \"61m\"\n[hours.t]\nsat = \"08:00-09:00\"\n",
    ),
    (
        "P401 P402 P403 P405",
        "[ring.r]\ncall = [\"a\", \"b\", \"c\", \"d\"]\nelse = \"message.a\"\n[rule.r]\ncaller = \"vip\"\nto = \"ring.r\"\n[person.a]\nphone = \"+491711312345678\"\n[person.b]\nphone = \"+499001234567\"\n[person.c]\nphone = \"+4366412345678\"\n[person.d]\nphone = \"+49711123456\"\n",
    ),
    (
        "P406 P407 P404 P035",
        "[oncall.o]\nrota = \"r\"\neach = \"60s\"\nrounds = 6\nelse = \"message.a\"\n[rule.r]\ncaller = \"vip\"\nto = \"oncall.o\"\n[rota.r]\nturn = \"jede Woche\"\nshift.a = { people = \"schulz\", mon-fri = \"17:00-08:00\" }\nshift.b = { people = \"yildiz\", sat-sun = \"00:00-24:00\" }\n",
    ),
];

#[test]
fn broken_plans_have_their_findings() {
    let mut all = String::new();
    let mut wrong = String::new();
    for (codes, text) in BROKEN {
        let text = match (text.strip_prefix('='), text.strip_prefix('+')) {
            (Some(whole), _) => whole.to_owned(),
            (_, Some(rest)) => format!("{BOTH}{rest}"),
            _ => format!("{HEAD}{text}"),
        };
        let said = said(&text);
        if said.lines().next() != Some(codes) {
            wrong.push_str(&format!("expected {codes}:\n{text}\n{said}\n"));
        }
        all.push_str(&format!("{said}\n{}\n", "=".repeat(80)));
    }
    assert!(wrong.is_empty(), "{wrong}");
    insta::assert_snapshot!(all);
}
