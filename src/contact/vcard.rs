//! Contacts as vCards: 4.0 (RFC 6350) is written; read is also what phones and mail programs write, 3.0 and 2.1.
//!
//! A part that cannot be kept is left out and told of, with its line; the rest of the card is kept. Marks (vip,
//! blocked) have no place in a vCard: a table ([`super::sheet`]) has them.

use std::collections::HashMap;
use std::iter::{Peekable, Zip};
use std::ops::RangeFrom;

use super::sheet::{BadRow, BadSheet, FILE_BYTES_MAX, ROW_BYTES_MAX, ROWS_MAX, Row, Sheet, western};
use super::{Bad, Contact, Entry, LISTS_MAX, MAIL_MAX, NOTE_MAX, NUMBERS_MAX, list_name, mail_address, number};
use crate::ids::Language;

/// Properties of a card; what is beyond is left out.
const PROPERTIES_MAX: usize = 1_000;
/// Octets of a line before it is folded (RFC 6350 §3.2).
const FOLD: usize = 75;
/// Parts of a property's value that are looked at.
const PARTS_MAX: usize = 100;
/// Characters that are shown of what is left out.
const SHOWN_MAX: usize = 60;

/// Reads a file. Never panics, whatever the bytes; linear in their length.
pub fn read(bytes: &[u8]) -> Result<Sheet, BadSheet> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(BadSheet::Long);
    }
    if bytes.contains(&0) {
        return Err(BadSheet::NotText);
    }
    let mut reader = Reader::default();
    let mut any = false;
    for (line, text) in Lines::of(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
        let Some(property) = Property::parse(&text) else { continue };
        match (property.name.as_str(), property.value.trim().to_ascii_uppercase().as_str()) {
            ("BEGIN", "VCARD") => {
                any = true;
                reader.begin(line);
            }
            ("END", "VCARD") => reader.end(),
            _ => reader.property(line, &property),
        }
        if reader.is_full() {
            let why = format!("a file has {ROWS_MAX} cards at most: cut it into several");
            reader.sheet.bad.push(BadRow { line, why });
            return Ok(reader.sheet);
        }
    }
    if !any {
        return Err(BadSheet::NoCards);
    }
    if let Some(open) = reader.open.take() {
        let why = "END:VCARD is missing: is the file whole?".to_owned();
        reader.sheet.bad.push(BadRow { line: open.line, why });
    }
    Ok(reader.sheet)
}

/// At each end of a line.
type AtEnds<'t> = std::slice::Split<'t, u8, fn(&u8) -> bool>;

/// Lines of a file, unfolded, with the number of their first.
struct Lines<'t> {
    rest: Peekable<Zip<RangeFrom<u64>, AtEnds<'t>>>,
}

impl<'t> Lines<'t> {
    fn of(bytes: &'t [u8]) -> Lines<'t> {
        let end: fn(&u8) -> bool = |byte| *byte == b'\n';
        Lines { rest: (1..).zip(bytes.split(end)).peekable() }
    }
}

impl Iterator for Lines<'_> {
    type Item = (u64, String);

    /// Joined before it is decoded: some programs fold between the bytes of a letter.
    fn next(&mut self) -> Option<(u64, String)> {
        let (number, first) = self.rest.next()?;
        let mut line = first.strip_suffix(b"\r").unwrap_or(first).to_vec();
        let printable = is_quoted_printable(&line);
        loop {
            let soft = printable && line.ends_with(b"=");
            let Some((_, next)) =
                self.rest.next_if(|(_, next)| soft || next.starts_with(b" ") || next.starts_with(b"\t"))
            else {
                break;
            };
            let next = next.strip_suffix(b"\r").unwrap_or(next);
            // Of a picture nothing is needed; of its end nothing either.
            if line.len() < ROW_BYTES_MAX {
                if soft {
                    line.pop();
                    line.extend_from_slice(next);
                } else {
                    line.extend_from_slice(next.get(1..).unwrap_or_default());
                }
            }
        }
        line.truncate(ROW_BYTES_MAX);
        Some((number, decoded(line)))
    }
}

fn is_quoted_printable(line: &[u8]) -> bool {
    let head = line.split(|byte| *byte == b':').next().unwrap_or_default();
    head.len() < 200 && head.to_ascii_uppercase().windows(16).any(|word| word == b"QUOTED-PRINTABLE")
}

/// UTF-8, else as Windows wrote it in western Europe.
fn decoded(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| error.as_bytes().iter().map(|byte| western(*byte)).collect())
}

/// `item1.TEL;TYPE=cell,pref:+49…`.
struct Property {
    /// Upper case, without its group.
    name: String,
    /// Upper case: `TYPE=CELL`, `PREF`, `ENCODING=QUOTED-PRINTABLE`.
    params: Vec<String>,
    value: String,
}

