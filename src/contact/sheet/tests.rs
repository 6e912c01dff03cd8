//! Tables as people and strangers write them.

use proptest::prelude::*;

use super::*;
use crate::clock::Utc;
use crate::ids::ContactId;

/// What a table holds, row by row, and what is wrong.
fn told(text: impl AsRef<[u8]>) -> Vec<String> {
    let sheet = match read(text.as_ref()) {
        Ok(sheet) => sheet,
        Err(bad) => return vec![bad.to_string()],
    };
    let good = |row: &Row| {
        let card = &row.card;
        let marks = [(row.vip, "vip"), (row.blocked, "blocked")];
        let marks = marks.iter().filter_map(|(mark, word)| Some(format!(" {word}={}", (*mark)?))).collect::<String>();
        format!("{}: {} {:?} {:?}{marks} {:?}", row.line, card.name, card.numbers, card.lists, card.note)
    };
    let bad = sheet.bad.iter().map(|row| format!("{}! {}", row.line, row.why));
    sheet.rows.iter().map(good).chain(bad).collect()
}

#[test]
fn tables_in_two_languages_and_with_any_sign() {
    let german = "Name;Telefon;Handy;Listen;Wichtig;Gesperrt;Notiz;Umsatz\r\n\
        Bäckerei Nord;030 23125-042;+49 (0)30 23125 043;Stamm, Ärzte;ja;nein;\"ruft an;\nimmer\";12\r\n\
        ;;;;;;;\r\n\
        ;0049 30 23125044;;;;x;;\r\n";
    assert_eq!(
        told(german),
        [
            r#"2: Bäckerei Nord ["+493023125042", "+493023125043"] ["aerzte", "stamm"] vip=true blocked=false "ruft an;\nimmer""#,
            r#"5:  ["+493023125044"] [] blocked=true """#,
        ]
    );
    let english = "\u{feff}first name,last name,phone,phone 2,groups\nHaus,Verwaltung,+493023125042,\"030 23125 043, 030 23125 044\",vip list\n";
    assert_eq!(
        told(english),
        [r#"2: Haus Verwaltung ["+493023125042", "+493023125043", "+493023125044"] ["vip-list"] """#]
    );
    assert_eq!(told("NUMBER\n+493023125042\n"), [r#"2:  ["+493023125042"] [] """#]);
    assert_eq!(told("name\tnumber\nA\t+493023125042"), [r#"2: A ["+493023125042"] [] """#]);
    // As a spreadsheet on Windows saves it.
    assert_eq!(
        told(b"Name;Telefon\r\nK\xfcche \x96 B\xe4cker;03023125042\r\n"),
        [r#"2: Küche – Bäcker ["+493023125042"] [] """#]
    );
}

#[test]
fn rows_that_are_not_good_are_named_with_their_line() {
    let text = "name;number;vip;list\n\
        A;;;\n\
        B;keine;;\n\
        C;+493023125042;vielleicht;\n\
        D;+493023125042;;a/b\n\
        \"E\n\";+493023125042;;\n\
        F;030 23125042;;\n\
        \n\n\
        G\n";
    assert_eq!(
        told(text),
        [
            r#"6: E ["+493023125042"] [] """#,
            "2! it has no number",
            "3! \"keine\" is no number: write one like +493023125042",
            "4! \"vielleicht\" is neither yes nor no",
            "5! \"a/b\" cannot name a list: letters, digits, - and _, 64 at most",
            "8! +493023125042 is on line 6 already",
            "11! it has no number",
        ]
    );
}

#[test]
fn formulas_stay_text() {
    let text = "name,number,note\n\"=HYPERLINK(\"\"http://x\"\")\",+493023125042,@SUM(A1)\n";
    assert_eq!(told(text), [r#"2: =HYPERLINK("http://x") ["+493023125042"] [] "@SUM(A1)""#]);
}

#[test]
fn what_is_no_table_is_refused_and_nothing_grows() {
    let refused = |bytes: &[u8]| read(bytes).unwrap_err();
    assert_eq!(refused(b"PK\x03\x04\0\0"), BadSheet::NotText);
    assert_eq!(refused(b"\x89PNG\r\n\x1a\n\xff"), BadSheet::NotText);
    assert_eq!(refused(&vec![b'x'; FILE_BYTES_MAX + 1]), BadSheet::Long);
    assert!(matches!(refused(b""), BadSheet::NoNumbers(_)));
    assert!(matches!(refused(b"Name;Ort\nA;B\n"), BadSheet::NoNumbers(_)));
    assert!(matches!(refused(&vec![b';'; 1 << 20]), BadSheet::NoNumbers(_)));
    assert_eq!(refused(b"number;note;notiz\n"), BadSheet::Twice("note"));
    // A quotation mark that never ends takes the rest of the file: one row, and its line.
    let open = format!("number;note\n+493023125042;\"{}\n+493023125043;\n", "x".repeat(1 << 20));
    assert_eq!(told(open), ["2! the row is longer than 65536 bytes: is a quotation mark missing?"]);
    let long = format!("number;name\n+493023125042;{}\n", "x".repeat(500));
    assert_eq!(told(long), ["2! a name has 120 characters at most"]);
    let many = format!("number\n\"{}\"\n", "+493023125042,+493023125043,".repeat(2000));
    assert_eq!(told(many)[0], r#"2:  ["+493023125042", "+493023125043"] [] """#, "cut, and each once");
    let rows = format!("number\n{}", "x\n".repeat(ROWS_MAX + 5));
    assert_eq!(read(rows.as_bytes()).unwrap().bad.len(), ROWS_MAX + 1);
}

fn contact(card: Card) -> Contact {
    Contact {
        id: ContactId::new(Utc(0), [1; 10]),
        card,
        created_at: Utc(0),
        changed_at: Utc(0),
        version: 1,
        name_clip: None,
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&[b"number;name;vip\n", &bytes[..]].concat());
        let _ = read(&bytes);
    }

    #[test]
    fn what_is_written_is_read(
        name in "[^\\p{C}\\p{Z}]{0,3}[=;,\"@ ]?[^\\p{C}\\p{Z}]{0,9}",
        note in "[a-z\n;,\"'=ß]{0,20}",
        number in "\\+49[1-9][0-9]{6,9}",
        lists in prop::collection::btree_set("[a-z][a-z0-9_-]{0,8}", 0..4),
        (vip, blocked) in any::<(bool, bool)>(),
    ) {
        let lists = lists.into_iter().collect();
        let card = Entry { name, note, numbers: vec![number], lists, vip, blocked, ..Entry::default() }.check().unwrap();
        let mut table = Vec::new();
        write(&mut table, &[contact(card.clone())]).unwrap();
        let sheet = read(&table).unwrap();
        prop_assert_eq!((sheet.rows.len(), sheet.bad), (1, vec![]));
        prop_assert_eq!(&sheet.rows[0].card, &card);
    }
}
