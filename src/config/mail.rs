//! How mails leave: the server that takes them, and from whom they are.

use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;

use super::{ConfigError, Values};

/// How mails leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Who takes them.
    pub server: Server,
    /// From whom they are, `post@example.org`.
    pub from: String,
    /// What is shown beside it; none: the business's name.
    pub from_name: Option<String>,
    /// Who we are to the server; none: it asks nobody.
    pub user: Option<String>,
    /// Given as `NIGHTDESK_MAIL_PASSWORD`.
    pub password: Secret,
    /// Or where it stands.
    pub password_file: Option<PathBuf>,
    /// Certificates (PEM) that are trusted besides the public ones.
    pub ca: Option<PathBuf>,
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// How the way to it is secured.
    pub security: Security,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// How the way to a mail server is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all: a server on this machine or in our own network.
    Plain,
    /// By STARTTLS, always.
    StartTls,
    /// From the first byte.
    Tls,
}

/// What is never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps it.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// For the one who must have it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// None where no mail server is set: then nothing is sent.
pub(super) fn read(values: &Values) -> Result<Option<Mail>, ConfigError> {
    if values.text("mail-server").trim().is_empty() {
        return Ok(None);
    }
    let server = "smtps://host, starttls://host or smtp://host, with :port if it is another";
    let server: Server = values.read("mail-server", server, server_of)?;
    let (from_name, from) =
        values.read("mail-from", "an address such as post@example.org, or Name <post@example.org>", sender)?;
    let some = |name| Some(values.text(name).trim().to_owned()).filter(|text| !text.is_empty());
    let user = some("mail-user");
    if user.is_some() && server.security == Security::Plain && !server.is_here() {
        return Err(
            values.bad("mail-server", "starttls:// or smtps:// where mail-user is set: a password goes with it")
        );
    }
    Ok(Some(Mail {
        server,
        from,
        from_name,
        user,
        password: Secret::new(values.text("mail-password")),
        password_file: some("mail-password-file").map(PathBuf::from),
        ca: some("mail-ca").map(PathBuf::from),
    }))
}

impl Server {
    /// Whether it is on this machine.
    pub fn is_here(&self) -> bool {
        self.host == "localhost" || self.host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
    }
}

fn server_of(text: &str) -> Option<Server> {
    let (scheme, rest) = text.split_once("://")?;
    let (security, usual) = match scheme {
        "smtp" => (Security::Plain, 25),
        "starttls" => (Security::StartTls, 587),
        "smtps" => (Security::Tls, 465),
        _ => return None,
    };
    let (host, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            address.parse::<Ipv6Addr>().ok()?;
            (address, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
        }
        None => rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port))),
    };
    let plain = !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:_".contains(&b));
    let port = port.map_or(Some(usual), |port| port.parse().ok().filter(|port| *port != 0))?;
    plain.then(|| Server { security, host: host.to_owned(), port })
}

/// Name and address.
fn sender(text: &str) -> Option<(Option<String>, String)> {
    let mailbox: lettre::message::Mailbox = text.parse().ok()?;
    let address = mailbox.email.to_string();
    address.is_ascii().then_some((mailbox.name, address))
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Values};
    use super::*;

    fn config(given: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let find = |name: &str| given.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Config::read(&Values::gather(None, |_| None, find).unwrap())
    }

    #[test]
    fn servers_are_read() {
        for (text, security, host, port) in [
            ("smtps://mail.example.org", Security::Tls, "mail.example.org", 465),
            ("starttls://mail.example.org", Security::StartTls, "mail.example.org", 587),
            ("smtp://[::1]:2525", Security::Plain, "::1", 2525),
            ("smtp://127.0.0.1", Security::Plain, "127.0.0.1", 25),
        ] {
            assert_eq!(server_of(text), Some(Server { security, host: host.into(), port }));
        }
        for text in
            ["mail.example.org", "https://x", "smtp://", "smtp://u:p@x", "smtp://x:0", "smtp://x/y", "smtp://[x]"]
        {
            assert_eq!(server_of(text), None, "{text}");
        }
    }

    #[test]
    fn nothing_is_set_by_default_and_nothing_secret_is_shown() {
        assert_eq!(config(&[]).unwrap().mail, None);
        let all = [
            ("mail-server", "smtps://mail.example.org"),
            ("mail-from", "Praxis Süd <post@example.org>"),
            ("mail-user", "post"),
            ("mail-password", "hunter2"),
        ];
        let read = config(&all).unwrap();
        let mail = read.mail.clone().unwrap();
        assert_eq!((mail.from.as_str(), mail.from_name.as_deref()), ("post@example.org", Some("Praxis Süd")));
        assert_eq!(mail.password.reveal(), "hunter2");
        let find = |name: &str| all.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let values = Values::gather(None, |_| None, find).unwrap();
        let shown: Vec<_> = values.rows().map(|(name, value, _)| (name, value)).collect();
        assert!(shown.contains(&("mail-password", "…")), "{shown:?}");
        let told = format!("{read:?} {values:?} {shown:?}");
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for (given, named) in [
            (&[("mail-server", "mail.example.org")][..], "mail-server"),
            (&[("mail-server", "smtps://x")], "mail-from"),
            (&[("mail-server", "smtps://x"), ("mail-from", "nobody")], "mail-from"),
            (&[("mail-server", "smtp://x"), ("mail-from", "a@b.example"), ("mail-user", "a")], "starttls"),
        ] {
            let error = config(given).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