impl Property {
    fn parse(line: &str) -> Option<Property> {
        let mut quoted = false;
        let colon = line.find(|c| {
            quoted ^= c == '"';
            c == ':' && !quoted
        })?;
        let (head, value) = (line.get(..colon)?, line.get(colon + 1..)?);
        let mut parts = head.split(';').take(PARTS_MAX);
        let name = parts.next()?.trim();
        let name = name.rsplit('.').next()?.to_ascii_uppercase();
        let params: Vec<String> = parts.map(|part| part.trim().to_ascii_uppercase().replace('"', "")).collect();
        let has = |word: &str| params.iter().any(|param| param.rsplit('=').next() == Some(word));
        let value = if has("QUOTED-PRINTABLE") {
            unquoted(value, params.iter().any(|param| param == "CHARSET=UTF-8"))
        } else {
            value.to_owned()
        };
        Some(Property { name, params, value })
    }

    /// Whether it is of this type: `TYPE=HOME,FAX`, and `FAX` alone as 2.1 has it.
    fn is(&self, word: &str) -> bool {
        let values = self.params.iter().flat_map(|param| param.strip_prefix("TYPE=").unwrap_or(param).split(','));
        values.take(PARTS_MAX).any(|value| value == word)
    }

    fn is_preferred(&self) -> bool {
        self.is("PREF") || self.params.iter().any(|param| param == "PREF=1")
    }

    /// Its parts at `;` or `,`, unescaped.
    fn parts(&self, at: char) -> Vec<String> {
        let mut parts = vec![String::new()];
        let mut signs = self.value.chars();
        while let Some(c) = signs.next() {
            if c == at && parts.len() < PARTS_MAX {
                parts.push(String::new());
                continue;
            }
            let c = match c {
                '\\' => match signs.next() {
                    Some('n' | 'N') => '\n',
                    Some(escaped) => escaped,
                    None => '\\',
                },
                c => c,
            };
            if let Some(last) = parts.last_mut() {
                last.push(c);
            }
        }
        parts
    }

    fn text(&self) -> String {
        // No sign is a private one: nothing is cut.
        self.parts('\u{f8ff}').concat().trim().to_owned()
    }
}

