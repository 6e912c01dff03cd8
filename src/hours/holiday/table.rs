//! Which region has which holidays.
//!
//! Sources: the holiday laws of the Länder; ARG § 7 (Austria); the cantons' days of rest as the Federal Office of
//! Justice lists them ("Gesetzliche Feiertage und Tage, die in der Schweiz wie gesetzliche Feiertage behandelt
//! werden"); Banking and Financial Dealings Act 1971 (England and Wales). Right for 2024 and later.
//!
//! What a region's code cannot say, and an owner lists under `closed`: what only some municipalities keep (Corpus
//! Christi in Le Landeron, 2 January, Easter and Whit Monday in FR, NW, OW, SO, VS and ZG, Saint Joseph's in parts of SO), half days
//! (1 May in SO), and Sundays that are holidays anyhow, but for Brandenburg, whose law names them. AG has
//! what any of its districts has. 24 and 31 December are no holidays but in Geneva (31).

use super::rules::*;

/// A region of the table.
pub(super) struct Entry {
    /// ISO 3166-2, and a part of our own where municipalities differ.
    pub(super) code: &'static str,
    pub(super) de: &'static str,
    pub(super) en: &'static str,
    /// What the whole country has.
    pub(super) country: &'static [Rule],
    /// What it has besides.
    pub(super) own: &'static [Rule],
}

const fn entry(
    code: &'static str,
    de: &'static str,
    en: &'static str,
    country: &'static [Rule],
    own: &'static [Rule],
) -> Entry {
    Entry { code, de, en, country, own }
}

const GERMANY: &[Rule] =
    &[NEW_YEAR, GOOD_FRIDAY, EASTER_MONDAY, LABOUR, ASCENSION, WHIT_MONDAY, UNITY, CHRISTMAS_1, CHRISTMAS_2];

const AUSTRIA: &[Rule] = &[
    NEW_YEAR,
    EPIPHANY,
    EASTER_MONDAY,
    STATE,
    ASCENSION,
    WHIT_MONDAY,
    CORPUS_CHRISTI,
    ASSUMPTION,
    NATIONAL_AT,
    ALL_SAINTS,
    CONCEPTION,
    CHRISTMAS_AT,
    STEPHEN_AT,
];

/// What every canton has; by federal law only 1 August.
const SWITZERLAND: &[Rule] = &[NEW_YEAR, ASCENSION_CH, NATIONAL_CH, CHRISTMAS_CH];

/// One-off bank holidays of 2024 and later: none was proclaimed (as of 2026-11).
const ENGLAND: &[Rule] = &[
    NEW_YEAR,
    NEW_YEAR_MON_2,
    NEW_YEAR_MON_3,
    GOOD_FRIDAY,
    EASTER_MONDAY,
    EARLY_MAY,
    SPRING,
    SUMMER,
    CHRISTMAS_1,
    BOXING,
    CHRISTMAS_MON_27,
    CHRISTMAS_TUE_27,
    BOXING_MON_28,
    BOXING_TUE_28,
];

