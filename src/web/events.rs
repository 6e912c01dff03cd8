//! Live events: what has changed for the tenant of the session, as server-sent events.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State as Of;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use serde::Serialize;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::Interval;
use tower_sessions::session::Id;
use utoipa::ToSchema;

use super::State;
use super::problem::{Problem, ProblemBody};
use super::session::{self, SignedIn};
use crate::db::{Change, ChangeKind, Db, Noun};
use crate::ids::{PersonId, TenantId};

/// A comment, so that proxies and browsers see that the stream lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How soon a stream ends after its person signed out elsewhere.
const SESSION_CHECK: Duration = Duration::from_secs(30);
/// Tabs of one person.
const STREAMS_PER_PERSON_MAX: u32 = 16;
/// All streams.
const STREAMS_MAX: u32 = 2_000;

/// What an `event: change` carries.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Change)]
pub(super) struct ChangeData {
    noun: NounWord,
    id: String,
    kind: KindWord,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ChangeNoun)]
enum NounWord {
    Message,
    Call,
    Prompt,
    Plan,
    Opening,
    /// Without an id: several.
    Contact,
    Callback,
    /// Its id is the calendar's name.
    Seat,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ChangeKind)]
enum KindWord {
    Created,
    Changed,
    Deleted,
}

impl From<Change> for ChangeData {
    fn from(change: Change) -> ChangeData {
        let noun = match change.noun {
            Noun::Message => NounWord::Message,
            Noun::Call => NounWord::Call,
            Noun::Prompt => NounWord::Prompt,
            Noun::Plan => NounWord::Plan,
            Noun::Opening => NounWord::Opening,
            Noun::Contact => NounWord::Contact,
            Noun::Callback => NounWord::Callback,
            Noun::Seat => NounWord::Seat,
        };
        let kind = match change.kind {
            ChangeKind::Created => KindWord::Created,
            ChangeKind::Changed => KindWord::Changed,
            ChangeKind::Deleted => KindWord::Deleted,
        };
        ChangeData { noun, id: change.id, kind }
    }
}

/// Streams that are open, by person.
#[derive(Debug, Default)]
pub(super) struct Streams(Mutex<HashMap<PersonId, u32>>);

/// One open stream; counted while it lives.
struct Place {
    streams: Arc<Streams>,
    person: PersonId,
}

impl Streams {
    fn place(self: &Arc<Self>, person: PersonId) -> Result<Place, Problem> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.get(&person).copied().unwrap_or(0);
        if own >= STREAMS_PER_PERSON_MAX || open.values().sum::<u32>() >= STREAMS_MAX {
            return Err(Problem::too_many_streams());
        }
        open.insert(person, own + 1);
        Ok(Place { streams: Arc::clone(self), person })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = open.get(&self.person).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            open.remove(&self.person);
        } else {
            open.insert(self.person, left);
        }
    }
}

/// What has changed, as it happens
///
/// `event: change` with a `Change` as data, and an id. Who comes back with the id of the last event in `Last-Event-ID`,
/// as browsers do by themselves, is sent first what was missed; where that is not known any more (some thousand
/// changes, or a restart), and where events were lost on the way, `event: resync` says: load again. Without that header
/// load each time that the stream opens. A comment comes every 15 s.
#[utoipa::path(get, path = "/api/v1/events", tag = "events",
    params(("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that was received")),
    responses(
    (status = 200, content_type = "text/event-stream", body = String),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
    (status = 429, body = ProblemBody, content_type = "application/problem+json", description = "`too_many_streams`"),
))]
pub(super) async fn events(
    Of(state): Of<State>,
    who: SignedIn,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>> + use<>>, Problem> {
    let session = who.session.id().ok_or_else(Problem::not_signed_in)?;
    let place = state.streams.place(who.person.id)?;
    let (waiting, changes) = missed(&state.app.db, &headers);
    let listener = Listener {
        waiting,
        changes,
        tenant: who.tenant.id(),
        session,
        check: tokio::time::interval(SESSION_CHECK),
        hello: true,
        _place: place,
        state,
    };
    let stream = futures_util::stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok(event), listener))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("keep-alive")))
}

/// What who comes back is sent first, and everything after it.
fn missed(db: &Db, headers: &HeaderMap) -> (VecDeque<Heard>, Receiver<Change>) {
    let Some(last) = headers.get("last-event-id") else { return (VecDeque::new(), db.changes()) };
    let place = last.to_str().ok().and_then(|text| text.parse().ok());
    let Some(place) = place else { return ([Heard::Lost].into(), db.changes()) };
    let missed = db.changes_since(place);
    let waiting = match missed.changes {
        Some(changes) => changes.into_iter().map(Heard::Change).collect(),
        None => [Heard::Lost].into(),
    };
    (waiting, missed.further)
}

/// What a stream is about to tell.
enum Heard {
    Change(Change),
    /// It is not known what was missed.
    Lost,
}

struct Listener {
    /// Told before anything else.
    waiting: VecDeque<Heard>,
    changes: Receiver<Change>,
    tenant: TenantId,
    session: Id,
    check: Interval,
    /// Nothing was sent yet.
    hello: bool,
    _place: Place,
    state: State,
}

impl Listener {
    /// The next event; none when the stream is over.
    async fn next(&mut self) -> Option<Event> {
        if std::mem::take(&mut self.hello) {
            // Something at once: the browser then knows that the stream is open.
            return Some(Event::default().comment("open").retry(Duration::from_secs(2)));
        }
        while let Some(heard) = self.waiting.pop_front() {
            match heard {
                Heard::Change(change) if change.tenant != self.tenant => {}
                Heard::Change(change) => return Some(self.told(change)),
                Heard::Lost => return Some(resync()),
            }
        }
        let closing = self.state.app.settings.closing.clone();
        loop {
            tokio::select! {
                () = closing.cancelled() => return None,
                _ = self.check.tick() => {
                    if !self.signed_in().await {
                        return None;
                    }
                }
                change = self.changes.recv() => match change {
                    Ok(change) if change.tenant != self.tenant => {}
                    Ok(change) => return Some(self.told(change)),
                    Err(RecvError::Lagged(_)) => return Some(resync()),
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    /// Names and numbers are fetched: an event that cannot be printed is a resync.
    fn told(&self, change: Change) -> Event {
        let place = self.state.app.db.place(change.seq);
        let event = Event::default().event("change").id(place.to_string());
        event.json_data(ChangeData::from(change)).unwrap_or_else(|_| resync())
    }

    /// A database that does not answer now ends no stream.
    async fn signed_in(&self) -> bool {
        let now = self.state.app.clock.now().utc;
        !matches!(session::running(&self.state.app.db, &self.session, now).await, Ok(None))
    }
}

fn resync() -> Event {
    Event::default().event("resync").data("{}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Utc;

    #[test]
    fn streams_are_counted_while_they_live() {
        let streams = Arc::new(Streams::default());
        let person = PersonId::new(Utc(0), [1; 10]);
        let open: Vec<Place> = (0..STREAMS_PER_PERSON_MAX).map(|_| streams.place(person).unwrap()).collect();
        assert!(streams.place(person).is_err());
        assert!(streams.place(PersonId::new(Utc(0), [2; 10])).is_ok());
        drop(open);
        assert!(streams.0.lock().unwrap().is_empty());
    }
}
