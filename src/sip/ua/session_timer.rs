//! Session timers (RFC 4028): a session that nobody refreshes is over.

use std::time::Duration;

use crate::clock::Mono;
use crate::ids::LegId;
use crate::sip::contract::Settings;
use crate::sip::core::Core;
use crate::sip::msg::{Draft, Header, Message, Refresher};
use crate::sip::tx::timer::Timer;
use crate::sip::ua::read::supports;

/// Min-SE where none is said (§5).
const MIN_SE_S: u32 = 90;
/// An answer with less than this is not followed to the letter: it would be a flood of refreshes.
const SHORTEST_S: u32 = 2;

/// What was agreed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Session {
    /// No timer: the other side knows none.
    Off,
    /// We refresh.
    Ours(Interval),
    /// They do.
    Theirs(Interval),
}

/// Seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub seconds: u32,
    /// What the response to their request has to say of who refreshes: nothing where it is us.
    named: Named,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Supported,
    Unsupported,
}

/// Their interval is too small: 422 with this Min-SE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooSmall(pub u32);

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

impl Session {
    /// As the side that answers `request` (§9, table 2). `now` is who refreshes so far, which stays where
    /// the request leaves it open.
    pub fn answer(request: &Message, settings: &Settings, so_far: Session) -> Result<Session, TooSmall> {
        let supported = supports(request, "timer");
        let least = seconds(settings.session_min).max(SHORTEST_S);
        let floor = request.min_se().unwrap_or(0).max(least);
        let ours = seconds(settings.session_expires).max(floor);
        let named = if supported { Named::Supported } else { Named::Unsupported };
        let interval = |seconds| Interval { seconds, named };
        match (request.session_expires(), supported) {
            (Some((asked, _)), true) if asked < least => Err(TooSmall(least)),
            (Some((asked, who)), true) => {
                let agreed = interval(asked.min(ours));
                Ok(match (who, so_far) {
                    (Some(Refresher::Uas), _) | (None, Session::Ours(_)) => Session::Ours(agreed),
                    (Some(Refresher::Uac) | None, _) => Session::Theirs(agreed),
                })
            }
            // A proxy asked for it; the caller knows nothing of it, and 422 would mean nothing to them.
            (Some((asked, _)), false) => Ok(Session::Ours(interval(asked.max(least).min(ours)))),
            (None, true) => Ok(match so_far {
                Session::Theirs(_) => Session::Theirs(interval(ours)),
                Session::Off | Session::Ours(_) => Session::Ours(interval(ours)),
            }),
            (None, false) => Ok(Session::Off),
        }
    }

    /// As the side that gets this 2xx to a request of its own (§7.2).
    pub fn of_answer(response: &Message) -> Session {
        match response.session_expires() {
            None => Session::Off,
            Some((asked, who)) => {
                let interval = Interval { seconds: asked.max(SHORTEST_S), named: Named::Supported };
                match who {
                    Some(Refresher::Uas) => Session::Theirs(interval),
                    Some(Refresher::Uac) | None => Session::Ours(interval),
                }
            }
        }
    }

    /// Headers of our 2xx.
    pub fn print_answer(self, draft: Draft) -> Draft {
        match self {
            Session::Off => draft,
            Session::Ours(interval) => {
                let draft = draft.header(Header::SessionExpires, format!("{};refresher=uas", interval.seconds));
                match interval.named {
                    Named::Supported => draft.header(Header::Require, "timer"),
                    Named::Unsupported => draft,
                }
            }
            Session::Theirs(interval) => draft
                .header(Header::SessionExpires, format!("{};refresher=uac", interval.seconds))
                .header(Header::Require, "timer"),
        }
    }

    /// Headers of our request within the session: who refreshes stays (§7.4).
    pub fn print_request(self, draft: Draft, settings: &Settings) -> Draft {
        let (interval, who) = match self {
            Session::Off => return print_ask(draft, seconds(settings.session_expires), settings),
            Session::Ours(interval) => (interval, "uac"),
            Session::Theirs(interval) => (interval, "uas"),
        };
        draft
            .header(Header::SessionExpires, format!("{};refresher={who}", interval.seconds))
            .header(Header::MinSe, seconds(settings.session_min).max(SHORTEST_S).min(interval.seconds))
    }

    /// They answered 422: the same again with at least their minimum (§7.3).
    pub fn raised(self, response: &Message) -> Session {
        let least = response.min_se().unwrap_or(MIN_SE_S);
        let raise = |interval: Interval| Interval { seconds: interval.seconds.max(least), ..interval };
        match self {
            Session::Off => Session::Off,
            Session::Ours(interval) => Session::Ours(raise(interval)),
            Session::Theirs(interval) => Session::Theirs(raise(interval)),
        }
    }

    /// Sets the leg's timers anew (§10): who refreshes does so at half time; who waits gives up a little
    /// before the end, so that the BYE is still of the session.
    pub fn arm(self, core: &mut Core, leg: LegId, now: Mono) {
        core.disarm(leg, Timer::Refresh);
        core.disarm(leg, Timer::SessionEnd);
        match self {
            Session::Off => {}
            Session::Ours(interval) => {
                let whole = Duration::from_secs(interval.seconds.into());
                core.arm(leg, Timer::Refresh, now + whole / 2);
                core.arm(leg, Timer::SessionEnd, now + whole);
            }
            Session::Theirs(interval) => {
                let whole = Duration::from_secs(interval.seconds.into());
                let early = Duration::from_secs(32).min(whole / 3);
                core.arm(leg, Timer::SessionEnd, now + whole - early);
            }
        }
    }
}

/// Headers of a first INVITE of ours (§7.1).
pub(crate) fn print_ask(draft: Draft, expires: u32, settings: &Settings) -> Draft {
    let least = seconds(settings.session_min).max(SHORTEST_S);
    draft.header(Header::SessionExpires, expires.max(least)).header(Header::MinSe, least)
}

/// What we ask for at first, in seconds.
pub(crate) fn wanted(settings: &Settings) -> u32 {
    seconds(settings.session_expires)
}
