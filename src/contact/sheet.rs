//! Contacts as a table: CSV with `;`, `,` or tabs, with German or English names of its columns.
//!
//! What a cell holds is text and stays as it is, also where a spreadsheet would take it for a formula.

use std::collections::HashMap;
use std::io::{self, Write};

use super::{Bad, Card, Contact, Entry, LISTS_MAX, MAIL_MAX, NUMBERS_MAX};
use crate::ids::Language;

/// Bytes of a file.
pub const FILE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Rows of a file.
pub const ROWS_MAX: usize = 100_000;
/// Bytes of a row, and of the first line.
pub const ROW_BYTES_MAX: usize = 64 * 1024;
/// Columns of a file.
const COLUMNS_MAX: usize = 200;
/// Words that are kept of what is wrong.
const SHOWN_MAX: usize = 60;

/// A row that can be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// Whom it describes.
    pub card: Card,
    /// Important or not; none: it does not say.
    pub vip: Option<bool>,
    /// Wanted or not; none: it does not say.
    pub blocked: Option<bool>,
}

impl Row {
    /// The same on a further list.
    pub fn on_list(self, list: &str) -> Result<Row, BadRow> {
        let mut entry = self.card.entry();
        entry.lists.push(list.to_owned());
        match entry.check() {
            Ok(card) => Ok(Row { card, ..self }),
            Err(why) => Err(BadRow { line: self.line, why: why.to_string() }),
        }
    }
}

/// A row that cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// Why, in words.
    pub why: String,
}

/// A file after it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// In the order of the file; no number is in two of them.
    pub rows: Vec<Row>,
    /// The others.
    pub bad: Vec<BadRow>,
    /// Parts of the good ones that were left out; only vCards have some.
    pub left: Vec<BadRow>,
}

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSheet {
    /// Longer than [`FILE_BYTES_MAX`].
    #[error("the file is longer than 32 MiB: cut it into several")]
    Long,
    /// Pictures, spreadsheets, archives.
    #[error("this is no text: save the table as CSV")]
    NotText,
    /// Nobody can be known without.
    #[error("no column is called number, phone, nummer or telefon: name the columns in the first line ({0:?})")]
    NoNumbers(String),
    /// No card begins in it.
    #[error("no BEGIN:VCARD is in it: export the contacts as vCard (.vcf), or import a table")]
    NoCards,
    /// Two columns that can be there once only.
    #[error("several columns are called {0}: keep one")]
    Twice(&'static str),
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    FirstName,
    Number,
    List,
    Vip,
    Blocked,
    Note,
    Language,
    Mail,
}

/// Names of columns, folded: ours, and those with which address books export.
const COLUMNS: &[(&str, Column)] = &[
    ("name", Column::Name),
    ("last name", Column::Name),
    ("nachname", Column::Name),
    ("kunde", Column::Name),
    ("contact", Column::Name),
    ("kontakt", Column::Name),
    ("first name", Column::FirstName),
    ("vorname", Column::FirstName),
    ("number", Column::Number),
    ("numbers", Column::Number),
    ("phone", Column::Number),
    ("telephone", Column::Number),
    ("mobile", Column::Number),
    ("nummer", Column::Number),
    ("nummern", Column::Number),
    ("rufnummer", Column::Number),
    ("rufnummern", Column::Number),
    ("telefon", Column::Number),
    ("telefonnummer", Column::Number),
    ("festnetz", Column::Number),
    ("mobil", Column::Number),
    ("handy", Column::Number),
    ("list", Column::List),
    ("lists", Column::List),
    ("group", Column::List),
    ("groups", Column::List),
    ("liste", Column::List),
    ("listen", Column::List),
    ("gruppe", Column::List),
    ("gruppen", Column::List),
    ("vip", Column::Vip),
    ("important", Column::Vip),
    ("wichtig", Column::Vip),
    ("blocked", Column::Blocked),
    ("gesperrt", Column::Blocked),
    ("note", Column::Note),
    ("notes", Column::Note),
    ("notiz", Column::Note),
    ("notizen", Column::Note),
    ("bemerkung", Column::Note),
    ("language", Column::Language),
    ("sprache", Column::Language),
    ("mail", Column::Mail),
    ("email", Column::Mail),
    ("e-mail", Column::Mail),
    ("e-mail address", Column::Mail),
];

impl Column {
    /// `Telefon 2` is a further `Telefon`.
    fn of(title: &str) -> Option<Column> {
        let title = super::fold(title.trim());
        let title = title.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end();
        COLUMNS.iter().find(|(name, _)| *name == title).map(|(_, column)| *column)
    }
}

/// Reads a file. Never panics, whatever the bytes; linear in their length.
pub fn read(bytes: &[u8]) -> Result<Sheet, BadSheet> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(BadSheet::Long);
    }
    let text = text(bytes)?;
    let first: String = text.lines().next().unwrap_or_default().chars().take(ROW_BYTES_MAX).collect();
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(&first)).flexible(true).from_reader(text.as_bytes());
    let titles = reader.headers().cloned().unwrap_or_default();
    let columns: Vec<Option<Column>> = titles.iter().take(COLUMNS_MAX).map(Column::of).collect();
    if !columns.contains(&Some(Column::Number)) {
        return Err(BadSheet::NoNumbers(first.chars().take(SHOWN_MAX).collect()));
    }
    for (name, once) in
        [("vip", Column::Vip), ("blocked", Column::Blocked), ("note", Column::Note), ("language", Column::Language)]
    {
        if columns.iter().filter(|column| **column == Some(once)).count() > 1 {
            return Err(BadSheet::Twice(name));
        }
    }
    let mut sheet = Sheet::default();
    let mut seen: HashMap<String, u64> = HashMap::new();
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
    for record in reader.records() {
        let Ok(record) = record else { continue };
        let line = lines.of(record.position().map_or(0, csv::Position::byte));
        if sheet.rows.len() + sheet.bad.len() >= ROWS_MAX {
            sheet.bad.push(BadRow { line, why: format!("a file has {ROWS_MAX} rows at most: cut it into several") });
            break;
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match row(&columns, &record, line).and_then(|row| once(row, &mut seen)) {
            Ok(row) => sheet.rows.push(row),
            Err(why) => sheet.bad.push(BadRow { line, why }),
        }
    }
    Ok(sheet)
}

