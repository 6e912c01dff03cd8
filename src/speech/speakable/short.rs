//! Abbreviations.

use super::Language;

/// An abbreviation that was found.
pub struct Match<'a> {
    /// In full.
    pub words: &'static str,
    /// How many words of the text it takes.
    pub tokens: usize,
    /// Marks after it that are not its own.
    pub trail: &'a str,
}

/// As written (without regard to case), and in full. Longer ones first where one starts another.
const GERMAN: &[(&[&str], &str)] = &[
    (&["z.", "b."], "zum Beispiel"),
    (&["z.b."], "zum Beispiel"),
    (&["d.", "h."], "das heißt"),
    (&["d.h."], "das heißt"),
    (&["u.", "a."], "unter anderem"),
    (&["u.a."], "unter anderem"),
    (&["i.", "d.", "r."], "in der Regel"),
    (&["i.d.r."], "in der Regel"),
    (&["z.", "zt."], "zurzeit"),
    (&["z.zt."], "zurzeit"),
    (&["u.", "u."], "unter Umständen"),
    (&["dr.", "med.", "dent."], "Doktor"),
    (&["dr.", "med.", "vet."], "Doktor"),
    (&["dr.", "med."], "Doktor"),
    (&["dr.", "jur."], "Doktor"),
    (&["dr."], "Doktor"),
    (&["dres."], "Doktores"),
    (&["prof."], "Professor"),
    (&["dipl.-ing."], "Diplomingenieur"),
    (&["dipl.-kfm."], "Diplomkaufmann"),
    (&["hr."], "Herr"),
    (&["fr."], "Frau"),
    (&["usw."], "und so weiter"),
    (&["und/oder"], "und oder"),
    (&["etc."], "et cetera"),
    (&["bzw."], "beziehungsweise"),
    (&["ca."], "circa"),
    (&["inkl."], "inklusive"),
    (&["exkl."], "exklusive"),
    (&["zzgl."], "zuzüglich"),
    (&["evtl."], "eventuell"),
    (&["ggf."], "gegebenenfalls"),
    (&["vgl."], "vergleiche"),
    (&["max."], "maximal"),
    (&["pro", "min."], "pro Minute"),
    (&["pro", "std."], "pro Stunde"),
    (&["min."], "Minuten"),
    (&["std."], "Stunden"),
    (&["sek."], "Sekunden"),
    (&["nr."], "Nummer"),
    (&["kd.-nr."], "Kundennummer"),
    (&["tel.-nr."], "Telefonnummer"),
    (&["tel."], "Telefon"),
    (&["mobil-nr."], "Mobilnummer"),
    (&["str."], "Straße"),
    (&["pl."], "Platz"),
    (&["og."], "Obergeschoss"),
    (&["eg."], "Erdgeschoss"),
    (&["stk."], "Stück"),
    (&["abs."], "Absatz"),
    (&["st."], "Sankt"),
    (&["gegr."], "gegründet"),
    (&["geb."], "geboren"),
    (&["mwst."], "Mehrwertsteuer"),
    (&["gmbh"], "G m b H"),
    (&["ggmbh"], "g G m b H"),
    (&["jan."], "Januar"),
    (&["feb."], "Februar"),
    (&["okt."], "Oktober"),
    (&["nov."], "November"),
    (&["dez."], "Dezember"),
];

const ENGLISH: &[(&[&str], &str)] = &[
    (&["e.g."], "for example"),
    (&["i.e."], "that is"),
    (&["etc."], "et cetera"),
    (&["and/or"], "and or"),
    (&["a.m."], "a m"),
    (&["p.m."], "p m"),
    (&["approx."], "approximately"),
    (&["mr."], "Mister"),
    (&["mr"], "Mister"),
    (&["mrs."], "Missis"),
    (&["mrs"], "Missis"),
    (&["ms."], "Miss"),
    (&["dr."], "Doctor"),
    (&["dr"], "Doctor"),
    (&["prof."], "Professor"),
    (&["tel."], "telephone"),
    (&["ext."], "extension"),
    (&["rd."], "Road"),
    (&["ave."], "Avenue"),
    (&["sq."], "Square"),
    (&["ltd."], "Limited"),
    (&["ltd"], "Limited"),
    (&["inc."], "Incorporated"),
    (&["co."], "Company"),
    (&["dept."], "Department"),
    (&["vs."], "versus"),
    (&["min."], "minutes"),
    (&["hrs."], "hours"),
    (&["hrs"], "hours"),
    (&["jan."], "January"),
    (&["feb."], "February"),
    (&["aug."], "August"),
    (&["sept."], "September"),
    (&["oct."], "October"),
    (&["nov."], "November"),
    (&["dec."], "December"),
];

/// The abbreviation that `tokens` start with.
pub fn find<'a>(tokens: &[&'a str], language: Language) -> Option<Match<'a>> {
    let table = match language {
        Language::De => GERMAN,
        Language::En => ENGLISH,
    };
    let ahead = |at: usize| tokens.get(at).copied().unwrap_or_default();
    if let Some(found) = by_what_follows(ahead(0), ahead(1), language) {
        return Some(found);
    }
    table.iter().find_map(|(pattern, words)| {
        let (last, before) = pattern.split_last()?;
        let fits = before.iter().zip(tokens).all(|(pattern, token)| token.eq_ignore_ascii_case(pattern));
        let token = tokens.get(before.len()).filter(|_| fits)?;
        let (own, trail) = token.split_at_checked(last.len())?;
        let ends = trail.chars().all(|c| ",.;:!?)".contains(c));
        (ends && own.eq_ignore_ascii_case(last)).then_some(Match { words, tokens: pattern.len(), trail })
    })
}

/// "No. 5", "Hill St.", "St. Mary's": what they mean is told by what follows.
fn by_what_follows<'a>(token: &'a str, next: &str, language: Language) -> Option<Match<'a>> {
    let number = next.starts_with(|c: char| c.is_ascii_digit());
    let name = next.starts_with(|c: char| c.is_uppercase());
    let words = match (token, language) {
        ("No." | "no." | "Nos." | "nos.", Language::En) if number => "number",
        ("St.", Language::En) if name => "Saint",
        ("St." | "St.,", Language::En) => "Street",
        _ => return None,
    };
    Some(Match { words, tokens: 1, trail: token.split_once('.').map_or("", |(_, trail)| trail) })
}

/// The weekday that is shortened to `text`.
pub fn weekday(text: &str, language: Language) -> Option<&'static str> {
    Some(match (language, text) {
        (Language::De, "Mo") => "Montag",
        (Language::De, "Di") => "Dienstag",
        (Language::De, "Mi") => "Mittwoch",
        (Language::De, "Do") => "Donnerstag",
        (Language::De, "Fr") => "Freitag",
        (Language::De, "Sa") => "Samstag",
        (Language::De, "So") => "Sonntag",
        (Language::En, "Mon") => "Monday",
        (Language::En, "Tue" | "Tues") => "Tuesday",
        (Language::En, "Wed") => "Wednesday",
        (Language::En, "Thu" | "Thur" | "Thurs") => "Thursday",
        (Language::En, "Fri") => "Friday",
        (Language::En, "Sat") => "Saturday",
        (Language::En, "Sun") => "Sunday",
        _ => return None,
    })
}
