//! Serving the router on a socket, within limits: how many connections there are, in all and from one
//! address, and how long the head of a request may take (SECURITY.md, slow HTTP).

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// From the connection, or from its last answer, to the last byte of a request's head.
const HEAD_TIME_MAX: Duration = Duration::from_secs(10);
/// All of a request's head.
const HEAD_BYTES_MAX: usize = 32 * 1024;
/// Lines of it.
const HEADERS_MAX: usize = 100;
/// Connections at once.
const CONNECTIONS_MAX: usize = 4_096;
/// Of them from one address; a proxy on this machine speaks for many.
const CONNECTIONS_PER_ADDRESS_MAX: usize = 128;
/// How long answers that have begun may take when the program ends.
const FAREWELL: Duration = Duration::from_secs(5);
/// After a failed `accept`, such as for want of file handles: trying at once would only burn the processor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `closing`; then no new connection is taken, and what has begun is ended in order.
pub async fn serve(listener: TcpListener, router: Router, closing: CancellationToken) {
    serve_within(listener, router, closing, HEAD_TIME_MAX).await;
}

async fn serve_within(listener: TcpListener, router: Router, closing: CancellationToken, head_time: Duration) {
    let open = Arc::new(Open::default());
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = closing.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                // One too many is closed without a word: an answer would cost what it is to save.
                if let Some(place) = open.place(peer.ip()) {
                    let served =
                        Served { peer, router: router.clone(), closing: closing.clone(), head_time, _place: place };
                    connections.spawn(connection(stream, served));
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    let _ = tokio::time::timeout(FAREWELL, async { while connections.join_next().await.is_some() {} }).await;
}

/// What a connection is served with.
struct Served {
    peer: SocketAddr,
    router: Router,
    closing: CancellationToken,
    head_time: Duration,
    _place: Place,
}

async fn connection(stream: TcpStream, served: Served) {
    let Served { peer, router, closing, head_time, _place } = served;
    // An event is small and wanted at once.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move {
            Ok::<_, Infallible>(router.oneshot(request.map(Body::new)).await.unwrap_or_else(|never| match never {}))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_time)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}

/// Connections that are open, by address.
#[derive(Debug, Default)]
struct Open(Mutex<HashMap<IpAddr, usize>>);

/// One of them; counted while it lives.
struct Place {
    open: Arc<Open>,
    address: IpAddr,
}

impl Open {
    fn place(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let address = super::session::network(peer);
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.get(&address).copied().unwrap_or(0);
        let too_many = own >= CONNECTIONS_PER_ADDRESS_MAX && !address.is_loopback();
        if too_many || open.values().sum::<usize>() >= CONNECTIONS_MAX {
            return None;
        }
        open.insert(address, own + 1);
        Some(Place { open: Arc::clone(self), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = open.get(&self.address).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            open.remove(&self.address);
        } else {
            open.insert(self.address, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn running() -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at, closing) = (listener.local_addr().unwrap(), CancellationToken::new());
        let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
        let router = Router::new().route("/", axum::routing::get(peer));
        (at, closing.clone(), tokio::spawn(serve(listener, router, closing)))
    }

    async fn ask(at: SocketAddr, head: &str) -> String {
        let mut stream = TcpStream::connect(at).await.unwrap();
        let mut answer = Vec::new();
        // The server may close while we still write.
        let _ = stream.write_all(head.as_bytes()).await;
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn serves_and_ends() {
        let (at, closing, task) = running().await;
        let answer = ask(at, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("127.0.0.1"), "{answer}");
        let idle = TcpStream::connect(at).await.unwrap();
        closing.cancel();
        tokio::time::timeout(FAREWELL, task).await.unwrap().unwrap();
        drop(idle);
        assert!(TcpStream::connect(at).await.is_err());
    }

    #[tokio::test]
    async fn heads_have_limits() {
        let (at, _closing, _task) = running().await;
        let many = "x: y\r\n".repeat(HEADERS_MAX + 1);
        let answer = ask(at, &format!("GET / HTTP/1.1\r\n{many}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
        let long = "y".repeat(HEAD_BYTES_MAX * 2);
        let answer = ask(at, &format!("GET / HTTP/1.1\r\nx: {long}\r\n\r\n")).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    }

    #[tokio::test]
    async fn slow_heads_are_ended() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(serve_within(listener, Router::new(), CancellationToken::new(), Duration::from_millis(20)));
        let answer = tokio::time::timeout(FAREWELL, ask(at, "GET / HTTP/1.1\r\nhost: a\r\n")).await;
        assert!(!answer.unwrap().contains("200"));
    }

    #[test]
    fn one_address_has_not_all() {
        let open = Arc::new(Open::default());
        let stranger: IpAddr = "192.0.2.1".parse().unwrap();
        let all: Vec<Place> = std::iter::from_fn(|| open.place(stranger)).collect();
        assert_eq!(all.len(), CONNECTIONS_PER_ADDRESS_MAX);
        assert!(open.place("192.0.2.2".parse().unwrap()).is_some());
        let proxy: Vec<Place> = std::iter::from_fn(|| open.place("127.0.0.1".parse().unwrap())).collect();
        assert_eq!(all.len() + proxy.len(), CONNECTIONS_MAX);
        drop((all, proxy));
        assert!(open.0.lock().unwrap().is_empty());
    }
}