/// Every region, those of a country behind it.
pub(super) const REGIONS: &[Entry] = &[
    entry("DE", "Deutschland, bundesweit", "Germany, nationwide", GERMANY, &[]),
    entry("DE-BW", "Baden-Württemberg", "Baden-Württemberg", GERMANY, &[EPIPHANY, CORPUS_CHRISTI, ALL_SAINTS]),
    entry("DE-BY", "Bayern", "Bavaria", GERMANY, &[EPIPHANY, CORPUS_CHRISTI, ALL_SAINTS]),
    entry(
        "DE-BY-KATH",
        "Bayern, Gemeinden mit Mariä Himmelfahrt",
        "Bavaria, municipalities with Assumption Day",
        GERMANY,
        &[EPIPHANY, CORPUS_CHRISTI, ASSUMPTION, ALL_SAINTS],
    ),
    entry("DE-BY-A", "Augsburg", "Augsburg", GERMANY, &[EPIPHANY, CORPUS_CHRISTI, PEACE, ASSUMPTION, ALL_SAINTS]),
    entry("DE-BE", "Berlin", "Berlin", GERMANY, &[WOMEN.since(2019), LIBERATION_80, UPRISING_75]),
    entry("DE-BB", "Brandenburg", "Brandenburg", GERMANY, &[EASTER_SUNDAY, WHIT_SUNDAY, REFORMATION]),
    entry("DE-HB", "Bremen", "Bremen", GERMANY, &[REFORMATION.since(2018)]),
    entry("DE-HH", "Hamburg", "Hamburg", GERMANY, &[REFORMATION.since(2018)]),
    entry("DE-HE", "Hessen", "Hesse", GERMANY, &[CORPUS_CHRISTI]),
    entry(
        "DE-MV",
        "Mecklenburg-Vorpommern",
        "Mecklenburg-Western Pomerania",
        GERMANY,
        &[WOMEN.since(2023), REFORMATION],
    ),
    entry("DE-NI", "Niedersachsen", "Lower Saxony", GERMANY, &[REFORMATION.since(2018)]),
    entry("DE-NW", "Nordrhein-Westfalen", "North Rhine-Westphalia", GERMANY, &[CORPUS_CHRISTI, ALL_SAINTS]),
    entry("DE-RP", "Rheinland-Pfalz", "Rhineland-Palatinate", GERMANY, &[CORPUS_CHRISTI, ALL_SAINTS]),
    entry("DE-SL", "Saarland", "Saarland", GERMANY, &[CORPUS_CHRISTI, ASSUMPTION, ALL_SAINTS]),
    entry("DE-SN", "Sachsen", "Saxony", GERMANY, &[REFORMATION, REPENTANCE]),
    entry(
        "DE-SN-KATH",
        "Sachsen, Gemeinden mit Fronleichnam",
        "Saxony, municipalities with Corpus Christi",
        GERMANY,
        &[CORPUS_CHRISTI, REFORMATION, REPENTANCE],
    ),
    entry("DE-ST", "Sachsen-Anhalt", "Saxony-Anhalt", GERMANY, &[EPIPHANY, REFORMATION]),
    entry("DE-SH", "Schleswig-Holstein", "Schleswig-Holstein", GERMANY, &[REFORMATION.since(2018)]),
    entry("DE-TH", "Thüringen", "Thuringia", GERMANY, &[CHILDREN, REFORMATION]),
    entry(
        "DE-TH-KATH",
        "Thüringen, Gemeinden mit Fronleichnam",
        "Thuringia, municipalities with Corpus Christi",
        GERMANY,
        &[CORPUS_CHRISTI, CHILDREN, REFORMATION],
    ),
    entry("AT", "Österreich", "Austria", AUSTRIA, &[]),
    entry("CH", "Schweiz, in allen Kantonen", "Switzerland, in every canton", SWITZERLAND, &[]),
    entry(
        "CH-AG",
        "Aargau",
        "Aargau",
        SWITZERLAND,
        &[
            BERCHTOLD,
            GOOD_FRIDAY,
            EASTER_MONDAY,
            LABOUR,
            WHIT_MONDAY,
            CORPUS_CHRISTI,
            ASSUMPTION,
            ALL_SAINTS,
            CONCEPTION,
            STEPHEN,
        ],
    ),
    entry(
        "CH-AI",
        "Appenzell Innerrhoden",
        "Appenzell Innerrhoden",
        SWITZERLAND,
        &[
            GOOD_FRIDAY,
            EASTER_MONDAY,
            WHIT_MONDAY,
            CORPUS_CHRISTI,
            ASSUMPTION,
            ALL_SAINTS,
            CONCEPTION,
            STEPHEN_NO_THIRD,
        ],
    ),
    entry(
        "CH-AR",
        "Appenzell Ausserrhoden",
        "Appenzell Ausserrhoden",
        SWITZERLAND,
        &[GOOD_FRIDAY, EASTER_MONDAY, WHIT_MONDAY, STEPHEN_NO_THIRD],
    ),
    entry("CH-BE", "Bern", "Bern", SWITZERLAND, &[BERCHTOLD, GOOD_FRIDAY, EASTER_MONDAY, WHIT_MONDAY, STEPHEN]),
    entry(
        "CH-BL",
        "Basel-Landschaft",
        "Basel-Landschaft",
        SWITZERLAND,
        &[GOOD_FRIDAY, EASTER_MONDAY, LABOUR, WHIT_MONDAY, STEPHEN],
    ),
    entry(
        "CH-BS",
        "Basel-Stadt",
        "Basel-Stadt",
        SWITZERLAND,
        &[GOOD_FRIDAY, EASTER_MONDAY, LABOUR, WHIT_MONDAY, STEPHEN],
    ),
    entry("CH-FR", "Freiburg", "Fribourg", SWITZERLAND, &[GOOD_FRIDAY]),
    entry(
        "CH-FR-KATH",
        "Freiburg, katholische Gemeinden",
        "Fribourg, Catholic municipalities",
        SWITZERLAND,
        &[GOOD_FRIDAY, CORPUS_CHRISTI, ASSUMPTION, ALL_SAINTS, CONCEPTION],
    ),
    entry("CH-GE", "Genf", "Geneva", SWITZERLAND, &[GOOD_FRIDAY, EASTER_MONDAY, WHIT_MONDAY, FAST_GE, RESTORATION_GE]),
    entry(
        "CH-GL",
        "Glarus",
        "Glarus",
        SWITZERLAND,
        &[NAEFELS, GOOD_FRIDAY, EASTER_MONDAY, WHIT_MONDAY, ALL_SAINTS, STEPHEN],
    ),
    entry("CH-GR", "Graubünden", "Grisons", SWITZERLAND, &[EASTER_MONDAY, WHIT_MONDAY, STEPHEN]),
    entry(
        "CH-JU",
        "Jura",
        "Jura",
        SWITZERLAND,
        &[
            BERCHTOLD,
            GOOD_FRIDAY,
            EASTER_MONDAY,
            LABOUR,
            WHIT_MONDAY,
            CORPUS_CHRISTI,
            INDEPENDENCE_JU,
            ASSUMPTION,
            ALL_SAINTS,
        ],
    ),
    entry(
        "CH-LU",
        "Luzern",
        "Lucerne",
        SWITZERLAND,
        &[
            BERCHTOLD,
            GOOD_FRIDAY,
            EASTER_MONDAY,
            WHIT_MONDAY,
            CORPUS_CHRISTI,
            ASSUMPTION,
            ALL_SAINTS,
            CONCEPTION,
            STEPHEN,
        ],
    ),
    entry(
        "CH-NE",
        "Neuenburg",
        "Neuchâtel",
        SWITZERLAND,
        &[BERCHTOLD_MONDAY, REPUBLIC_NE, GOOD_FRIDAY, LABOUR, STEPHEN_MONDAY],
    ),
    entry(
        "CH-NW",
        "Nidwalden",
        "Nidwalden",
        SWITZERLAND,
        &[JOSEPH, GOOD_FRIDAY, CORPUS_CHRISTI, ASSUMPTION, ALL_SAINTS, CONCEPTION],
    ),
    entry(
        "CH-OW",
        "Obwalden",
        "Obwalden",
        SWITZERLAND,
        &[GOOD_FRIDAY, CORPUS_CHRISTI, ASSUMPTION, NICHOLAS, ALL_SAINTS, CONCEPTION],
    ),
    entry(
        "CH-SG",
        "Sankt Gallen",
        "St. Gallen",
        SWITZERLAND,
        &[GOOD_FRIDAY, EASTER_MONDAY, WHIT_MONDAY, ALL_SAINTS, STEPHEN],
    ),
    entry(
        "CH-SH",
        "Schaffhausen",
        "Schaffhausen",
        SWITZERLAND,
        &[GOOD_FRIDAY, EASTER_MONDAY, LABOUR, WHIT_MONDAY, STEPHEN],
    ),
    entry("CH-SO", "Solothurn", "Solothurn", SWITZERLAND, &[GOOD_FRIDAY]),
    entry(
        "CH-SO-KATH",
        "Solothurn ohne Bucheggberg",
        "Solothurn without Bucheggberg",
        SWITZERLAND,
        &[GOOD_FRIDAY, CORPUS_CHRISTI, ASSUMPTION, ALL_SAINTS],
    ),
    entry(
        "CH-SZ",
        "Schwyz",
        "Schwyz",
        SWITZERLAND,
        &[
            EPIPHANY,
            JOSEPH,
            GOOD_FRIDAY,
            EASTER_MONDAY,
            WHIT_MONDAY,
            CORPUS_CHRISTI,
            ASSUMPTION,
            ALL_SAINTS,
            CONCEPTION,
            STEPHEN,
        ],
    ),
    entry(
        "CH-TG",
        "Thurgau",
        "Thurgau",
        SWITZERLAND,
        &[BERCHTOLD, GOOD_FRIDAY, EASTER_MONDAY, LABOUR, WHIT_MONDAY, STEPHEN],
    ),
    entry(
        "CH-TI",
        "Tessin",
        "Ticino",
        SWITZERLAND,
        &[
            EPIPHANY,
            JOSEPH,
            EASTER_MONDAY,
            LABOUR,
            WHIT_MONDAY,
            CORPUS_CHRISTI,
            PETER_PAUL,
            ASSUMPTION,
            ALL_SAINTS,
            CONCEPTION,
            STEPHEN,
        ],
    ),
    entry(
        "CH-UR",
        "Uri",
        "Uri",
        SWITZERLAND,
        &[
            EPIPHANY,
            JOSEPH,
            GOOD_FRIDAY,
            EASTER_MONDAY,
            WHIT_MONDAY,
            CORPUS_CHRISTI,
            ASSUMPTION,
            ALL_SAINTS,
            CONCEPTION,
            STEPHEN_NO_THIRD,
        ],
    ),
    entry("CH-VD", "Waadt", "Vaud", SWITZERLAND, &[BERCHTOLD, GOOD_FRIDAY, EASTER_MONDAY, WHIT_MONDAY, FAST_MONDAY]),
    entry("CH-VS", "Wallis", "Valais", SWITZERLAND, &[JOSEPH, CORPUS_CHRISTI, ASSUMPTION, ALL_SAINTS, CONCEPTION]),
    entry("CH-ZG", "Zug", "Zug", SWITZERLAND, &[GOOD_FRIDAY, CORPUS_CHRISTI, ASSUMPTION, ALL_SAINTS, CONCEPTION]),
    entry("CH-ZH", "Zürich", "Zurich", SWITZERLAND, &[GOOD_FRIDAY, EASTER_MONDAY, LABOUR, WHIT_MONDAY, STEPHEN]),
    entry("GB-ENG", "England", "England", ENGLAND, &[]),
    entry("GB-WLS", "Wales", "Wales", ENGLAND, &[]),
];
