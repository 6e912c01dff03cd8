//! The HTTP API, its sessions and events, and the page.
//!
//! Everything that the page can do, scripts can do: it has no other door than `/api/v1`. The document
//! of the API is made from this code and committed as `web/openapi.json`.
//!
//! Layers, from outside: security headers, a time limit, the check of where a changing request comes
//! from, then (below `/api/v1`) the session. A handler that takes a [`session::SignedIn`] has a tenant, and
//! no handler gets one otherwise.

mod audio;
mod bookings;
mod calendars;
mod callbacks;
mod calls;
mod contacts;
mod events;
mod extract;
mod figures;
mod guard;
mod health;
mod making;
mod messages;
mod once;
mod opening;
mod page;
mod pin;
mod plan;
mod problem;
mod prompts;
mod range;
mod serve;
mod session;
mod simulate;
mod sound;
mod tag;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use utoipa::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use crate::clock;
use crate::db::{self, Db};
use crate::jobs::mail::Outbox;
use crate::person::pin::PinKey;
use crate::revision::{Basis, Running};

pub use contacts::{contact_follows, moment_json};
pub use prompts::{ShippedPrompt, Studio};
pub use serve::serve;

/// Longest body of a request.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// What the API works on.
#[derive(Clone, Debug)]
pub struct App {
    /// Rows.
    pub db: Db,
    /// Recordings are in its folder [`crate::message::RECORDINGS`].
    pub data_dir: PathBuf,
    /// Time.
    pub clock: clock::System,
    /// Where prompts are made.
    pub studio: Arc<dyn Studio>,
    /// How it is reached.
    pub settings: Settings,
}

/// How the API is reached.
#[derive(Clone, Default)]
pub struct Settings {
    /// People come by https (a proxy in front ends TLS): cookies are `Secure` and bear `__Host-`.
    pub https: bool,
    /// `/metrics` answers to others than loopback too.
    pub metrics_public: bool,
    /// What `/metrics` prints; none: 404.
    pub metrics: Option<PrometheusHandle>,
    /// What there is of plans besides rows.
    pub basis: Arc<Basis>,
    /// What calls are answered with at the moment.
    pub running: Running,
    /// What PINs are keyed with; none: none can be set here.
    pub pin_key: Option<PinKey>,
    /// Where invitations by mail are left.
    pub outbox: Outbox,
    /// Cancelled when the program ends: open event streams end then, so that the server can.
    pub closing: CancellationToken,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("https", &self.https)
            .field("metrics_public", &self.metrics_public)
            .finish_non_exhaustive()
    }
}

/// What handlers share.
struct Shared {
    app: App,
    logins: session::Logins,
    /// Who asks for feeds of calendars.
    feeds: session::Logins,
    streams: Arc<events::Streams>,
    making: Arc<making::Making>,
}

type State = Arc<Shared>;

/// The whole HTTP side; [`serve`] puts it on a socket. Where something else serves it, each request
/// must carry `ConnectInfo<SocketAddr>`: the limits on logins and the check of `/metrics` go by it.
pub fn router(app: App) -> Router {
    let sessions = session::layer(&app);
    let (logins, feeds) = (session::Logins::new(), session::Logins::new());
    let state: State = Arc::new(Shared { logins, feeds, streams: Arc::default(), making: Arc::default(), app });
    let (api, _) = api().split_for_parts();
    api.layer(sessions)
        .route("/healthz", axum::routing::get(health::alive))
        .route("/readyz", axum::routing::get(health::ready))
        .route("/metrics", axum::routing::get(health::metrics))
        .route("/api/openapi.json", axum::routing::get(openapi))
        .fallback(page::serve)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(guard::same_origin))
        .layer(middleware::from_fn(guard::time_limit))
        .layer(middleware::from_fn_with_state(state.clone(), guard::headers))
        .with_state(state)
}

/// Removes the rows of sessions that have ended, and of answers that nobody asks for again: to be done once an hour or
/// so. Gives how many.
pub async fn sweep(app: &App) -> Result<u64, db::Error> {
    let now = app.clock.now().utc;
    let mut tx = app.db.write().await?;
    let sessions = crate::person::store::sessions_sweep(&mut tx, now, session::oldest(now)).await?;
    let answers = crate::person::store::once::sweep(&mut tx, now).await?;
    tx.commit().await?;
    Ok(sessions + answers)
}

