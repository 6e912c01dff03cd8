//! The prompts that ship, inside the binary, with what they say.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rust_embed::RustEmbed;
use serde::Deserialize;

use super::clip::{ClipError, read_flac};
use super::contract::Clip;
use super::level::RATE_HZ;
use super::take;

// Release builds carry the bytes; debug builds read the tree that they were built from.
#[derive(RustEmbed)]
#[folder = "prompts/de"]
struct German;

#[derive(RustEmbed)]
#[folder = "prompts/en"]
struct English;

/// Why there are no prompts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromptsError {
    /// Not a language that ships.
    #[error("no prompts in the language {0:?}: use \"de\" or \"en\"")]
    Language(String),
    /// The build is broken.
    #[error("the prompts of {0:?} have no readable manifest: run prompts/make_prompts.py --check")]
    Manifest(String),
    /// The build is broken.
    #[error("the prompt {id:?}: {error}")]
    Clip {
        /// Which.
        id: String,
        /// What is wrong.
        error: ClipError,
    },
}

/// The prompts of one language.
#[derive(Debug)]
pub struct Prompts {
    prompts: BTreeMap<String, Prompt>,
    file: fn(&str) -> Option<rust_embed::EmbeddedFile>,
}

#[derive(Debug, Deserialize)]
struct Prompt {
    text: String,
    /// Encoded when first wanted: a line uses a few of them, and all of them take a while.
    #[serde(skip)]
    clip: OnceLock<Option<Arc<Clip>>>,
}

impl Prompts {
    /// The languages that ship.
    pub const LANGUAGES: [&str; 2] = ["de", "en"];

    /// The prompts of `language`, "de" or "en". Quick: each is encoded when it is first asked for.
    pub fn shipped(language: &str) -> Result<Prompts, PromptsError> {
        let file = match language {
            "de" => German::get,
            "en" => English::get,
            _ => return Err(PromptsError::Language(language.to_owned())),
        };
        let broken = || PromptsError::Manifest(language.to_owned());
        let manifest = file("manifest.json").ok_or_else(broken)?;
        let prompts = serde_json::from_slice(&manifest.data).map_err(|_| broken())?;
        Ok(Prompts { prompts, file })
    }

    /// Encodes all of them now, so that no call has to wait for it later.
    pub fn encode_all(&self) -> Result<(), PromptsError> {
        let mut absent = self.prompts.iter().filter(|(_, prompt)| prompt.clip.get().is_none());
        absent.try_for_each(|(id, prompt)| {
            let clip = self.encode(id).map_err(|error| PromptsError::Clip { id: id.clone(), error })?;
            prompt.clip.get_or_init(|| Some(clip));
            Ok(())
        })
    }

    /// One of them, shared by all who play it.
    pub fn clip(&self, id: &str) -> Option<Arc<Clip>> {
        let prompt = self.prompts.get(id)?;
        prompt.clip.get_or_init(|| self.encode(id).ok()).clone()
    }

    /// What it says.
    pub fn transcript(&self, id: &str) -> Option<&str> {
        self.prompts.get(id).map(|prompt| prompt.text.as_str())
    }

    /// Its master, a WAV file.
    pub fn wav(&self, id: &str) -> Option<Vec<u8>> {
        self.prompts.get(id)?;
        let wav = (self.file)(&format!("{id}.wav")).map(|file| file.data.into_owned());
        wav.or_else(|| Some(take::wav(RATE_HZ, &self.small(id)?)))
    }

    /// Their ids, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.prompts.keys().map(String::as_str)
    }

    fn encode(&self, id: &str) -> Result<Arc<Clip>, ClipError> {
        if let Some(file) = (self.file)(&format!("{id}.wav")) {
            return Clip::from_wav(id, &file.data).map(Arc::new);
        }
        let samples = self.small(id).ok_or(ClipError::Empty)?;
        Ok(Arc::new(Clip::from_pcm(id, RATE_HZ, &samples)))
    }

    /// The samples of one that is kept as FLAC: long ones, and what owners alone hear.
    fn small(&self, id: &str) -> Option<Vec<i16>> {
        let file = (self.file)(&format!("{id}.flac"))?;
        read_flac(file.data.into_owned()).filter(|samples| !samples.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prompt_of_every_language_can_be_played() {
        let all: Vec<Prompts> = Prompts::LANGUAGES.iter().map(|language| Prompts::shipped(language).unwrap()).collect();
        for prompts in &all {
            prompts.encode_all().unwrap();
            for id in prompts.ids() {
                let clip = prompts.clip(id).unwrap();
                assert_eq!(clip.name, id);
                assert!(clip.pcma.len() >= 2800 && clip.pcma.len() == clip.g722.len(), "{id}");
                assert!(!prompts.transcript(id).unwrap().is_empty(), "{id}");
            }
        }
        let [german, english] = &all[..] else { panic!("two languages ship") };
        assert_eq!(german.ids().collect::<Vec<_>>(), english.ids().collect::<Vec<_>>());
        assert!(german.transcript("saved").unwrap().contains("gespeichert"));
        assert!(Arc::ptr_eq(&german.clip("beep").unwrap(), &german.clip("beep").unwrap()));
    }

    #[test]
    fn what_is_not_there_is_said() {
        assert_eq!(Prompts::shipped("fr").unwrap_err(), PromptsError::Language("fr".to_owned()));
        let prompts = Prompts::shipped("de").unwrap();
        assert!(prompts.clip("nothing").is_none() && prompts.clip("manifest").is_none());
        assert_eq!(prompts.transcript("nothing"), None);
    }

    #[test]
    fn the_beep_is_a_beep() {
        let clip = Prompts::shipped("de").unwrap().clip("beep").unwrap();
        let tone: Vec<i16> = clip.pcma.iter().map(|byte| crate::media::g711::alaw(*byte)).collect();
        // −15 dBFS at its peak is −18 dBFS of power; 350 ms are 18 ticks, the last one half full.
        assert!((crate::media::vad::level_dbfs(&tone[80..2720]) + 18.0).abs() < 0.2);
        assert_eq!(tone.len(), 2880);
    }
}