/// RFC 2045 §6.7. What is no code stays as it is.
fn unquoted(text: &str, utf8: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let code = match behind {
            [high, low, ..] if *first == b'=' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        bytes.push(code.map_or(*first, |(high, low)| high * 16 + low));
        rest = if code.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    bytes.retain(|byte| *byte != 0);
    if utf8 { String::from_utf8_lossy(&bytes).into_owned() } else { decoded(bytes) }
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A card that is being read.
#[derive(Default)]
struct Open {
    line: u64,
    /// Cards within it (2.1 has them for secretaries): not looked at.
    within: u32,
    properties: usize,
    entry: Entry,
    /// Of N, for where FN is missing.
    parts: String,
    organisation: String,
    left: Vec<BadRow>,
}

#[derive(Default)]
struct Reader {
    sheet: Sheet,
    open: Option<Open>,
    /// On which line a number was met.
    seen: HashMap<String, u64>,
}

impl Reader {
    fn is_full(&self) -> bool {
        self.sheet.rows.len() + self.sheet.bad.len() >= ROWS_MAX
    }

    fn begin(&mut self, line: u64) {
        match &mut self.open {
            Some(open) => open.within = open.within.saturating_add(1),
            None => self.open = Some(Open { line, ..Open::default() }),
        }
    }

    fn end(&mut self) {
        if let Some(open) = &mut self.open
            && open.within > 0
        {
            open.within -= 1;
            return;
        }
        let Some(open) = self.open.take() else { return };
        let Open { line, mut entry, parts, organisation, left, .. } = open;
        if entry.name.is_empty() {
            entry.name = if parts.is_empty() { organisation.clone() } else { parts };
        }
        if !organisation.is_empty() && !entry.name.contains(&organisation) && !entry.note.contains(&organisation) {
            entry.note = format!("{organisation}\n{}", entry.note);
        }
        // Who has no name is called by the number.
        if number(&entry.name).is_ok_and(|name| entry.numbers.contains(&name)) {
            entry.name.clear();
        }
        let without = left.first().map_or_else(|| "it has no number".to_owned(), |first| first.why.clone());
        let numbers = entry.numbers.clone();
        match entry.check() {
            Ok(card) => {
                self.seen.extend(numbers.into_iter().map(|number| (number, line)));
                self.sheet.left.extend(left);
                self.sheet.rows.push(Row { line, card, vip: None, blocked: None });
            }
            Err(Bad::NoNumber) => self.sheet.bad.push(BadRow { line, why: without }),
            Err(bad) => self.sheet.bad.push(BadRow { line, why: bad.to_string() }),
        }
    }

    fn property(&mut self, line: u64, property: &Property) {
        let Some(open) = self.open.as_mut().filter(|open| open.within == 0) else { return };
        open.properties += 1;
        if open.properties > PROPERTIES_MAX {
            return;
        }
        if let Err(why) = open.take(property, &self.seen) {
            open.left.push(BadRow { line, why });
        }
    }
}

impl Open {
    /// Why it is left out.
    fn take(&mut self, property: &Property, seen: &HashMap<String, u64>) -> Result<(), String> {
        match property.name.as_str() {
            "FN" if self.entry.name.is_empty() => self.entry.name = property.text(),
            "N" => self.parts = spoken_name(&property.parts(';')),
            "ORG" => {
                let parts = property.parts(';');
                let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
                self.organisation = parts.collect::<Vec<_>>().join(", ");
            }
            "TEL" => return self.tel(property, seen),
            "EMAIL" => {
                let mail = mail_address(&property.text()).map_err(|bad| bad.to_string())?;
                add(&mut self.entry.mail, mail, false, MAIL_MAX, &Bad::ManyMails)?;
            }
            "NOTE" => {
                let note = property.text();
                if self.entry.note.chars().count() + note.chars().count() >= NOTE_MAX {
                    return Err(Bad::LongNote.to_string());
                }
                self.entry.note = format!("{}\n{note}", self.entry.note).trim().to_owned();
            }
            "LANG" if self.entry.language.is_none() => {
                let word = property.text().to_ascii_lowercase();
                let primary = word.split(['-', '_']).next().unwrap_or_default();
                self.entry.language =
                    Some(primary.parse::<Language>().map_err(|bad| format!("{:?} is {bad}", shown(&word)))?);
            }
            "CATEGORIES" => {
                let categories = property.parts(',');
                for category in categories.iter().filter(|category| !category.trim().is_empty()) {
                    let list = list_name(category).map_err(|bad| bad.to_string())?;
                    add(&mut self.entry.lists, list, false, LISTS_MAX, &Bad::ManyLists)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn tel(&mut self, property: &Property, seen: &HashMap<String, u64>) -> Result<(), String> {
        let text = property.text();
        if text.is_empty() {
            return Ok(());
        }
        if property.is("FAX") || property.is("PAGER") {
            return Err(format!("{} is a fax or a pager, no telephone", shown(&text)));
        }
        let number = number(&text).map_err(|bad| bad.to_string())?;
        if let Some(line) = seen.get(&number) {
            return Err(format!("{number} belongs to the card on line {line} already"));
        }
        add(&mut self.entry.numbers, number, property.is_preferred(), NUMBERS_MAX, &Bad::ManyNumbers)
    }
}

fn add(to: &mut Vec<String>, one: String, first: bool, max: usize, many: &Bad) -> Result<(), String> {
    if to.contains(&one) {
        return Ok(());
    }
    if to.len() >= max {
        return Err(many.to_string());
    }
    to.insert(if first { 0 } else { to.len() }, one);
    Ok(())
}

/// Family, given, additional, before, behind (RFC 6350 §6.2.2) in the order in which they are spoken.
fn spoken_name(parts: &[String]) -> String {
    let spoken = [3, 1, 2, 0, 4].into_iter().filter_map(|at: usize| parts.get(at));
    spoken.map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_MAX).collect()
}

/// Writes contacts so that [`read`] reads their cards as they were, but for the marks.
pub fn write(contacts: &[Contact]) -> String {
    let mut text = String::new();
    for contact in contacts {
        let card = &contact.card;
        let mut line = |content: &str| fold(content, &mut text);
        line("BEGIN:VCARD");
        line("VERSION:4.0");
        line(&format!("UID:urn:uuid:{}", contact.id));
        line(&format!("FN:{}", escaped(card.label())));
        for (pref, number) in (1..).zip(&card.numbers) {
            match number.strip_prefix('+') {
                Some(_) => line(&format!("TEL;VALUE=uri;PREF={pref}:tel:{number}")),
                None => line(&format!("TEL;PREF={pref}:{number}")),
            }
        }
        card.mail.iter().for_each(|mail| line(&format!("EMAIL:{mail}")));
        if let Some(language) = card.language {
            line(&format!("LANG:{language}"));
        }
        if !card.lists.is_empty() {
            line(&format!("CATEGORIES:{}", card.lists.join(",")));
        }
        if !card.note.is_empty() {
            line(&format!("NOTE:{}", escaped(&card.note)));
        }
        line("END:VCARD");
    }
    text
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(',', "\\,").replace(';', "\\;").replace('\n', "\\n")
}

fn fold(content: &str, into: &mut String) {
    let mut length = 0;
    for c in content.chars() {
        if length + c.len_utf8() > FOLD {
            into.push_str("\r\n ");
            length = 1;
        }
        into.push(c);
        length += c.len_utf8();
    }
    into.push_str("\r\n");
}

#[cfg(test)]
mod tests;