/// Counts lines up to a place: the reader's own count takes the empty lines before a row for its beginning.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first text at or after a byte; of one that is asked for later.
    fn of(&mut self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(b) = self.text.get(self.at).filter(|b| self.at < byte || **b == b'\n') {
            self.line += u64::from(*b == b'\n');
            self.at += 1;
        }
        self.line
    }
}

/// With `\n` at the ends of lines; UTF-8, with or without its mark; else as Windows wrote it in western Europe.
fn text(bytes: &[u8]) -> Result<String, BadSheet> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(BadSheet::NotText);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.replace("\r\n", "\n").replace('\r', "\n")),
        Err(_) if bytes.iter().any(|byte| byte.is_ascii_control() && !b"\r\n\t".contains(byte)) => {
            Err(BadSheet::NotText)
        }
        Err(_) => {
            let text: String = bytes.iter().map(|byte| western(*byte)).collect();
            Ok(text.replace("\r\n", "\n").replace('\r', "\n"))
        }
    }
}

/// Windows-1252: Latin-1 but for 80–9F, of which the signs that names and notes have are read.
pub(super) fn western(byte: u8) -> char {
    match byte {
        0x80 => '€',
        0x84 => '„',
        0x85 => '…',
        0x8a => 'Š',
        0x8e => 'Ž',
        0x91 | 0x92 => '’',
        0x93 | 0x94 => '“',
        0x96 => '–',
        0x97 => '—',
        0x9a => 'š',
        0x9e => 'ž',
        byte => char::from(byte),
    }
}

/// Which of them the first line has most of.
fn delimiter(first: &str) -> u8 {
    let count = |sign: &u8| first.bytes().filter(|byte| byte == sign).count();
    // Of several that are as many the last counts: German tables have semicolons, and commas in their titles.
    b"\t,;".iter().copied().max_by_key(count).unwrap_or(b';')
}

