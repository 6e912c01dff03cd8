//! Mails to a mail server, and what its answer means for a job.

use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::mail::{Invitation, Sender, letter};
use super::{Leased, Outcome};
use crate::clock::Utc;
use crate::config::{Mail, Security};

/// For one answer of the server.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// For a whole mail: well within a lease.
const MAIL_MAX: Duration = Duration::from_secs(120);

/// Where mails are handed in. A connection for each: there are few.
pub struct Post {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
}

/// Settings of mails that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// A file cannot be read.
    #[error("{path} cannot be read: {error}; check {setting}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        error: std::io::Error,
        /// Who names it.
        setting: &'static str,
    },
    /// What a setting says is no such thing.
    #[error("{setting} cannot be used: {error}")]
    Setting {
        /// Which.
        setting: &'static str,
        /// Why.
        error: String,
    },
}

impl Post {
    /// Reads what the settings name; connects to nobody yet.
    pub fn new(mail: &Mail) -> Result<Post, PostError> {
        let address: lettre::Address = mail.from.parse().map_err(|error| setting("mail-from", error))?;
        let server = &mail.server;
        if server.security == Security::Plain && !server.is_here() {
            tracing::warn!(host = %server.host, "mails go to the mail server unencrypted: starttls:// or smtps:// is safer");
        }
        let security = match server.security {
            Security::Plain => Tls::None,
            Security::StartTls => Tls::Required(tls(mail)?),
            Security::Tls => Tls::Wrapper(tls(mail)?),
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.host.clone())
            .port(server.port)
            .tls(security)
            .timeout(Some(ANSWER_MAX))
            .hello_name(ClientId::Domain(address.domain().to_owned()));
        if let Some(user) = &mail.user {
            let password = match &mail.password_file {
                Some(path) => read(path, "mail-password-file")?.trim_end_matches(['\r', '\n']).to_owned(),
                None => mail.password.reveal().to_owned(),
            };
            transport = transport.credentials(Credentials::new(user.clone(), password));
        }
        Ok(Post { transport: transport.build(), sender: Sender { name: mail.from_name.clone(), address } })
    }

    /// Hands the mail of a job in.
    pub async fn send(&self, job: &Leased, now: Utc) -> Outcome {
        let invitation = match Invitation::read(&job.payload) {
            Ok(invitation) => invitation,
            Err(error) => return Outcome::Never(error.to_string()),
        };
        if invitation.is_over(now) {
            return Outcome::Moot("the time of the callback was over before a mail could be sent");
        }
        let mail = match letter(&invitation, &job.key, &self.sender) {
            Ok(mail) => mail,
            Err(error) => return Outcome::Never(error.to_string()),
        };
        match tokio::time::timeout(MAIL_MAX, self.transport.send(mail)).await {
            Ok(Ok(_)) => Outcome::Done,
            Ok(Err(error)) if lasts(&error) => Outcome::Never(error.to_string()),
            Ok(Err(error)) => Outcome::Later(error.to_string()),
            Err(_) => Outcome::Later("the mail server took too long".to_owned()),
        }
    }
}

/// Whether another try is of no use: refused for good (5xx). Who we are is our settings' matter, not this mail's:
/// a password that is wrong today is tried again (RFC 4954 §6: 530, 534, 535, 538).
fn lasts(error: &Error) -> bool {
    let code = error.status().map(|code| code.to_string());
    error.is_permanent() && !["530", "534", "535", "538"].contains(&code.as_deref().unwrap_or_default())
}

/// Public certificates are trusted, and those of `mail-ca`.
fn tls(mail: &Mail) -> Result<TlsParameters, PostError> {
    let mut tls = TlsParameters::builder(mail.server.host.clone());
    if let Some(path) = &mail.ca {
        let pem = read(path, "mail-ca")?;
        tls = tls.add_root_certificate(Certificate::from_pem(pem.as_bytes()).map_err(|e| setting("mail-ca", e))?);
    }
    tls.build().map_err(|error| setting("mail-server", error))
}

fn setting(setting: &'static str, error: impl Display) -> PostError {
    PostError::Setting { setting, error: error.to_string() }
}

fn read(path: &Path, setting: &'static str) -> Result<String, PostError> {
    std::fs::read_to_string(path).map_err(|error| PostError::Unreadable {
        path: path.display().to_string(),
        error,
        setting,
    })
}