/// The document of the API, as it is committed in `web/openapi.json`.
pub fn openapi_json() -> String {
    let document = api().into_openapi();
    // A document made of our own types is always JSON.
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Nightdesk",
        version = "1",
        description = "Messages, calls, contacts, callbacks, calendars, prompts and plans of a telephone answering service. Sign in with `POST /api/v1/session`; \
            requests that change something must come from the same origin (`Sec-Fetch-Site` or `Origin`). \
            Errors are RFC 9457 problems; `code` is stable."
    ),
    components(schemas(callbacks::ShowWord, events::ChangeData, problem::ProblemBody))
)]
struct Document;

fn api() -> OpenApiRouter<State> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(session::sign_in, session::whoami, session::sign_out))
        .routes(routes!(messages::list))
        .routes(routes!(messages::get, messages::patch, messages::delete))
        .routes(routes!(messages::restore))
        .routes(routes!(audio::audio))
        .routes(routes!(calls::list))
        .routes(routes!(calls::get))
        .routes(routes!(contacts::list, contacts::add))
        .routes(routes!(contacts::get, contacts::put, contacts::patch, contacts::delete))
        .routes(routes!(contacts::files::import))
        .routes(routes!(contacts::files::export))
        .routes(routes!(contacts::edits::list))
        .routes(routes!(contacts::edits::undo))
        .routes(routes!(contacts::edits::merge))
        .routes(routes!(contacts::edits::split))
        .routes(routes!(contacts::names::upload, contacts::names::delete))
        .routes(routes!(contacts::names::audio))
        .routes(routes!(contacts::names::say))
        .routes(routes!(contacts::names::confirm))
        .routes(routes!(contacts::timeline::of_contact))
        .routes(routes!(contacts::timeline::of_number))
        .routes(routes!(prompts::list))
        .routes(routes!(prompts::upload, prompts::reset))
        .routes(routes!(prompts::audio))
        .routes(routes!(prompts::say))
        .routes(routes!(prompts::restore))
        .merge(queue())
        .routes(routes!(events::events))
        .routes(routes!(plan::get, plan::put).layer(DefaultBodyLimit::max(plan::BODY_BYTES_MAX)))
        .routes(routes!(plan::check).layer(DefaultBodyLimit::max(plan::BODY_BYTES_MAX)))
        .routes(routes!(simulate::simulate).layer(DefaultBodyLimit::max(plan::BODY_BYTES_MAX)))
        .routes(routes!(simulate::week).layer(DefaultBodyLimit::max(plan::BODY_BYTES_MAX)))
        .routes(routes!(plan::rollback))
        .routes(routes!(plan::revisions))
        .routes(routes!(plan::one))
        .routes(routes!(plan::diff))
        .routes(routes!(opening::get))
        .routes(routes!(opening::set))
        .routes(routes!(opening::lift))
        .routes(routes!(pin::get, pin::put))
        .routes(routes!(pin::unlock))
}

/// Callbacks, and the times that are booked for them.
fn queue() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(callbacks::list, callbacks::add))
        .routes(routes!(callbacks::next))
        .routes(routes!(callbacks::get))
        .routes(routes!(callbacks::acts::claim))
        .routes(routes!(callbacks::acts::release))
        .routes(routes!(callbacks::acts::attempts))
        .routes(routes!(callbacks::acts::notes))
        .routes(routes!(callbacks::acts::snooze))
        .routes(routes!(callbacks::acts::done))
        .routes(routes!(callbacks::acts::give_up))
        .routes(routes!(callbacks::acts::reopen))
        .routes(routes!(callbacks::acts::undo))
        .routes(routes!(callbacks::acts::assign))
        .routes(routes!(callbacks::acts::urgent))
        .routes(routes!(callbacks::acts::number))
        .routes(routes!(callbacks::acts::allow))
        .routes(routes!(callbacks::acts::admit))
        .routes(routes!(calendars::list))
        .routes(routes!(calendars::slots))
        .routes(routes!(calendars::booked))
        .routes(routes!(calendars::feed::give, calendars::feed::revoke))
        .routes(routes!(calendars::feed::read))
        .routes(routes!(bookings::add))
        .routes(routes!(bookings::move_to))
        .routes(routes!(bookings::cancel))
        .routes(routes!(figures::get))
}

async fn openapi() -> impl axum::response::IntoResponse {
    ([(axum::http::header::CONTENT_TYPE, "application/json")], openapi_json())
}
