//! Was this said? Prompts, texts and recordings, looked for in what a call heard.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use serde::Serialize;

use crate::call::Clips;
use crate::ids::Language;
use crate::media::{Clip, g711, hear};
use crate::run::sounds::Sounds;
use crate::run::voice::Voice;
use crate::speech;

/// From this likeness on it was heard (SPEECH.md: right ones have 0.95 and more, wrong ones 0.78 at most).
pub const HEARD: f64 = 0.9;

/// Something that was looked for.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// As it was asked for.
    pub what: String,
    /// It was heard.
    pub heard: bool,
    /// 1 is exactly.
    pub likeness: f64,
    /// Seconds from the first audio to its start.
    pub at: f64,
}

/// Looks in `heard`, at 8 kHz, for a recording (`….wav`), a prompt that ships by its id, or a text as `voice`
/// speaks it: in `language`, then in the others.
pub async fn look_for(what: &str, heard: &[i16], language: Language, sounds: &Sounds, voice: &Voice) -> Result<Found> {
    let mut best = hear::Found { likeness: 0.0, at: 0 };
    let others = Language::ALL.into_iter().filter(|other| *other != language);
    for language in std::iter::once(language).chain(others) {
        let found = hear::find(heard, &samples(&*wanted(what, language, sounds, voice).await?));
        if found.likeness > best.likeness {
            best = found;
        }
        if best.likeness >= HEARD {
            break;
        }
    }
    let at = i32::try_from(best.at).map_or(0.0, |at| f64::from(at) / 8000.0);
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    let likeness = round(best.likeness);
    Ok(Found { what: what.to_owned(), heard: likeness >= HEARD, likeness, at: round(at) })
}

async fn wanted(what: &str, language: Language, sounds: &Sounds, voice: &Voice) -> Result<Arc<Clip>> {
    if what.ends_with(".wav") {
        return super::read_wav(Path::new(what));
    }
    if let Some(clip) = sounds.clip(language, what) {
        return Ok(clip);
    }
    let words = speech::speakable(what, language);
    let (tell, spoken) = tokio::sync::oneshot::channel();
    voice.speak(language, &words, |clip| {
        let _ = tell.send(clip);
    });
    spoken.await.ok().flatten().ok_or_else(|| anyhow!("{what:?} is no prompt, no file, and cannot be spoken"))
}

/// Compared at 8 kHz: wide band is decoded to 16.
pub fn at_8k((samples, rate_hz): (&[i16], u32)) -> Vec<i16> {
    self::samples(&Clip::from_pcm("heard", rate_hz, samples))
}

/// A clip at 8 kHz.
pub fn samples(clip: &Clip) -> Vec<i16> {
    clip.pcma.iter().map(|byte| g711::alaw(*byte)).collect()
}
