use proptest::prelude::*;

use super::*;
use crate::clock::Utc;
use crate::contact::Card;
use crate::ids::ContactId;

fn one(text: &str) -> (Card, Vec<String>) {
    let sheet = read(text.as_bytes()).unwrap();
    assert_eq!((sheet.rows.len(), &sheet.bad[..]), (1, &[][..]));
    (sheet.rows[0].card.clone(), sheet.left.into_iter().map(|left| left.why).collect())
}

fn contact(card: Card) -> Contact {
    let id = ContactId::new(Utc(0), [1; 10]);
    Contact { id, card, created_at: Utc(0), changed_at: Utc(0), version: 1, name_clip: None }
}

#[test]
fn version_4_is_read() {
    let (card, left) = one(
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Apotheke am Markt\r\nN:;;;;\r\nTEL;VALUE=uri;TYPE=\"voice,home\":tel:+49-30-23125-0;ext=042\r\n\
         TEL;VALUE=uri;PREF=1;TYPE=cell:tel:+49-30-23125-043\r\nTEL;TYPE=fax:+493023125099\r\nEMAIL;PREF=1:Markt@Example.ORG\r\n\
         LANG;PREF=1:en-GB\r\nCATEGORIES:Gute Kunden,stamm\r\nNOTE:Zeile eins\\nund zw\r\n ei\\, drei\r\nPHOTO:data:image/jpeg;base64,AAAA\r\nEND:VCARD\r\n",
    );
    assert_eq!(card.name, "Apotheke am Markt");
    assert_eq!(card.numbers, ["+493023125043", "+493023125042"], "the preferred one first");
    assert_eq!((card.mail.join(" "), card.language), ("Markt@example.org".into(), Some(Language::En)));
    assert_eq!((card.lists.join(" "), card.note.as_str()), ("gute-kunden stamm".into(), "Zeile eins\nund zwei, drei"));
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].contains("no telephone"), "{left:?}");
}

#[test]
fn what_phones_write_is_read() {
    // Android, 2.1: quoted-printable with soft line breaks.
    let (card, _) = one(
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:B=C3=A4ckerei;;;;\nTEL;CELL;PREF:030 23125 042\n\
         NOTE;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Br=C3=B6tchen=0A=\num sieben\nEND:VCARD\n",
    );
    assert_eq!((card.name.as_str(), card.note.as_str()), ("Bäckerei", "Brötchen\num sieben"));
    // The same in Latin-1, within quoted-printable and bare.
    let (card, _) =
        one("BEGIN:VCARD\nN;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:B=E4ckerei;;;;\nTEL:030 23125 042\nEND:VCARD");
    assert_eq!(card.name, "Bäckerei");
    let sheet = read(b"BEGIN:VCARD\nFN:B\xe4ckerei\nTEL:030 23125 042\nEND:VCARD").unwrap();
    assert_eq!(sheet.rows[0].card.name, "Bäckerei");
    // iOS, 3.0: groups and labels.
    let (card, _) = one(
        "BEGIN:VCARD\nVERSION:3.0\nN:Süd;Küche;;;\nFN:Küche Süd\nORG:Großhandel;Einkauf\nitem1.TEL;type=pref:+49 (0)30 23125-042\n\
         item1.X-ABLabel:Büro\nitem2.EMAIL;type=INTERNET:kueche@example.org\nEND:VCARD\n",
    );
    assert_eq!((card.name.as_str(), card.note.as_str()), ("Küche Süd", "Großhandel, Einkauf"));
    assert_eq!(card.mail, ["kueche@example.org"]);
    // Folded in the middle of a letter, as some mail programs do.
    let sheet = read(b"BEGIN:VCARD\nFN:K\xc3\n \xbcche\nTEL:030 23125 042\nEND:VCARD").unwrap();
    assert_eq!(sheet.rows[0].card.name, "Küche");
    // A card within a card is not another contact.
    let (card, _) = one(
        "BEGIN:VCARD\nFN:Praxis\nTEL:030 23125 042\nAGENT:\nBEGIN:VCARD\nFN:Empfang\nTEL:030 23125 043\nEND:VCARD\nEND:VCARD",
    );
    assert_eq!((card.name.as_str(), card.numbers.len()), ("Praxis", 1));
}