fn row(columns: &[Option<Column>], record: &csv::StringRecord, line: u64) -> Result<Row, String> {
    if record.as_slice().len() > ROW_BYTES_MAX {
        return Err(format!("the row is longer than {ROW_BYTES_MAX} bytes: is a quotation mark missing?"));
    }
    let mut entry = Entry::default();
    let (mut first_name, mut vip, mut blocked) = (String::new(), None, None);
    for (column, cell) in columns.iter().zip(record) {
        let cell = cell.trim();
        let Some(column) = column.filter(|_| !cell.is_empty()) else { continue };
        match column {
            Column::Name if entry.name.is_empty() => cell.clone_into(&mut entry.name),
            Column::Name => {}
            Column::FirstName => cell.clone_into(&mut first_name),
            Column::Number => entry.numbers.extend(parts(cell, NUMBERS_MAX)),
            Column::List => entry.lists.extend(parts(cell, LISTS_MAX)),
            Column::Vip => vip = Some(truth(cell)?),
            Column::Blocked => blocked = Some(truth(cell)?),
            Column::Note => cell.clone_into(&mut entry.note),
            Column::Language => entry.language = Some(language(cell)?),
            Column::Mail => entry.mail.extend(parts(cell, MAIL_MAX)),
        }
    }
    entry.name = format!("{first_name} {}", entry.name);
    (entry.vip, entry.blocked) = (vip.unwrap_or(false), blocked.unwrap_or(false));
    let card = entry.check().map_err(|bad| match bad {
        Bad::NoNumber => "it has no number".to_owned(),
        other => other.to_string(),
    })?;
    Ok(Row { line, card, vip, blocked })
}

/// Several of a cell. One more than may be is enough to be told of.
fn parts(cell: &str, max: usize) -> impl Iterator<Item = String> {
    let parts = cell.split([',', ';', '|', '\n']).map(str::trim).filter(|part| !part.is_empty());
    parts.take(max + 1).map(str::to_owned)
}

fn truth(cell: &str) -> Result<bool, String> {
    match cell.to_lowercase().as_str() {
        "1" | "x" | "ja" | "j" | "yes" | "y" | "true" | "wahr" => Ok(true),
        "0" | "-" | "nein" | "n" | "no" | "false" | "falsch" => Ok(false),
        _ => Err(format!("{:?} is neither yes nor no", cell.chars().take(SHOWN_MAX).collect::<String>())),
    }
}

fn language(cell: &str) -> Result<Language, String> {
    match cell.to_lowercase().as_str() {
        "de" | "deutsch" | "german" => Ok(Language::De),
        "en" | "englisch" | "english" => Ok(Language::En),
        _ => Err(format!(
            "{:?} is no language that is spoken here: de or en",
            cell.chars().take(SHOWN_MAX).collect::<String>()
        )),
    }
}

/// A number that an earlier row has would make the order of the rows decide.
fn once(row: Row, seen: &mut HashMap<String, u64>) -> Result<Row, String> {
    for number in &row.card.numbers {
        if let Some(line) = seen.get(number) {
            return Err(format!("{number} is on line {line} already"));
        }
    }
    seen.extend(row.card.numbers.iter().map(|number| (number.clone(), row.line)));
    Ok(row)
}

/// Writes contacts so that [`read`] reads them as they were.
pub fn write(to: impl Write, contacts: &[Contact]) -> io::Result<()> {
    let mut table = csv::WriterBuilder::new().delimiter(b';').from_writer(to);
    table.write_record(["name", "numbers", "lists", "vip", "blocked", "note", "language", "mail"])?;
    let truth = |truth: bool| if truth { "yes" } else { "" };
    for Contact { card, .. } in contacts {
        let (numbers, lists) = (card.numbers.join(", "), card.lists.join(", "));
        let (language, mail) = (card.language.map_or("", Language::as_str), card.mail.join(", "));
        let marks = (truth(card.vip), truth(card.blocked));
        table.write_record([&card.name, &numbers, &lists, marks.0, marks.1, &card.note, language, &mail])?;
    }
    table.flush()
}

#[cfg(test)]
mod tests;
