//! Prompts by telephone: heard, recorded anew, kept, or taken back to an older version.

use std::time::Duration;

use super::{Ask, Asked, Desk, Draft, Wait};
use crate::clock::Now;
use crate::flow::choice::{Match, look_up};
use crate::flow::typed::Digits;
use crate::flow::walk::State;
use crate::flow::{Action, Event, Flow, Recording, STORE_MAX, Say, Timer};
use crate::ids::Language;
use crate::plan::{Kind, Piece, StepId};
use crate::speech;

/// Longest recording of a prompt.
pub const PROMPT_MAX: Duration = Duration::from_secs(180);
/// Silence before and after speech that ends it.
const SILENCE_BEFORE: Duration = Duration::from_secs(10);
const SILENCE_AFTER: Duration = Duration::from_secs(5);
/// Less sound is nobody's prompt.
const SOUND_MIN: Duration = Duration::from_millis(300);
/// Prompts that can be chosen by number.
const PROMPTS_MAX: usize = 99;
/// The sign that a recording begins is no speech.
const BEEP: &str = "beep";

/// A prompt of the plan, by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::flow) struct Chosen {
    number: usize,
    id: String,
}

/// How far the recording of a prompt has come.
#[derive(Debug)]
pub(in crate::flow) enum Take {
    /// Hears what leads to the beep, while there is made room for it.
    Before { ready: bool, said: bool },
    /// Hears the beep.
    Beep,
    /// Speaks.
    Running,
    /// It is made a prompt.
    Making,
}

impl Flow {
    pub(super) fn list_prompts(&mut self, step: StepId, now: Now) -> State {
        if self.recordable().is_empty() {
            return self.put(step, Ask::Menu, &["owner-prompts-none"], now);
        }
        self.put(step, Ask::Prompts, &[], now)
    }

    pub(super) fn which_prompt(&self) -> Vec<Say> {
        let count = self.recordable().len();
        let number = speech::Say::Number(i64::try_from(count).unwrap_or(i64::MAX)).in_words(self.language);
        let words = match (self.language, count) {
            (Language::De, 1) => "Es gibt eine Ansage.".to_owned(),
            (Language::De, _) => format!("Es gibt {number} Ansagen."),
            (Language::En, 1) => "There is one prompt.".to_owned(),
            (Language::En, _) => format!("There are {number} prompts."),
        };
        let mut said = vec![Say::Spoken { words, language: self.language }];
        said.extend(self.prompts(&["owner-prompts", "owner-back"]));
        said
    }

    pub(super) fn what_with_prompt(&self, chosen: &Chosen, again: bool) -> Vec<Say> {
        let mut said = Vec::new();
        if !again {
            let number = speech::Say::Number(i64::try_from(chosen.number).unwrap_or(i64::MAX)).in_words(self.language);
            let words = match self.language {
                Language::De => format!("Ansage {number}."),
                Language::En => format!("Number {number}."),
            };
            said.push(Say::Spoken { words, language: self.language });
            said.push(Say::prompt(chosen.id.clone(), self.language));
        }
        said.extend(self.prompts(&["owner-prompt", "owner-back"]));
        said
    }

    /// No number of a prompt is longer.
    pub(super) fn is_whole_number(&self, typed: &Digits) -> bool {
        let keys: Vec<(String, usize)> = (1..=self.recordable().len()).map(|n| (n.to_string(), n)).collect();
        !matches!(look_up(&keys, typed.reveal()), Match::Begins(_))
    }

    pub(super) fn prompt_typed(&mut self, step: StepId, asked: Asked, now: Now) -> State {
        let number = asked.typed.number().unwrap_or(0);
        let found = number.checked_sub(1).and_then(|at| self.recordable().into_iter().nth(at));
        match found {
            Some(id) => self.put(step, Ask::Prompt(Chosen { number, id }), &[], now),
            None => self.put_again(step, asked, &["owner-prompts-wrong"], now),
        }
    }

    /// 1 records it, 2 takes it back to the version before.
    pub(super) fn with_prompt(&mut self, step: StepId, chosen: Chosen, digit: char, now: Now) -> State {
        if digit == '1' {
            return self.record(step, chosen, now);
        }
        self.act(Action::RestorePrompt { language: self.language, prompt: chosen.id.clone() });
        self.wait_for(step, Wait::Restore(chosen), now)
    }

