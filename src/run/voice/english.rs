//! English sentences from recorded fragments (`prompts/say/en`), where all of a text is covered by them.
//!
//! The prompts are recorded by one voice, and no second one is to enter a call: so a text whose words come
//! from the closed vocabulary of `speech` is joined from fragments of the first. Of all ways to cover a
//! sentence the one with the fewest joins is taken. At a full stop and at the end the falling recording
//! stands, before a comma and within a sentence the level one.

use std::collections::HashMap;

use rust_embed::RustEmbed;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::media::clip;
use crate::media::level::RATE_HZ;

/// Silence at the start and at the end, at a comma and at a full stop: samples.
const LEAD: usize = ms(100);
const TAIL: usize = ms(170);
const COMMA_PAUSE: usize = ms(160);
const STOP: usize = ms(380);
/// What a join costs when ways to cover a sentence are compared, and what a melody that does not fit.
const JOIN: u32 = 10;
const WRONG_MELODY: u32 = 4;
/// Marks that end a sentence, and that part it.
const STOPS: [char; 3] = ['.', '!', '?'];
const COMMA_MARK: char = ',';
const COMMA: &str = ",";

// As in `media::prompts`: release builds carry the bytes.
#[derive(RustEmbed)]
#[folder = "prompts/say/en"]
struct Recorded;

/// What is recorded.
#[derive(Debug)]
pub struct Fragments {
    by_words: HashMap<String, Recordings>,
    /// Words of the longest.
    words_max: usize,
    version: String,
}

/// The recordings of one fragment, by id.
#[derive(Debug, Default)]
struct Recordings {
    level: Option<String>,
    falling: Option<String>,
}

/// A line of the manifest.
#[derive(Deserialize)]
struct Entry {
    text: String,
    kind: String,
}

/// A part of a joined sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The recording of this id.
    Recording(&'a str),
    /// Nothing, for so many samples.
    Silence(usize),
}

impl Fragments {
    /// The fragments that ship. A build without them has none, and joins nothing.
    pub fn shipped() -> Fragments {
        let manifest = Recorded::get("manifest.json").map(|file| file.data).unwrap_or_default();
        let entries: HashMap<String, Entry> = serde_json::from_slice(&manifest).unwrap_or_default();
        let mut by_words: HashMap<String, Recordings> = HashMap::with_capacity(entries.len());
        for (id, entry) in entries {
            let words = entry.text.split_whitespace().map(token).map(|(word, mark)| match mark {
                Some(COMMA_MARK) => word + COMMA,
                _ => word,
            });
            let recordings = by_words.entry(looked_up(&words.collect::<Vec<_>>())).or_default();
            match entry.kind.as_str() {
                "level" => recordings.level = Some(id),
                _ => recordings.falling = Some(id),
            }
        }
        let words_max = by_words.keys().map(|words| words.split(' ').count()).max().unwrap_or(0);
        Fragments { by_words, words_max, version: super::hex(&Sha256::digest(&manifest)) }
    }

    /// Changes with every recording.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// `words` in 16 kHz; none where a part of them is not recorded.
    pub fn joined(&self, words: &str) -> Option<Vec<i16>> {
        let mut pcm = Vec::new();
        for piece in self.pieces(words)? {
            match piece {
                Piece::Recording(id) => pcm.extend(recording(id)?),
                Piece::Silence(samples) => pcm.resize(pcm.len() + samples, 0),
            }
        }
        Some(pcm)
    }

