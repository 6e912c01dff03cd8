use proptest::prelude::*;

use super::*;

fn shown(home: &str, number: &str) -> String {
    match kind(home, number) {
        Kind::Foreign(country) => format!("foreign {country}"),
        kind => kind.code().to_owned(),
    }
}

#[test]
fn kinds_of_numbers_in_germany() {
    for (number, expected) in [
        ("+493023125001", "landline"),
        ("+49711123456", "landline"),
        ("+499061234", "landline"),
        ("+498061234", "landline"),
        ("+497021234", "landline"),
        ("+4915112345678", "mobile"),
        ("+491601234567", "mobile"),
        ("+4917112345678", "mobile"),
        ("+499001234567", "premium"),
        ("+499011234567", "invalid"),
        ("+497011234567", "invalid"),
        ("+498011234567", "invalid"),
        ("+49137123456", "premium"),
        ("+49138123456", "premium"),
        ("+4918012345", "service"),
        ("+4918112345", "service"),
        ("+491901234567", "premium"),
        ("+491911234567", "premium"),
        ("+491212345678", "premium"),
        ("+49164123456", "service"),
        ("+4911833", "short"),
        ("+49118330", "short"),
        ("+49116117", "short"),
        ("+49115", "short"),
        ("+49110", "short"),
        ("+49112", "short"),
        ("110", "short"),
        ("112", "short"),
        ("11833", "short"),
        ("200", "short"),
        ("+49700123456", "personal"),
        ("+493221234567", "personal"),
        ("+49800123456", "free"),
        ("+49103312345", "call_by_call"),
        ("01033030231250", "invalid"),
        ("0900123456", "invalid"),
        ("+490301234567", "invalid"),
        ("+881612345678", "satellite"),
        ("+870773123456", "satellite"),
        ("+888123456789", "satellite"),
        ("+979123456789", "premium"),
        ("+43171130", "foreign AT"),
        ("+436641234567", "foreign AT"),
        ("+43900123456", "premium"),
        ("+41791234567", "foreign CH"),
        ("+442079460000", "foreign GB"),
        ("+12125550123", "foreign US"),
        ("+19005550123", "premium"),
        ("+18765550123", "foreign JM"),
        ("+37127123456", "foreign LV"),
        ("+2120612345678", "foreign MA"),
        ("", "invalid"),
        ("+", "invalid"),
        ("+49 30 23125001", "invalid"),
        ("+٤٩٣٠٢٣١٢٥٠٠١", "invalid"),
        ("+493023125001;ext=1", "invalid"),
        ("+4930231250011234567", "invalid"),
        ("anna", "invalid"),
    ] {
        assert_eq!(shown("49", number), expected, "{number}");
    }
}

#[test]
fn kinds_of_numbers_elsewhere() {
    for (home, number, expected) in [
        ("43", "+43171130123", "landline"),
        ("43", "+43662123456", "landline"),
        ("43", "+43720123456", "landline"),
        ("43", "+436641234567", "mobile"),
        ("43", "+43699123456", "mobile"),
        ("43", "+43810123456", "service"),
        ("43", "+43900123456", "premium"),
        ("43", "+43930123456", "premium"),
        ("43", "+43901123456", "premium"),
        ("43", "+43939123456", "premium"),
        ("43", "+43118123", "short"),
        ("43", "+4930231250", "foreign DE"),
        ("41", "+41441234567", "landline"),
        ("41", "+41812345678", "landline"),
        ("41", "+41912345678", "landline"),
        ("41", "+41791234567", "mobile"),
        ("41", "+41842123456", "service"),
        ("41", "+41900123456", "premium"),
        ("41", "+41901123456", "premium"),
        ("41", "+41906123456", "premium"),
        ("41", "+41878123456", "personal"),
        ("44", "+442079460000", "landline"),
        ("44", "+443001234567", "landline"),
        ("44", "+447700900123", "mobile"),
        ("44", "+447012345678", "personal"),
        ("44", "+448451234567", "service"),
        ("44", "+448701234567", "service"),
        ("44", "+449012345678", "premium"),
        ("44", "+448001234567", "free"),
        ("33", "+33142345678", "landline"),
        ("33", "+33612345678", "mobile"),
        ("33", "+33899123456", "premium"),
        ("1", "+12125550123", "mobile"),
    ] {
        assert_eq!(shown(home, number), expected, "{home} {number}");
    }
}

#[test]
fn leave_is_given_by_number_or_prefix() {
    let policy = |allow: &[&str]| Policy {
        home: "49".to_owned(),
        allow: allow.iter().map(|entry| (*entry).to_owned()).collect(),
    };
    let none = policy(&[]);
    assert_eq!(none.verdict("+493023125001"), Verdict::Allowed);
    assert_eq!(none.verdict("+4917112345678"), Verdict::Allowed);
    assert_eq!(none.verdict("+499001234567"), Verdict::NeedsLeave(Kind::Premium));
    assert!(!none.allows("+436641234567"));
    let some = policy(&["+43", "+41791234567", "+49900123"]);
    for allowed in ["+436641234567", "+43171130123", "+41791234567", "+499001234567"] {
        assert!(some.allows(allowed), "{allowed}");
    }
    for refused in ["+41791234568", "+43900123456", "+43810123456", "+499001334567", "+43", "+431", "0043171130123"] {
        assert!(!some.allows(refused), "{refused}");
    }
    // What is no entry gives no leave.
    for entry in ["", "+", "43", "0043", "+0", "+4 3", "*"] {
        assert!(!policy(&[entry]).allows("+436641234567"), "{entry}");
    }
    assert!(!policy(&["+33"]).allows("+33899123456"), "premium abroad");
    assert!(policy(&["+33899123456"]).allows("+33899123456"));
    assert!(!policy(&["112", "+112"]).allows("112"));
}

fn numbers() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\+[0-9]{0,17}",
        "\\+(49|43|41|44|1|39|88|87|979)[0-9]{1,13}",
        "\\+49(1[0-9]|9|32|700|180|10|118)[0-9]{2,9}",
        "[0-9*#+]{0,12}",
        ".{0,20}",
    ]
}

proptest! {
    #[test]
    fn the_list_only_widens(
        home in prop_oneof![Just("49"), Just("43"), Just("41"), Just("44"), Just("1"), Just(""), Just("x")],
        number in numbers(),
        mut allow in prop::collection::vec(prop_oneof!["\\+[0-9]{0,6}", numbers()], 0..4),
        more in prop_oneof!["\\+[0-9]{0,6}", numbers()],
    ) {
        let of = |allow: &[String]| Policy { home: home.to_owned(), allow: allow.to_vec() }.verdict(&number);
        let before = of(&allow);
        if before == Verdict::Allowed {
            prop_assert!(is_e164(&number), "{number}");
        }
        if let Verdict::NeedsLeave(kind) = before {
            prop_assert!(!matches!(kind, Kind::Landline | Kind::Mobile));
        }
        allow.push(more);
        prop_assert!(before != Verdict::Allowed || of(&allow) == Verdict::Allowed);
        allow.push(number.clone());
        prop_assert_eq!(of(&allow) == Verdict::Allowed, is_e164(&number));
    }
}
