//! For those who watch over the program.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Extension;
use axum::extract::{ConnectInfo, State as Of};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::State;
use super::problem::Problem;

const READY_WAIT_MAX: Duration = Duration::from_secs(5);

/// The peer's address; absent where the router is not served from a socket.
pub(super) type Peer = Option<Extension<ConnectInfo<SocketAddr>>>;

/// The process lives.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The database answers and can be written.
pub(super) async fn ready(Of(state): Of<State>) -> Result<&'static str, Problem> {
    match tokio::time::timeout(READY_WAIT_MAX, state.app.db.ping()).await {
        Ok(Ok(())) => Ok("ready\n"),
        Ok(Err(error)) => {
            tracing::error!(%error, "not ready");
            Err(Problem::unavailable())
        }
        Err(_) => Err(Problem::unavailable()),
    }
}

/// Prometheus text.
pub(super) async fn metrics(Of(state): Of<State>, peer: Peer) -> Result<Response, Problem> {
    let settings = &state.app.settings;
    let local = peer.is_some_and(|Extension(ConnectInfo(peer))| peer.ip().to_canonical().is_loopback());
    if !local && !settings.metrics_public {
        return Err(Problem::only_loopback());
    }
    let figures = settings.metrics.as_ref().ok_or_else(Problem::not_found)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], figures.render()).into_response())
}