    /// 1 keeps it, 2 records again, 3 is heard again.
    pub(super) fn with_draft(&mut self, step: StepId, chosen: Chosen, digit: char, now: Now) -> State {
        match digit {
            '1' => {
                self.act(Action::KeepDraft { language: self.language, prompt: chosen.id.clone() });
                self.wait_for(step, Wait::Keep(chosen), now)
            }
            '2' => {
                self.act(Action::DropDraft);
                self.record(step, chosen, now)
            }
            _ => self.put(step, Ask::Review(chosen), &[], now),
        }
    }

    fn record(&mut self, step: StepId, chosen: Chosen, now: Now) -> State {
        if !self.takes_a_turn() {
            return self.farewell(crate::flow::Cause::TooMany);
        }
        self.act(Action::PrepareDraft);
        self.say(["owner-record"]);
        self.set_timer(Timer::Store, STORE_MAX, now);
        State::Owner(step, Desk::Recording(chosen, Take::Before { ready: false, said: false }))
    }

    pub(super) fn recording_draft(
        &mut self,
        step: StepId,
        chosen: Chosen,
        take: Take,
        event: Event,
        now: Now,
    ) -> State {
        let take = match (take, event) {
            (Take::Before { said, .. }, Event::Draft(Draft::Ready)) => self.before_beep(true, said),
            (Take::Before { ready, .. }, Event::Said) => self.before_beep(ready, true),
            (Take::Before { ready, said: false }, Event::Key('#')) => {
                self.act(Action::Hush);
                self.before_beep(ready, true)
            }
            (Take::Before { .. }, Event::Key('*')) => {
                self.act(Action::DropDraft);
                return self.put(step, Ask::Prompt(chosen), &["owner-unchanged"], now);
            }
            (Take::Beep, Event::Said) => {
                self.act(Action::RecordDraft(self.recording_of_prompt()));
                Take::Running
            }
            (Take::Running, Event::NearMax) => {
                self.say(["record-warning"]);
                Take::Running
            }
            (Take::Running, Event::Recorded(_)) => {
                self.act(Action::Hush);
                self.set_timer(Timer::Store, STORE_MAX, now);
                Take::Making
            }
            (Take::Making, Event::Draft(Draft::Heard)) => return self.put(step, Ask::Review(chosen), &[], now),
            (Take::Making, Event::Draft(Draft::Empty)) => {
                return self.put(step, Ask::Prompt(chosen), &["nothing-heard", "owner-unchanged"], now);
            }
            (take, Event::WriteFailed | Event::Draft(Draft::Refused | Draft::Failed)) => {
                return self.draft_failed(step, chosen, &take, now);
            }
            (take, _) => take,
        };
        State::Owner(step, Desk::Recording(chosen, take))
    }

    pub(super) fn draft_failed(&mut self, step: StepId, chosen: Chosen, take: &Take, now: Now) -> State {
        if matches!(take, Take::Running) {
            self.act(Action::StopRecording);
        }
        self.act(Action::DropDraft);
        self.put(step, Ask::Prompt(chosen), &["owner-failed", "owner-unchanged"], now)
    }

    fn before_beep(&mut self, ready: bool, said: bool) -> Take {
        if ready {
            self.timer = None;
        }
        if !(ready && said) {
            return Take::Before { ready, said };
        }
        self.say([BEEP]);
        Take::Beep
    }

    fn recording_of_prompt(&self) -> Recording {
        Recording {
            silence_before: SILENCE_BEFORE,
            silence_after: SILENCE_AFTER,
            max: PROMPT_MAX,
            warning: self.setting.warning,
            sound_min: SOUND_MIN,
        }
    }

    /// The prompts that this plan says by their names in the language of the call, in the order of the text, each
    /// once. Those that the plan gives as text are not among them: the text goes before any recording.
    fn recordable(&self) -> Vec<String> {
        let mut ids = Vec::new();
        for (_, step) in self.setting.plan.steps() {
            let say = step.kind.say();
            if say.is_empty() && matches!(step.kind, Kind::Message(_)) {
                for id in ["greeting", "leave-message"] {
                    add(&mut ids, id);
                }
            }
            for piece in say.get(self.language) {
                match piece {
                    Piece::Prompt(id) if !self.setting.plan.prompts.contains_key(id) => add(&mut ids, id),
                    _ => {}
                }
            }
        }
        ids.truncate(PROMPTS_MAX);
        ids
    }
}

fn add(ids: &mut Vec<String>, id: &str) {
    if id != BEEP && !ids.iter().any(|had| had == id) {
        ids.push(id.to_owned());
    }
}
