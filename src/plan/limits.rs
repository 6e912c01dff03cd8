//! Limits of a plan, in one place.

/// Bytes of the text.
pub const TEXT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Steps.
pub const STEPS_MAX: usize = 10_000;
/// Keys of one menu.
pub const KEYS_MAX: usize = 200;
/// Digits of one choice.
pub const KEY_DIGITS_MAX: usize = 6;
/// Numbers of the line.
pub const NUMBERS_MAX: usize = 1_000;
/// Rules.
pub const RULES_MAX: usize = 200;
/// Callers of one rule.
pub const CALLERS_MAX: usize = 50;
/// Days on which calls go elsewhere.
pub const DAYS_MAX: usize = 200;
/// Of each: hours, rotas, calendars.
pub const THINGS_MAX: usize = 200;
/// People, and prompts.
pub const PEOPLE_MAX: usize = 1_000;
/// Who is rung in one step, or turns in one rota.
pub const CALL_MAX: usize = 50;
/// Shifts of one rota.
pub const SHIFTS_MAX: usize = 50;
/// Who is told of one message.
pub const NOTIFY_MAX: usize = 20;
/// Pieces of what one step says.
pub const PIECES_MAX: usize = 32;
/// Characters of one spoken text; with four bytes each they fit what `speech` takes.
pub const SPOKEN_MAX: usize = 1_000;
/// Characters of what a callback is about.
pub const MATTER_MAX: usize = 64;
/// Waits before a callback is tried again.
pub const RETRY_MAX: usize = 20;
/// Numbers and prefixes that may be called back.
pub const ALLOW_MAX: usize = 200;
/// Who has seats in one calendar.
pub const STAFF_MAX: usize = 100;
/// Characters of a name.
pub const NAME_MAX: usize = 64;
/// Findings that are shown.
pub const FINDINGS_MAX: usize = 100;
/// Bytes of a text of which all syntax errors are looked for: each costs much memory; of a longer text, the first.
pub const SYNTAX_BYTES_MAX: usize = 64 * 1024;
/// Syntax errors that are shown.
pub const SYNTAX_MAX: usize = 20;
/// Characters of what was written that a finding repeats.
pub const SHOWN_MAX: usize = 60;
/// Comparisons of names for suggestions.
pub const COMPARISONS_MAX: usize = 25_000;