    /// What `words` are joined from.
    pub fn pieces(&self, words: &str) -> Option<Vec<Piece<'_>>> {
        let mut pieces = vec![Piece::Silence(LEAD)];
        let mut sentence: Vec<String> = Vec::new();
        let mut texts = words.split_whitespace().peekable();
        while let Some(text) = texts.next() {
            let (word, mark) = token(text);
            match (word.is_empty(), mark, sentence.last_mut()) {
                // The comma stays with its word.
                (false, Some(COMMA_MARK), _) => sentence.push(word + COMMA),
                (false, ..) => sentence.push(word),
                (true, Some(COMMA_MARK), Some(before)) if !before.ends_with(COMMA) => before.push(COMMA_MARK),
                (true, ..) => {}
            }
            let last = texts.peek().is_none();
            if !sentence.is_empty() && (last || mark.is_some_and(|mark| mark != COMMA_MARK)) {
                pieces.extend(self.cover(&sentence)?);
                pieces.push(Piece::Silence(if last { TAIL } else { STOP }));
                sentence.clear();
            }
        }
        (pieces.len() > 1).then_some(pieces)
    }

    /// The fewest recordings that say a sentence; of equal ways the one whose first pieces are longest.
    fn cover(&self, words: &[String]) -> Option<Vec<Piece<'_>>> {
        // For each place, from the last: what the rest costs, which recording is next, and of how many words.
        let mut ways: Vec<Option<(u32, &str, usize)>> = vec![None; words.len()];
        for at in (0..words.len()).rev() {
            for count in (1..=self.words_max.min(words.len() - at)).rev() {
                let end = at + count;
                let Some(recordings) = words.get(at..end).and_then(|run| self.by_words.get(&looked_up(run))) else {
                    continue;
                };
                let after =
                    if end == words.len() { Some(0) } else { ways.get(end).copied().flatten().map(|way| way.0) };
                let ((Some(id), fits), Some(after)) = (recordings.pick(end == words.len()), after) else { continue };
                let cost = after + JOIN + if fits { 0 } else { WRONG_MELODY };
                if let Some(way) = ways.get_mut(at).filter(|way| way.is_none_or(|(least, ..)| cost < least)) {
                    *way = Some((cost, id, count));
                }
            }
        }
        let mut pieces = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let (_, id, count) = (*ways.get(at)?)?;
            pieces.push(Piece::Recording(id));
            at += count;
            if at < words.len() && words.get(at - 1).is_some_and(|word| word.ends_with(COMMA)) {
                pieces.push(Piece::Silence(COMMA_PAUSE));
            }
        }
        Some(pieces)
    }
}

impl Recordings {
    /// The one for this place, and whether its melody is the one that is wanted.
    fn pick(&self, falls: bool) -> (Option<&str>, bool) {
        let [wanted, other] = if falls { [&self.falling, &self.level] } else { [&self.level, &self.falling] };
        (wanted.as_deref().or(other.as_deref()), wanted.is_some())
    }
}

/// Commas within it belong to a fragment, one behind it does not.
fn looked_up(words: &[String]) -> String {
    let mut joined = words.join(" ");
    if joined.ends_with(COMMA) {
        joined.pop();
    }
    joined
}

/// A word without its marks, as it is looked up, and the mark behind it. Small and large letters are one,
/// but for single letters: "A" is spelled.
fn token(text: &str) -> (String, Option<char>) {
    let word = text.trim_matches(|c| STOPS.contains(&c) || c == COMMA_MARK);
    let mark = text.chars().next_back().filter(|c| STOPS.contains(c) || *c == COMMA_MARK);
    let spelled = word.chars().count() == 1;
    (if spelled { word.to_owned() } else { word.to_lowercase() }, mark)
}

/// The samples of one recording.
fn recording(id: &str) -> Option<Vec<i16>> {
    let file = Recorded::get(&format!("{id}.flac"))?;
    clip::read_flac(file.data.into_owned()).filter(|pcm| !pcm.is_empty())
}

