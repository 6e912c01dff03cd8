//! What calls say: prompts that ship in all languages, and sentences made at run time.

use std::collections::HashMap;
use std::sync::Arc;

use crate::call::Clips;
use crate::ids::Language;
use crate::media::Clip;
use crate::media::prompts::{Prompts, PromptsError};

/// What every line can say.
#[derive(Debug)]
pub struct Sounds {
    shipped: HashMap<Language, Prompts>,
}

impl Sounds {
    /// All prompts that ship, encoded now: no call waits for it later, and a broken one is found here.
    pub fn shipped() -> Result<Sounds, PromptsError> {
        let mut shipped = HashMap::new();
        for language in Language::ALL {
            let prompts = Prompts::shipped(language.as_str())?;
            prompts.encode_all()?;
            shipped.insert(language, prompts);
        }
        Ok(Sounds { shipped })
    }
}

impl Clips for Sounds {
    fn clip(&self, language: Language, id: &str) -> Option<Arc<Clip>> {
        self.shipped.get(&language)?.clip(id)
    }

    fn spoken(&self, _language: Language, _words: &str) -> Option<Arc<Clip>> {
        None
    }
}
