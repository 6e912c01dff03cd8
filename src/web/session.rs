//! Signing in with a one-time link, and the session behind the cookie.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::{ConnectInfo, FromRequestParts, State as Of};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::{Extension, Json};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error as StoreError, Result as StoreResult};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};
use utoipa::ToSchema;

use super::extract::Body;
use super::health::Peer;
use super::problem::{Problem, ProblemBody};
use super::{App, State};
use crate::clock::{self, Utc};
use crate::db::{Db, Error};
use crate::ids::PersonId;
use crate::person::store::SessionRow;
use crate::person::{self, Action, Person, Role};
use crate::tenant::{Language, Tenant};

/// A session ends when it was not used for so long.
const IDLE_DAYS: i64 = 14;
/// And this long after its person signed in, however much it is used.
const ABSOLUTE: Duration = Duration::from_secs(90 * 24 * 3600);
/// A session in use is written at most so often.
const TOUCH_MS: i64 = 3600 * 1000;
/// Attempts to sign in from one address: so many at once, then one each six seconds.
const LOGINS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Addresses remembered at once; beyond it those that have rested are forgotten.
const ADDRESSES_MAX: usize = 10_000;
/// Longest secret that is looked at.
const TOKEN_BYTES_MAX: usize = 128;

/// What a session holds.
const PERSON: &str = "person";
/// When it was last written.
const SEEN: &str = "seen";

/// The cookie and where it leads.
pub(super) fn layer(app: &App) -> SessionManagerLayer<Rows> {
    let https = app.settings.https;
    SessionManagerLayer::new(Rows { db: app.db.clone(), clock: app.clock })
        // `__Host-`: bound to this host and to `/`, set over https only; browsers see to it.
        .with_name(if https { "__Host-nightdesk" } else { "nightdesk" })
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(time::Duration::days(IDLE_DAYS)))
}

/// Sessions in the table `session`.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    db: Db,
    clock: clock::System,
}

impl Rows {
    fn now(&self) -> Utc {
        self.clock.now().utc
    }
}

#[async_trait]
impl SessionStore for Rows {
    async fn create(&self, record: &mut Record) -> StoreResult<()> {
        let now = self.now();
        loop {
            let row = SessionRow { data: encoded(record)?, created_at: now, expires_at: expiry(record) };
            let mut tx = self.db.write().await.map_err(backend)?;
            let fresh = person::store::session_create(&mut tx, &record.id.to_string(), &row).await.map_err(backend)?;
            tx.commit().await.map_err(backend)?;
            if fresh {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    async fn save(&self, record: &Record) -> StoreResult<()> {
        let mut tx = self.db.write().await.map_err(backend)?;
        let id = record.id.to_string();
        person::store::session_save(&mut tx, &id, &encoded(record)?, expiry(record)).await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> StoreResult<Option<Record>> {
        let row = running(&self.db, id, self.now()).await.map_err(backend)?;
        let Some(row) = row else { return Ok(None) };
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(row.expires_at.0) * 1_000_000);
        Ok(Some(Record {
            id: *id,
            data: serde_json::from_str(&row.data).map_err(|e| StoreError::Decode(e.to_string()))?,
            expiry_date: expiry_date.map_err(|e| StoreError::Decode(e.to_string()))?,
        }))
    }

    async fn delete(&self, id: &Id) -> StoreResult<()> {
        let mut tx = self.db.write().await.map_err(backend)?;
        person::store::session_delete(&mut tx, &id.to_string()).await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}

/// The row of a session that has not ended.
pub(super) async fn running(db: &Db, id: &Id, now: Utc) -> Result<Option<SessionRow>, Error> {
    person::store::session(db, &id.to_string(), now, oldest(now)).await
}

/// Sessions made before this have ended.
pub(super) fn oldest(now: Utc) -> Utc {
    Utc(now.0.saturating_sub(i64::try_from(ABSOLUTE.as_millis()).unwrap_or(i64::MAX)))
}

fn encoded(record: &Record) -> StoreResult<String> {
    serde_json::to_string(&record.data).map_err(|e| StoreError::Encode(e.to_string()))
}

fn expiry(record: &Record) -> Utc {
    let ms = record.expiry_date.unix_timestamp_nanos() / 1_000_000;
    Utc(i64::try_from(ms).unwrap_or(i64::MAX))
}

fn backend(error: Error) -> StoreError {
    StoreError::Backend(error.to_string())
}

impl From<tower_sessions::session::Error> for Problem {
    fn from(error: tower_sessions::session::Error) -> Problem {
        tracing::error!(%error, "a session could not be read or written");
        Problem::unavailable()
    }
}

/// Who asks. A handler that takes it is for signed-in people, and sees their tenant only.
pub(super) struct SignedIn {
    pub(super) person: Person,
    pub(super) tenant: Tenant,
    pub(super) session: Session,
}

impl FromRequestParts<State> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<SignedIn, Problem> {
        let session = parts.extensions.get::<Session>().cloned().ok_or_else(Problem::not_signed_in)?;
        let person: Option<PersonId> = session.get(PERSON).await?;
        let person = person.ok_or_else(Problem::not_signed_in)?;
        let found = person::store::signed_in(&state.app.db, person).await?;
        let (person, tenant) = found.ok_or_else(Problem::not_signed_in)?;
        let now = state.app.clock.now().utc.0;
        let seen: i64 = session.get(SEEN).await?.unwrap_or(0);
        if now.saturating_sub(seen) > TOUCH_MS {
            session.insert(SEEN, now).await?;
        }
        Ok(SignedIn { person, tenant, session })
    }
}

impl SignedIn {
    pub(super) fn is_owner(&self) -> bool {
        self.person.role == Role::Owner
    }

    /// Refuses who is none.
    pub(super) fn owner(&self) -> Result<(), Problem> {
        self.is_owner().then_some(()).ok_or_else(Problem::only_owner)
    }
}

/// Attempts of who is not signed in, by address.
pub(super) struct Logins {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl Logins {
    pub(super) fn new() -> Logins {
        Logins { limiter: RateLimiter::keyed(Quota::per_minute(LOGINS_PER_MINUTE)), clock: DefaultClock::default() }
    }

    /// Or how many seconds to wait.
    pub(super) fn attempt(&self, peer: IpAddr) -> Result<(), u32> {
        if self.limiter.len() > ADDRESSES_MAX {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&network(peer)).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now()).as_secs().saturating_add(1);
            u32::try_from(wait).unwrap_or(u32::MAX)
        })
    }
}

/// One household: an IPv4 address, or an IPv6 /64, of which anyone has as many addresses as they like.
pub(super) fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}

