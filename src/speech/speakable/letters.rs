//! Which letters a voice knows, what becomes of the others, and words that hold more than letters.

use super::{Language, TEXT_MAX};

/// A markup tag is looked for this far.
const TAG_MAX: usize = 200;

/// A letter that the voice of `language` reads.
pub fn is_of(c: char, language: Language) -> bool {
    c.is_ascii_alphabetic() || (language == Language::De && "äöüÄÖÜß".contains(c))
}

/// `text` with only letters of the language, ASCII digits, blanks and the marks and signs that the next
/// steps know.
pub fn clean(text: &str, language: Language) -> String {
    let text: Vec<char> = text.chars().take(TEXT_MAX).map(half_width).collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        at += 1;
        match c {
            '<' => {
                at += tag_length(text.get(at..).unwrap_or(&[]));
                out.push(' ');
            }
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push_str(" , "),
            '\u{308}' => umlaut_of_last(&mut out, language),
            _ => character(c, language, &mut out),
        }
    }
    out
}

/// Full-width forms (U+FF01 to U+FF5E) are ASCII to whoever reads them, markup included.
fn half_width(c: char) -> char {
    let code = u32::from(c);
    if (0xFF01..=0xFF5E).contains(&code) { char::from_u32(code - 0xFEE0).unwrap_or(c) } else { c }
}

/// How much after `<` belongs to a tag; nothing where it is only a sign.
fn tag_length(after: &[char]) -> usize {
    if !after.first().is_some_and(|c| c.is_ascii_alphabetic() || ['/', '!', '?'].contains(c)) {
        return 0;
    }
    let end = after.iter().take(TAG_MAX).position(|c| ['<', '>'].contains(c));
    end.filter(|end| after.get(*end) == Some(&'>')).map_or(0, |end| end + 1)
}

fn umlaut_of_last(out: &mut String, language: Language) {
    let umlaut = match out.chars().next_back() {
        Some('a') => 'ä',
        Some('o') => 'ö',
        Some('u') => 'ü',
        Some('A') => 'Ä',
        Some('O') => 'Ö',
        Some('U') => 'Ü',
        _ => return,
    };
    if language == Language::De {
        out.pop();
        out.push(umlaut);
    }
}

fn character(c: char, language: Language, out: &mut String) {
    if c.is_ascii_digit() || is_of(c, language) || ".,:;!?'-/+%$&@#*=()€£§°".contains(c) {
        out.push(c);
    } else if let Some(latin) = nearest(c) {
        out.push_str(latin);
    } else {
        match (c, language) {
            ('–' | '—' | '―' | '‐' | '‑' | '−' | '‒', _) => out.push('-'),
            ('’' | '‘' | '´' | '`' | 'ʼ', _) => out.push('\''),
            ('…', _) => out.push('.'),
            ('½', Language::De) => out.push_str(" einhalb "),
            ('½', Language::En) => out.push_str(" and a half "),
            ('×', Language::De) => out.push_str(" mal "),
            ('×', Language::En) => out.push_str(" times "),
            ('№', Language::De) => out.push_str(" Nummer "),
            ('№', Language::En) => out.push_str(" number "),
            ('•' | '·' | '|', _) => out.push_str(" , "),
            // Invisible: soft hyphen, joiners, direction marks, accents of their own.
            ('\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}', _)
            | ('\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{300}'..='\u{36F}' | '\0', _) => {}
            _ => out.push(' '),
        }
    }
}

/// The nearest ASCII letters of a Latin letter (Latin-1 Supplement and Latin Extended-A, Romanian).
fn nearest(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ā' | 'ă' | 'ą' | 'ä' => "a",
        'À' | 'Á' | 'Â' | 'Ã' | 'Ā' | 'Ă' | 'Ą' | 'Ä' => "A",
        'å' => "aa",
        'Å' => "Aa",
        'æ' => "ae",
        'Æ' => "Ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'ď' | 'đ' | 'ð' => "d",
        'Ď' | 'Đ' | 'Ð' => "D",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'È' | 'É' | 'Ê' | 'Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' => "E",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'ĥ' | 'ħ' => "h",
        'Ĥ' | 'Ħ' => "H",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'Ì' | 'Í' | 'Î' | 'Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' => "I",
        'ĵ' => "j",
        'Ĵ' => "J",
        'ķ' => "k",
        'Ķ' => "K",
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => "L",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'Ñ' | 'Ń' | 'Ņ' | 'Ň' => "N",
        'ò' | 'ó' | 'ô' | 'õ' | 'ō' | 'ŏ' | 'ő' | 'ø' | 'ö' => "o",
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ō' | 'Ŏ' | 'Ő' | 'Ø' | 'Ö' => "O",
        'œ' => "oe",
        'Œ' => "Oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'ß' | 'ẞ' => "ss",
        'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' => "T",
        'þ' => "th",
        'Þ' => "Th",
        'ù' | 'ú' | 'û' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ü' => "u",
        'Ù' | 'Ú' | 'Û' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' | 'Ü' => "U",
        'ŵ' => "w",
        'Ŵ' => "W",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'Ý' | 'Ÿ' | 'Ŷ' => "Y",
        'ź' | 'ż' | 'ž' => "z",
        'Ź' | 'Ż' | 'Ž' => "Z",
        _ => return None,
    })
}

/// The name of a sign.
pub fn sign(sign: char, language: Language) -> &'static str {
    let [german, english] = match sign {
        '&' => ["und", "and"],
        '+' => ["plus", "plus"],
        '%' => ["Prozent", "per cent"],
        '€' => ["Euro", "euros"],
        '$' => ["Dollar", "dollars"],
        '£' => ["Pfund", "pounds"],
        '@' => ["at", "at"],
        '§' => ["Paragraf", "section"],
        '°' => ["Grad", "degrees"],
        '#' => ["Raute", "hash"],
        '*' => ["Stern", "star"],
        '=' => ["gleich", "equals"],
        '/' | ':' => [",", ","],
        _ => ["", ""],
    };
    match language {
        Language::De => german,
        Language::En => english,
    }
}

/// A word without digits that may hold signs: an address, "C&A", "und/oder", "Kund*innen".
pub fn words(core: &str, language: Language) -> String {
    let core = core.strip_prefix("https://").or(core.strip_prefix("http://")).unwrap_or(core);
    let address = core.contains('@') || core.starts_with("www.");
    let core = match core.strip_prefix("www.") {
        Some(host) => format!("w w w.{host}"),
        None => core.to_owned(),
    };
    let letters: Vec<char> = core.chars().collect();
    let mut out = String::new();
    for (at, &c) in letters.iter().enumerate() {
        let near = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| is_of(*c, language));
        let inside = near(at.checked_sub(1)) && near(Some(at + 1));
        match c {
            _ if is_of(c, language) || c == ' ' => out.push(c),
            '-' if address => out.push_str(if language == Language::De { " Strich " } else { " dash " }),
            '\'' | '-' if inside => out.push(c),
            '.' if inside => out.push_str(if language == Language::De { " Punkt " } else { " dot " }),
            // "Kund*innen", "Kund:innen": one word.
            '*' | ':' if inside => {}
            '.' | '*' | '#' | '=' => out.push(' '),
            _ => {
                out.push(' ');
                out.push_str(sign(c, language));
                out.push(' ');
            }
        }
    }
    out
}