#[test]
fn what_is_left_out_is_told_with_its_line() {
    let text = "BEGIN:VCARD\nFN:Praxis\nTEL:030 23125 042\nTEL:keine\nEMAIL:praxis\nLANG:fr\nEND:VCARD\n\
                BEGIN:VCARD\nFN:Labor\nTEL:+493023125042\nEND:VCARD\nBEGIN:VCARD\nFN:Niemand\nEND:VCARD\n\
                BEGIN:VCARD\nTEL:+49 30 23125042 ext. 7\nEND:VCARD\nBEGIN:VCARD\nFN:Halb\nTEL:030 23125 044\n";
    let sheet = read(text.as_bytes()).unwrap();
    assert_eq!(sheet.rows.len(), 1);
    let left: Vec<u64> = sheet.left.iter().map(|left| left.line).collect();
    assert_eq!(left, [4, 5, 6]);
    let bad: Vec<(u64, &str)> = sheet.bad.iter().map(|bad| (bad.line, bad.why.as_str())).collect();
    assert_eq!(bad.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [8, 12, 15, 18]);
    assert!(bad[0].1.contains("line 1 already") && bad[1].1.contains("no number"), "{bad:?}");
    assert!(bad[2].1.contains("switchboard") && bad[3].1.contains("END:VCARD"), "{bad:?}");
    assert_eq!(read(b"name;number\n"), Err(BadSheet::NoCards));
    assert_eq!(read(b"\0\0"), Err(BadSheet::NotText));
}

#[test]
fn limits_hold() {
    let many: String = (0..30).map(|n| format!("TEL:+4930231250{n:02}\nEMAIL:a{n}@example.org\n")).collect();
    let (card, left) = one(&format!("BEGIN:VCARD\nFN:Viele\n{many}END:VCARD"));
    assert_eq!((card.numbers.len(), card.mail.len(), left.len()), (NUMBERS_MAX, MAIL_MAX, 10 + 25));
    let (card, left) = one(&format!("BEGIN:VCARD\nTEL:030 23125 042\nNOTE:{}\nEND:VCARD", "x".repeat(9999)));
    assert_eq!((card.note.as_str(), left.len()), ("", 1));
    let deep = "BEGIN:VCARD\n".repeat(9999);
    assert_eq!(read(deep.as_bytes()).unwrap().bad.len(), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = read(&[b"BEGIN:VCARD\nTEL:+493023125042\n", &bytes[..], b"\nEND:VCARD"].concat());
    }

    #[test]
    fn any_properties_are_read(text in "(BEGIN:VCARD\n|END:VCARD\n|(TEL|FN|N|NOTE|EMAIL|LANG|ORG|CATEGORIES)[;=,:A-Z\"\\\\ +0-9éQUOTED-PRINTABLE]{0,40}\n){0,12}") {
        let _ = read(text.as_bytes());
    }

    #[test]
    fn what_is_written_is_read(
        name in "[^\\p{C}\\p{Z}]{0,3}[=;,\"\\\\ ]?[^\\p{C}\\p{Z}]{0,40}",
        note in "[a-z\n;,\\\\\"'=ßé]{0,200}",
        numbers in prop::collection::vec("\\+49[1-9][0-9]{6,9}|[1-9][0-9]{1,3}", 1..5),
        lists in prop::collection::btree_set("[a-z][a-z0-9_-]{0,8}", 0..4),
        mail in prop::collection::vec("[a-z]{1,9}@[a-z]{1,9}\\.org", 0..5),
        language in prop::option::of(prop::sample::select(Language::ALL.to_vec())),
    ) {
        let lists = lists.into_iter().collect();
        let entry = Entry { name, note, numbers, lists, mail, language, ..Entry::default() };
        let card = entry.check().unwrap();
        prop_assume!(number(&card.name).is_err());
        let text = write(&[contact(card.clone())]);
        prop_assert!(text.lines().all(|line| line.len() <= FOLD), "{text}");
        let sheet = read(text.as_bytes()).unwrap();
        prop_assert_eq!((&sheet.bad[..], &sheet.left[..]), (&[][..], &[][..]));
        prop_assert_eq!(&sheet.rows[0].card, &card);
    }
}