/// What a login link carries.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// What stands behind `#` in the login link.
    token: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionBody {
    person: PersonBody,
    tenant: TenantBody,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Person)]
struct PersonBody {
    id: String,
    name: String,
    role: RoleWord,
    language: LanguageWord,
}

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
struct TenantBody {
    id: String,
    name: String,
    language: LanguageWord,
    /// IANA name.
    #[schema(example = "Europe/Berlin")]
    timezone: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Role)]
enum RoleWord {
    Owner,
    Agent,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Language)]
pub(super) enum LanguageWord {
    De,
    En,
}

impl From<LanguageWord> for Language {
    fn from(word: LanguageWord) -> Language {
        match word {
            LanguageWord::De => Language::De,
            LanguageWord::En => Language::En,
        }
    }
}

impl From<Language> for LanguageWord {
    fn from(language: Language) -> LanguageWord {
        match language {
            Language::De => LanguageWord::De,
            Language::En => LanguageWord::En,
        }
    }
}

fn body(person: &Person, tenant: &Tenant) -> Json<SessionBody> {
    let role = match person.role {
        Role::Owner => RoleWord::Owner,
        Role::Agent => RoleWord::Agent,
    };
    Json(SessionBody {
        person: PersonBody {
            id: person.id.to_string(),
            name: person.name.clone(),
            role,
            language: person.language.into(),
        },
        tenant: TenantBody {
            id: tenant.id().to_string(),
            name: tenant.name().to_owned(),
            language: tenant.language().into(),
            timezone: tenant.timezone().to_owned(),
        },
    })
}

/// Sign in with the token of a login link
///
/// The token is used up. The cookie is the session.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = SignIn, responses(
    (status = 200, body = SessionBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json", description = "`bad_token`: unknown, used or too old"),
    (status = 429, body = ProblemBody, content_type = "application/problem+json", description = "`too_many_logins`"),
))]
pub(super) async fn sign_in(
    Of(state): Of<State>,
    peer: Peer,
    session: Session,
    Body(sign_in): Body<SignIn>,
) -> Result<Json<SessionBody>, Problem> {
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |Extension(ConnectInfo(peer))| peer.ip());
    state.logins.attempt(peer).map_err(Problem::too_many_logins)?;
    if sign_in.token.len() > TOKEN_BYTES_MAX {
        return Err(Problem::bad_token());
    }
    let now = state.app.clock.now().utc;
    let mut tx = state.app.db.write().await?;
    let found = person::store::redeem(&mut tx, &sign_in.token, now).await?;
    let Some((person, tenant)) = found else { return Err(Problem::bad_token()) };
    person::store::audit(&mut tx, &tenant, now, person.id, Action::SignedIn, "").await?;
    tx.commit().await?;
    // A new id: one that was planted in this browser before leads nowhere.
    session.clear().await;
    session.cycle_id().await?;
    session.insert(PERSON, person.id).await?;
    session.insert(SEEN, now.0).await?;
    Ok(body(&person, &tenant))
}

/// Who is signed in
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses(
    (status = 200, body = SessionBody),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn whoami(who: SignedIn) -> Json<SessionBody> {
    body(&who.person, &who.tenant)
}

/// Sign out
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses(
    (status = 204),
    (status = 401, body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn sign_out(Of(state): Of<State>, who: SignedIn) -> Result<StatusCode, Problem> {
    who.session.flush().await?;
    let mut tx = state.app.db.write().await?;
    let now = state.app.clock.now().utc;
    person::store::audit(&mut tx, &who.tenant, now, who.person.id, Action::SignedOut, "").await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_counted_by_network() {
        let same = |a: &str, b: &str| network(a.parse().unwrap()) == network(b.parse().unwrap());
        assert!(same("2001:db8::1", "2001:db8::ffff:1"));
        assert!(!same("2001:db8::1", "2001:db8:0:1::1"));
        assert!(same("::ffff:192.0.2.1", "192.0.2.1"));
        assert!(!same("192.0.2.1", "192.0.2.2"));
    }

    #[test]
    fn attempts_are_counted() {
        let logins = Logins::new();
        let peer = "192.0.2.1".parse().unwrap();
        for _ in 0..LOGINS_PER_MINUTE.get() {
            logins.attempt(peer).unwrap();
        }
        assert!(logins.attempt(peer).is_err());
        logins.attempt("192.0.2.2".parse().unwrap()).unwrap();
    }
}