const fn ms(milliseconds: usize) -> usize {
    milliseconds * RATE_HZ as usize / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Language;
    use crate::media::level::{LEVEL_DB, active_level_db};
    use crate::speech;

    /// What a sentence is joined from: `l` is level, `f` falls.
    fn told(words: &str) -> String {
        let fragments = Fragments::shipped();
        let Some(pieces) = fragments.pieces(words) else { return "not covered".to_owned() };
        let told = pieces.iter().map(|piece| match piece {
            Piece::Recording(id) => (*id).to_owned(),
            Piece::Silence(COMMA_PAUSE) => ",".to_owned(),
            Piece::Silence(STOP) => ".".to_owned(),
            Piece::Silence(_) => "|".to_owned(),
        });
        told.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn sentences_are_covered_by_the_longest_pieces() {
        for (words, wanted) in [
            ("nine thirty a m", "| nine-thirty-a-m-f |"),
            ("until eight a m on Monday.", "| until-l eight-a-m-l on-monday-f |"),
            ("We are closed until eight a m on Monday.", "| we-are-closed-l until-l eight-a-m-l on-monday-f |"),
            (
                "on Tuesday, the third of March, at nine twenty a m",
                "| on-tuesday-l , the-third-of-l march-l , at-nine-l twenty-l a-m-f |",
            ),
            ("Goodbye. noon", "| goodbye-f . noon-f |"),
            ("A one two", "| letter-a-l one-l two-f |"),
            ("Is that right?", "| is-that-right-f |"),
            ("seventy", "| seventy-l |"),
            ("today, ... closed", "| today-f . closed-f |"),
            ("today, closed", "| today-l , closed-f |"),
        ] {
            assert_eq!(told(words), wanted);
        }
        for words in ["", "...", "Welcome to the shop.", "nine thirty Meier", "a"] {
            assert_eq!(told(words), "not covered", "{words}");
        }
    }

    #[test]
    fn all_of_the_closed_vocabulary_is_recorded() {
        let fragments = Fragments::shipped();
        let table = include_str!("../../../tests/data/say.en.tsv");
        let (mut missing, mut owners) = (Vec::new(), String::new());
        for line in table.lines() {
            let [kind, _, words] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            if words.is_empty() || fragments.pieces(words).is_some() {
                continue;
            }
            match kind {
                // Owners' words: names, places, abbreviations.
                "text" | "render" => owners.push_str(&format!("{words}\n")),
                _ => missing.push(line),
            }
        }
        assert!(missing.is_empty(), "{} sentences: {missing:#?}", missing.len());
        insta::assert_snapshot!("spoken_by_another_voice", owners);
    }

    /// What a plan of ours says, its values filled in; none where a name is in it.
    fn filled_in(text: &str) -> Option<String> {
        let values = [
            ("{promise}", "tomorrow, Tuesday, by noon at the latest"),
            ("{until}", "until eight a m on Monday"),
            ("{hours.today}", "from nine a m to six p m"),
        ];
        let filled = values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
        (!filled.contains('{')).then(|| speech::speakable(&filled, Language::En))
    }

    /// All that `say` is in a plan, but for ids of prompts.
    fn said(plan: &toml::Value, into: &mut Vec<String>) {
        let table = plan.as_table().into_iter().flatten();
        for (name, value) in table {
            let texts = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            let texts = texts.iter().filter_map(toml::Value::as_str).filter(|text| text.contains(' '));
            if name == "say" {
                into.extend(texts.map(str::to_owned));
            }
            said(value, into);
        }
    }

    #[test]
    fn what_shipped_plans_say_is_recorded_but_for_names() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("dialplans");
        let (fragments, mut missing, mut count) = (Fragments::shipped(), Vec::new(), 0);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let plan = std::fs::read_to_string(&path).unwrap();
            if !plan.contains("language = \"en\"") {
                continue;
            }
            let mut texts = Vec::new();
            said(&toml::from_str(&plan).unwrap(), &mut texts);
            for words in texts.iter().filter_map(|text| filled_in(text)) {
                count += 1;
                if fragments.pieces(&words).is_none() {
                    let plan = path.file_name().unwrap_or_default().display();
                    missing.push(format!("{plan}: {words}"));
                }
            }
        }
        assert!(count > 20);
        // Where a plan says something new: into prompts/say.en.tsv with it, and `./dev prompts`.
        missing.sort();
        insta::assert_snapshot!("shipped_plans_in_two_voices", missing.join("\n"));
    }

    #[test]
    fn a_joined_sentence_is_its_recordings_one_after_the_other() {
        let words = "We will call you back on Monday, the ninth of March, by noon at the latest.";
        let fragments = Fragments::shipped();
        let joined = fragments.joined(words).unwrap();
        let mut at = 0;
        for piece in fragments.pieces(words).unwrap() {
            let part = match piece {
                Piece::Silence(samples) => vec![0; samples],
                Piece::Recording(id) => recording(id).unwrap(),
            };
            assert_eq!(joined[at..at + part.len()], part, "{piece:?}");
            at += part.len();
        }
        assert_eq!(at, joined.len());
        assert!((active_level_db(&joined) - LEVEL_DB).abs() < 1.0, "{}", active_level_db(&joined));
    }

    #[test]
    fn every_recording_can_be_decoded_and_is_as_loud_as_the_rest() {
        #[derive(Deserialize)]
        struct Made {
            seconds: f32,
            level_db: f32,
        }
        let manifest: HashMap<String, Made> =
            serde_json::from_slice(&Recorded::get("manifest.json").unwrap().data).unwrap();
        assert!(manifest.len() > 900);
        for (id, made) in manifest {
            let pcm = recording(&id).unwrap_or_else(|| panic!("{id}"));
            assert!((pcm.len() as f32 / RATE_HZ as f32 - made.seconds).abs() < 0.001, "{id}");
            assert!((active_level_db(&pcm) - made.level_db).abs() < 1.0, "{id}: {}", active_level_db(&pcm));
        }
    }
}
