//! Where a business is: its holidays, its time zone, its numbers.

use crate::hours::Region;
use crate::plan::value::is_e164;

/// What a country decides.
#[derive(Debug)]
pub struct Country {
    /// IANA name.
    pub timezone: &'static str,
    /// Country code (ITU-T E.164).
    pub calling_code: &'static str,
    /// What everybody should know who calls a doctor, in German and in English, whole sentences.
    pub(super) urgent: (&'static str, &'static str),
}

/// Of a region.
pub fn country(region: Region) -> &'static Country {
    let code = region.code().split('-').next().unwrap_or_default();
    COUNTRIES.iter().find(|(of, _)| *of == code).map_or(&GERMANY, |(_, country)| country)
}

const GERMANY: Country = Country {
    timezone: "Europe/Berlin",
    calling_code: "49",
    urgent: (
        "Bei Lebensgefahr wählen Sie 112, sonst den ärztlichen Bereitschaftsdienst 116117.",
        "If a life is in danger, dial 112. For urgent medical advice, call 116117.",
    ),
};

/// Emergency numbers in words: a voice would say these as hundreds.
const COUNTRIES: [(&str, Country); 3] = [
    (
        "AT",
        Country {
            timezone: "Europe/Vienna",
            calling_code: "43",
            urgent: (
                "Bei Lebensgefahr wählen Sie eins vier vier, sonst den Ärztedienst eins vier eins.",
                "If a life is in danger, dial one four four. For urgent medical advice, call one four one.",
            ),
        },
    ),
    (
        "CH",
        Country {
            timezone: "Europe/Zurich",
            calling_code: "41",
            urgent: (
                "Bei Lebensgefahr wählen Sie den Notruf eins vier vier.",
                "If a life is in danger, dial one four four.",
            ),
        },
    ),
    (
        "GB",
        Country {
            timezone: "Europe/London",
            calling_code: "44",
            urgent: (
                "Bei Lebensgefahr wählen Sie neun neun neun, sonst den ärztlichen Dienst eins eins eins.",
                "If a life is in danger, hang up and dial 999 or 112. For urgent medical advice, call 111.",
            ),
        },
    ),
];

/// Names that are typed for a region whose own name is another.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("brd", "DE"),
    ("nrw", "DE-NW"),
    ("mecklenburg", "DE-MV"),
    ("burgenland", "AT"),
    ("kaernten", "AT"),
    ("carinthia", "AT"),
    ("niederoesterreich", "AT"),
    ("loweraustria", "AT"),
    ("oberoesterreich", "AT"),
    ("upperaustria", "AT"),
    ("salzburg", "AT"),
    ("steiermark", "AT"),
    ("styria", "AT"),
    ("tirol", "AT"),
    ("tyrol", "AT"),
    ("vorarlberg", "AT"),
    ("wien", "AT"),
    ("vienna", "AT"),
    ("gb", "GB-ENG"),
    ("uk", "GB-ENG"),
    ("greatbritain", "GB-ENG"),
    ("unitedkingdom", "GB-ENG"),
    ("grossbritannien", "GB-ENG"),
];

/// Characters of what is typed for a region.
const TYPED_MAX: usize = 60;

/// The region that was typed, by its code, the end of its code or its name in either language: `DE-BW`, `bw`,
/// `Baden-Württemberg`. Otherwise the nearest to it, where one is near.
pub fn region(text: &str) -> Result<Region, Option<Region>> {
    if let Ok(region) = text.trim().parse() {
        return Ok(region);
    }
    let typed = folded(text);
    if typed.is_empty() {
        return Err(None);
    }
    let short = |region: &Region| folded(region.code().split_once('-').map_or("", |(_, part)| part));
    let name = |name: &str| folded(name.split(',').next().unwrap_or_default());
    let names = |region: &Region| [folded(region.code()), name(region.name_de()), name(region.name_en())];
    let found = Region::all().find(|region| names(region).contains(&typed));
    let other = || OTHER_NAMES.iter().find(|(name, _)| *name == typed).and_then(|(_, code)| code.parse().ok());
    if let Some(region) = found.or_else(other).or_else(|| Region::all().find(|region| short(region) == typed)) {
        return Ok(region);
    }
    let known: Vec<(String, Region)> = Region::all()
        .flat_map(|region| names(&region).map(|name| (name, region)))
        .chain(OTHER_NAMES.iter().filter_map(|(name, code)| Some(((*name).to_owned(), code.parse().ok()?))))
        .collect();
    let mut budget = known.len();
    let near = super::super::suggest::nearest(&typed, known.iter().map(|(name, _)| name.as_str()), &mut budget);
    Err(near.and_then(|near| known.iter().find(|(name, _)| name == near).map(|(_, region)| *region)))
}

/// Letters and digits alone, in lower case, umlauts in two letters.
fn folded(text: &str) -> String {
    let mut folded = String::new();
    for c in text.chars().take(TYPED_MAX).flat_map(char::to_lowercase) {
        match c {
            'ä' => folded.push_str("ae"),
            'ö' => folded.push_str("oe"),
            'ü' => folded.push_str("ue"),
            'ß' => folded.push_str("ss"),
            'é' | 'è' | 'ê' => folded.push('e'),
            'â' | 'à' => folded.push('a'),
            _ if c.is_ascii_alphanumeric() => folded.push(c),
            _ => {}
        }
    }
    folded
}

/// A telephone number as it is typed in a region, in E.164 form; none where it is none.
pub fn number(text: &str, region: Region) -> Option<String> {
    let plain = text.trim().chars().all(|c| c.is_ascii_digit() || "+-./() ".contains(c));
    let digits: String = text.chars().filter(char::is_ascii_digit).take(20).collect();
    let number = if text.trim().starts_with('+') {
        format!("+{digits}")
    } else if let Some(foreign) = digits.strip_prefix("00") {
        format!("+{foreign}")
    } else {
        format!("+{}{}", country(region).calling_code, digits.strip_prefix('0')?)
    };
    (plain && is_e164(&number)).then_some(number)
}
