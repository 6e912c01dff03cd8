//! A mail server of our own: it keeps what it is given, and refuses what it is told to refuse.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// How the way to it is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Plain,
    StartTls,
    Tls,
}

/// A mail as it came in.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    pub text: String,
    pub secured: bool,
    /// What was said to AUTH.
    pub auth: String,
}

pub struct Server {
    pub address: SocketAddr,
    /// Its certificate, PEM.
    pub certificate: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    mails: Mutex<Vec<Mail>>,
    /// The command that is refused, and the reply.
    refused: Mutex<Option<(&'static str, &'static str)>>,
    came: Notify,
}

impl Server {
    pub async fn start(way: Way) -> Server {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let tls = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key);
        let acceptor = TlsAcceptor::from(Arc::new(tls.unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let server = Server { address, certificate: made.cert.pem(), state: Arc::clone(&state) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (state, acceptor) = (Arc::clone(&state), acceptor.clone());
                tokio::spawn(async move {
                    let upgraded = match way {
                        Way::Tls => Some(stream),
                        _ => talk(stream, &state, way, false).await,
                    };
                    if let Some(stream) = upgraded
                        && let Ok(stream) = acceptor.accept(stream).await
                    {
                        talk(stream, &state, way, true).await;
                    }
                });
            }
        });
        server
    }

    /// From now on the command that starts so gets this reply; none: all is well again.
    pub fn refuse(&self, command: Option<(&'static str, &'static str)>) {
        *self.state.refused.lock().unwrap() = command;
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.state.mails.lock().unwrap().clone()
    }

    /// Waits until there are so many.
    pub async fn wait(&self, count: usize) {
        let came = async {
            while self.mails().len() < count {
                self.state.came.notified().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), came).await.expect("mails come");
    }
}

/// One session (RFC 5321); gives the stream back where it is to be secured.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(stream: S, state: &State, way: Way, secured: bool) -> Option<S> {
    let mut stream = BufStream::new(stream);
    let mut mail = Mail { secured, ..Mail::default() };
    // After STARTTLS the client speaks first (RFC 3207 §4.2).
    if way != Way::StartTls || !secured {
        say(&mut stream, "220 mail.example").await?;
    }
    loop {
        let line = hear(&mut stream).await?;
        let refused = state.refused.lock().unwrap().filter(|(command, _)| line.starts_with(command));
        if let Some((_, reply)) = refused {
            say(&mut stream, reply).await?;
            continue;
        }
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_uppercase();
        match verb.as_str() {
            "EHLO" if way == Way::StartTls && !secured => {
                say(&mut stream, "250-mail.example\r\n250-STARTTLS\r\n250 8BITMIME").await?;
            }
            "EHLO" => say(&mut stream, "250-mail.example\r\n250-AUTH PLAIN\r\n250 8BITMIME").await?,
            "STARTTLS" => {
                say(&mut stream, "220 go").await?;
                return Some(stream.into_inner());
            }
            "AUTH" => {
                mail.auth = line;
                say(&mut stream, "235 welcome").await?;
            }
            "MAIL" => {
                mail.from = line;
                say(&mut stream, "250 ok").await?;
            }
            "RCPT" => {
                mail.to.push(line);
                say(&mut stream, "250 ok").await?;
            }
            "DATA" => {
                say(&mut stream, "354 go").await?;
                loop {
                    let line = hear(&mut stream).await?;
                    if line == "." {
                        break;
                    }
                    mail.text += &format!("{line}\r\n");
                }
                state.mails.lock().unwrap().push(mail.clone());
                state.came.notify_one();
                say(&mut stream, "250 kept").await?;
            }
            "QUIT" => {
                say(&mut stream, "221 bye").await?;
                return None;
            }
            _ => say(&mut stream, "502 what?").await?,
        }
    }
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufStream<S>) -> Option<String> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await.ok()?;
    (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufStream<S>, line: &str) -> Option<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}
