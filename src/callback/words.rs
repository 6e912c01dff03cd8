//! Words that rows, the API and the command line have in common.

use std::fmt;
use std::str::FromStr;

/// A word that is none of those expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is none of: {expected}")]
pub struct BadWord {
    /// What was given.
    pub word: String,
    /// What would be good.
    pub expected: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$each])* $variant),+
        }

        impl $name {
            /// All.
            pub const ALL: &[$name] = &[$($name::$variant),+];

            /// As rows spell it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word),+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = BadWord;
            fn from_str(text: &str) -> Result<Self, BadWord> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text).ok_or_else(|| BadWord {
                    word: text.chars().take(64).collect(),
                    expected: Self::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", "),
                })
            }
        }
    };
}

words!(
    /// What came of a try.
    Reach {
        /// They were spoken to.
        Reached = "reached",
        /// Nobody answered.
        NoAnswer = "no_answer",
        /// The line was busy.
        Busy = "busy",
        /// A mailbox answered: that is not reached.
        Mailbox = "mailbox",
        /// It is somebody else's number.
        WrongNumber = "wrong_number",
    }
);

words!(
    /// How an entry was done.
    Outcome {
        /// What they wanted is settled.
        Solved = "solved",
        /// A time was agreed on.
        Appointment = "appointment",
        /// Somebody else sees to it.
        Forwarded = "forwarded",
        /// The caller wants no call any more.
        CancelledByCaller = "cancelled_by_caller",
        /// Nobody needs to call.
        NoNeed = "no_need",
        /// Nobody wants to hear of it.
        Spam = "spam",
    }
);

words!(
    /// What a promise is about.
    PromiseKind {
        /// A booked time.
        Slot = "slot",
        /// As soon as possible.
        Soon = "soon",
        /// What is said after a message.
        Message = "message",
    }
);

words!(
    /// How a promise stands.
    PromiseState {
        /// It runs.
        Open = "open",
        /// They were reached in time.
        Kept = "kept",
        /// Somebody rang in time and reached nobody.
        Tried = "tried",
        /// Nobody rang in time.
        Broken = "broken",
        /// The caller has another one, or wants none.
        Withdrawn = "withdrawn",
    }
);

words!(
    /// What a call did, the least first.
    ArrivalKind {
        /// Heard how it stands.
        Status = "status",
        /// Hung up without a message.
        Missed = "missed",
        /// Left a message.
        Message = "message",
        /// Wants to be called as soon as possible.
        Soon = "soon",
        /// Booked a time.
        Slot = "slot",
    }
);

words!(
    /// What happened to an entry.
    EventKind {
        /// It was made.
        Created = "created",
        /// A further call joined it.
        Call = "call",
        /// Somebody took it.
        Claimed = "claimed",
        /// Somebody gave it back.
        Released = "released",
        /// A claim ended by itself.
        LeaseEnded = "lease_ended",
        /// Somebody rang.
        Attempt = "attempt",
        /// Somebody noted something.
        Note = "note",
        /// Put off.
        Snoozed = "snoozed",
        /// Nothing is left to do.
        Done = "done",
        /// Nobody is tried any more.
        GivenUp = "given_up",
        /// Something is left to do after all.
        Reopened = "reopened",
        /// It is for one person, or for all again.
        Assigned = "assigned",
        /// It goes before others, or no longer.
        Urgent = "urgent",
        /// Another number is to be called.
        Number = "number",
        /// The number may be called.
        Allowed = "allowed",
        /// It is no longer held back.
        Admitted = "admitted",
        /// A time was booked.
        Booked = "booked",
        /// Another time was booked.
        Moved = "moved",
        /// A promise was told.
        PromiseTold = "promise_told",
        /// It will break soon.
        PromiseWarned = "promise_warned",
        /// It was kept.
        PromiseKept = "promise_kept",
        /// It ran out though somebody had rung in time.
        PromiseTried = "promise_tried",
        /// It broke.
        PromiseBroken = "promise_broken",
        /// It no longer counts.
        PromiseWithdrawn = "promise_withdrawn",
        /// What a person did last was taken back.
        Undone = "undone",
        /// Its contact was put together with another, or taken apart.
        Repointed = "repointed",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        let error = "answered".parse::<Reach>().unwrap_err();
        assert_eq!(error.to_string(), "\"answered\" is none of: reached, no_answer, busy, mailbox, wrong_number");
    }
}
