//! Golden mails, and that a name adds no header.

use super::*;
use crate::ids::{CallbackId, Language};

/// 2026-11-24T08:30:00Z.
const START: i64 = 1_795_509_000_000;

fn invitation(occasion: Occasion, language: Language) -> Invitation {
    Invitation {
        callback: CallbackId::new(Utc(START), [7; 10]),
        sequence: 1,
        occasion,
        business: "Praxis Süd & Söhne".into(),
        language,
        zone: "Europe/Berlin".into(),
        start: START,
        end: START + 600_000,
        to: "anrufer@example.org".into(),
        number: Some("+493023125041".into()),
        stamp: START - 86_400_000,
    }
}

fn sender() -> Sender {
    Sender { name: None, address: "post@praxis.example".parse().unwrap() }
}

fn sent(invitation: &Invitation) -> String {
    String::from_utf8(letter(invitation, "invite/x", &sender()).unwrap().formatted()).unwrap()
}

#[test]
fn words_in_both_languages() {
    let mut told = String::new();
    for language in Language::ALL {
        for occasion in [Occasion::Booked, Occasion::Moved, Occasion::Cancelled] {
            let words = Words::of(&invitation(occasion, language)).unwrap();
            told += &format!("== {}\n{}\n", words.subject, words.text());
        }
    }
    told += &Words::of(&invitation(Occasion::Booked, Language::De)).unwrap().html(Language::De);
    insta::assert_snapshot!(told);
}

#[test]
fn a_mail_has_its_parts_and_headers() {
    let mail = sent(&invitation(Occasion::Cancelled, Language::De));
    for part in [
        "To: anrufer@example.org\r\n",
        "References: <",
        "Auto-Submitted: auto-generated\r\n",
        "Date: Mon, 23 Nov 2026 08:30:00 +0000\r\n",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
        "Content-Type: text/calendar; charset=utf-8; method=CANCEL",
        "Content-Disposition: attachment; filename=\"invite.ics\"",
    ] {
        assert!(mail.contains(part), "{part}\n{mail}");
    }
    assert!(mail.is_ascii(), "every server takes it");
    assert!(mail.lines().all(|line| line.len() <= 998), "RFC 5322 §2.1.1");
    let id = |text: &str| text.lines().find(|line| line.starts_with("Message-ID: ")).unwrap().to_owned();
    assert_eq!(id(&mail), id(&sent(&invitation(Occasion::Cancelled, Language::De))), "the same at every try");
    assert!(id(&mail).ends_with("@praxis.example>") && !id(&mail).contains("anrufer"), "{}", id(&mail));
}

#[test]
fn names_add_no_header_and_no_recipient() {
    let mut sly = invitation(Occasion::Booked, Language::En);
    sly.business = "X\r\nBcc: other@example.org\r\n\r\n<script>alert(1)</script>\", <other@example.org>".into();
    sly.number = Some("+49\r\nBcc: other@example.org".into());
    let message = letter(&sly, "k\r\nBcc: other@example.org", &sender()).unwrap();
    assert_eq!(message.envelope().to().len(), 1);
    let mail = String::from_utf8(message.formatted()).unwrap();
    let (head, _) = mail.split_once("\r\n\r\n").unwrap();
    let starts = head.lines().filter(|line| !line.starts_with(' '));
    let names: Vec<&str> = starts.filter_map(|line| line.split(':').next()).collect();
    let expected =
        ["From", "To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted", "MIME-Version", "Content-Type"];
    assert_eq!(names, expected, "{head}");
    assert!(!Words::of(&sly).unwrap().html(Language::En).contains("<script"));
    sly.to = "a@b.example>\r\nRCPT TO:<other@example.org".into();
    assert!(letter(&sly, "k", &sender()).is_err());
}
