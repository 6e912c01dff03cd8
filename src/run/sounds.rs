//! What calls say: prompts that ship in all languages, and sentences made at run time.

use std::collections::HashMap;
use std::sync::Arc;

use super::voice::Voice;
use crate::call::Clips;
use crate::flow::simulate::Transcripts;
use crate::ids::Language;
use crate::media::Clip;
use crate::media::prompts::{Prompts, PromptsError};

/// What every line can say.
#[derive(Debug)]
pub struct Sounds {
    shipped: HashMap<Language, Prompts>,
    /// Sentences; none: they cannot be said.
    voice: Option<Voice>,
}

impl Sounds {
    /// All prompts that ship. Quick: each is encoded when it is first asked for.
    pub fn open() -> Result<Sounds, PromptsError> {
        let each = Language::ALL.into_iter().map(|language| Ok((language, Prompts::shipped(language.as_str())?)));
        Ok(Sounds { shipped: each.collect::<Result<_, PromptsError>>()?, voice: None })
    }

    /// And sentences that this voice makes.
    #[must_use]
    pub fn with(self, voice: Voice) -> Sounds {
        Sounds { voice: Some(voice), ..self }
    }

    /// Those that ship in a language.
    pub fn shipped(&self, language: Language) -> Option<&Prompts> {
        self.shipped.get(&language)
    }

    /// Encodes all of them now: no call waits for it later, and a broken one is found here.
    pub fn encode_all(&self) -> Result<(), PromptsError> {
        self.shipped.values().try_for_each(Prompts::encode_all)
    }
}

impl Transcripts for Sounds {
    fn transcript(&self, language: Language, prompt: &str) -> Option<String> {
        self.shipped.get(&language)?.transcript(prompt).map(str::to_owned)
    }
}

impl Clips for Sounds {
    fn clip(&self, language: Language, id: &str) -> Option<Arc<Clip>> {
        self.shipped.get(&language)?.clip(id)
    }

    fn spoken(&self, language: Language, words: &str) -> Option<Arc<Clip>> {
        self.voice.as_ref()?.ready(language, words)
    }
}
