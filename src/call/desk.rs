//! What a call asks of the desk, and what the timeline says of it.

use super::{Action, Call, Outcome, StoreAction, What};
use crate::clock::{Now, Utc};
use crate::flow::{self, Answer, Ask, Booking, Told, When};

/// The last request.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// Counted from 1.
    number: u32,
    /// It is not answered yet.
    open: Option<Ask>,
}

impl Call {
    pub(super) fn ask_desk(&mut self, ask: Ask) {
        // Nobody answers to that: an answer that is on its way is still that to the request before.
        if ask != Ask::Release {
            self.desk.number = self.desk.number.wrapping_add(1);
            self.desk.open = Some(ask.clone());
        }
        self.act(Action::Desk { number: self.desk.number, ask });
    }

    /// A late answer to an earlier request is nobody's: what it gave was let go by the next one.
    pub(super) fn on_desk(&mut self, number: u32, answer: Answer, now: Now) {
        if number != self.desk.number {
            return;
        }
        let Some(ask) = self.desk.open.take() else { return };
        if matches!(answer, Answer::Booked(_) | Answer::Cancelled) && self.outcome != Outcome::Message {
            self.outcome = Outcome::Callback;
        }
        if let Some(what) = told(&ask, &answer) {
            self.note(what, now.utc);
        }
        self.tell(flow::Event::Desk(answer), now);
    }

    pub(super) fn promised(&mut self, told: Told, now: Now) {
        self.note(What::Promised { words: told.words.clone(), latest: told.latest.rfc3339() }, now.utc);
        self.act(Action::Store(StoreAction::Promised { told, at: now.utc }));
    }
}

/// As the timeline says it.
fn told(ask: &Ask, answer: &Answer) -> Option<What> {
    Some(match (ask, answer) {
        (Ask::Status, Answer::Status(open)) => What::Status { open: Some(open.len()).filter(|open| *open > 0)? },
        (Ask::Offer { .. }, Answer::Offers { slots, .. }) => {
            What::Offered { slots: slots.iter().map(|slot| slot.start.rfc3339()).collect() }
        }
        (Ask::Book(booking), Answer::Booked(callback)) => booked(booking, callback.to_string()),
        (Ask::Cancel(callback), Answer::Cancelled) => What::Cancelled { callback: callback.to_string() },
        (Ask::Renew { told, .. }, Answer::Renewed) => {
            What::Promised { words: told.words.clone(), latest: told.latest.rfc3339() }
        }
        (_, Answer::Gone) => What::NotBooked { why: "gone" },
        (_, Answer::TooMany) => What::NotBooked { why: "too_many" },
        (_, Answer::NotAllowed) => What::NotBooked { why: "not_allowed" },
        (_, Answer::Failed) => What::NotBooked { why: "failed" },
        _ => return None,
    })
}

fn booked(booking: &Booking, callback: String) -> What {
    let Booking { when, number, moves, told, .. } = booking;
    let start = match when {
        When::Slot { slot, .. } => Some(Utc::rfc3339(slot.start)),
        When::Soon { .. } => None,
    };
    What::Booked {
        callback,
        start,
        latest: told.latest.rfc3339(),
        number: number.clone(),
        words: told.words.clone(),
        moved: moves.is_some(),
    }
}
