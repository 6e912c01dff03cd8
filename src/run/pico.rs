//! Words to speech by SVOX Pico: the work of a child process, and what it is asked with.
//!
//! Its traps, and the answers: markup in a text is executed, and one of its marks writes files, so only
//! characters of [`speech::is_spoken`] pass, and no file can be written. It loses text that is put faster
//! than it speaks, so each piece is spoken before the next is put. It clips at its own volume. A second
//! text can sound otherwise than in a fresh process, so each text gets one. It reads its voices from files
//! whose names end in `.bin`, so [`install`] makes such files of what the program carries.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use rust_embed::RustEmbed;
use ttspico::{Engine, EngineStatus, PicoError};

use super::os;
use super::worker::{Done, Limits, MIB};
use crate::ids::Language;
use crate::media::level::{mastered, with_short_pauses};
use crate::speech;

/// Characters of a text: five minutes.
pub const TEXT_MAX: usize = 5000;
/// What the child may use. The longest text takes it two seconds, and five times that where the program
/// is built without optimisation.
pub const LIMITS: Limits = Limits {
    memory_bytes: 256 * MIB as u64,
    cpu_s: 20,
    wall: Duration::from_secs(30),
    input_bytes: 4 * TEXT_MAX + 5000,
    output_bytes: 48 * MIB,
};
/// Of 100; more of it clips.
const VOLUME: u8 = 50;
/// Samples taken from the engine at once.
const SAMPLES: usize = 1024;
/// Empty steps after which the engine is stuck.
const STEPS_MAX: usize = 100_000;

// As in `media::prompts`: release builds carry the bytes.
#[derive(RustEmbed)]
#[folder = "prompts/voices"]
struct Voices;

/// The name of the voice, and of all that shapes its sound: another voice is another name.
pub fn version(language: Language) -> &'static str {
    match language {
        Language::De => "ttspico 0.1.5, de-DE gl0, volume 50, mastered 1",
        Language::En => "ttspico 0.1.5, en-GB kh0, volume 50, mastered 1",
    }
}

/// Text analysis and sound.
fn files(language: Language) -> [&'static str; 2] {
    match language {
        Language::De => ["de-DE_ta.bin", "de-DE_gl0_sg.bin"],
        Language::En => ["en-GB_ta.bin", "en-GB_kh0_sg.bin"],
    }
}

/// Puts the voices into `folder`, where they are not there as they should be. Damaged ones could do
/// anything to the child, so they are compared.
pub fn install(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for name in Language::ALL.into_iter().flat_map(files) {
        let voice = Voices::get(name).ok_or_else(|| io::Error::other(format!("the program has no voice {name}")))?;
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|there| there == *voice.data) {
            continue;
        }
        let aside = path.with_extension("new");
        fs::write(&aside, &voice.data)?;
        fs::rename(&aside, &path)?;
    }
    Ok(())
}

/// What the child is asked: the language, where the voices are, and the text in words.
pub fn asked(language: Language, voices: &Path, words: &str) -> Vec<u8> {
    let head = format!("{}\n", language.as_str());
    [head.as_bytes(), voices.as_os_str().as_bytes(), b"\n", words.as_bytes()].concat()
}

/// The samples that the child gave: 16 kHz.
pub fn answered(bytes: &[u8]) -> Vec<i16> {
    bytes.as_chunks().0.iter().map(|sample| i16::from_le_bytes(*sample)).collect()
}

/// In the child: says it, at the level of the prompts.
pub fn speak(input: &[u8]) -> Done {
    let (language, folder, words) = read(input)?;
    if !words.chars().any(char::is_alphanumeric) {
        return Err("there is nothing to say".to_owned());
    }
    if words.chars().count() > TEXT_MAX {
        return Err(format!("too long: {TEXT_MAX} letters are the most"));
    }
    if !speech::is_spoken(words, language) {
        return Err("only words can be spoken: speech::speakable makes them of any text".to_owned());
    }
    // It takes paths of less than 64 bytes.
    std::env::set_current_dir(folder).map_err(|error| format!("no voices in {folder}: {error}"))?;
    let [analysis, sound] = files(language);
    let said = os::pico(analysis, sound).and_then(|mut engine| say(&mut engine, words));
    let pcm = said.map_err(|error| format!("the voice failed: {error}"))?;
    let pcm = mastered(&with_short_pauses(&pcm)).map_err(|_| "nothing can be heard of it".to_owned())?;
    Ok(pcm.iter().flat_map(|sample| sample.to_le_bytes()).collect())
}

fn read(input: &[u8]) -> Result<(Language, &str, &str), String> {
    let text = str::from_utf8(input).map_err(|_| "not UTF-8".to_owned())?;
    let mut lines = text.splitn(3, '\n');
    let (Some(language), Some(folder), Some(words)) = (lines.next(), lines.next(), lines.next()) else {
        return Err("a language, a folder of voices and words are wanted".to_owned());
    };
    let language = language.parse().map_err(|_| format!("no voice speaks {language:?}"))?;
    Ok((language, folder, words))
}

fn say(engine: &mut Engine, words: &str) -> Result<Vec<i16>, PicoError> {
    let mut pcm = Vec::new();
    for piece in speech::chunks(words) {
        // The zero byte makes it speak what it has.
        put(engine, &format!("<volume level='{VOLUME}'>{piece}</volume>\0"), &mut pcm)?;
        drain(engine, &mut pcm)?;
    }
    Ok(pcm)
}

fn put(engine: &mut Engine, text: &str, pcm: &mut Vec<i16>) -> Result<(), PicoError> {
    let mut rest = text.as_bytes();
    let mut refused = 0;
    while !rest.is_empty() {
        let taken = engine.put_text(rest)?;
        rest = rest.get(taken..).unwrap_or_default();
        refused = if taken == 0 { refused + 1 } else { 0 };
        if refused > 0 {
            drain(engine, pcm)?;
        }
        if refused > STEPS_MAX {
            return Err(stuck());
        }
    }
    Ok(())
}

/// Until it has nothing more to say.
fn drain(engine: &mut Engine, pcm: &mut Vec<i16>) -> Result<(), PicoError> {
    let mut buffer = [0; SAMPLES];
    let mut empty = 0;
    loop {
        let (count, status) = engine.get_data(&mut buffer)?;
        pcm.extend_from_slice(buffer.get(..count).unwrap_or_default());
        empty = if count == 0 { empty + 1 } else { 0 };
        if status == EngineStatus::Idle {
            return Ok(());
        }
        if empty > STEPS_MAX {
            return Err(stuck());
        }
    }
}

fn stuck() -> PicoError {
    PicoError { code: -1, descr: "it takes no text and gives no sound".to_owned() }
}
