//! Boot settings, typed and documented; every value knows its source.
//!
//! A setting comes from, the later the stronger: its default, `nightdesk.toml`, `NIGHTDESK_…` in the
//! environment, the command line. `nightdesk config` prints them all.

mod mail;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

pub use mail::{Mail, Secret, Security, Server};

/// One setting: its name, default and meaning.
#[derive(Debug)]
pub struct Spec {
    /// As on the command line and in the file.
    pub name: &'static str,
    /// In the form that is typed.
    pub default: &'static str,
    /// For `--help` and the documentation.
    pub doc: &'static str,
}

/// Every setting there is.
pub const SPECS: &[Spec] = &[
    Spec { name: "data", default: "./data", doc: "Directory of database and recordings" },
    Spec { name: "database", default: "", doc: "postgres://… or a file; empty: nightdesk.db in the data directory" },
    Spec { name: "sip", default: "0.0.0.0:5060,[::]:5060", doc: "Addresses for SIP, UDP and TCP, separated by commas" },
    Spec { name: "http", default: "127.0.0.1:8080", doc: "Address of the page and the API" },
    Spec { name: "trust", default: "127.0.0.0/8,::1/128", doc: "Networks whose calls are answered (trunk peers)" },
    Spec {
        name: "trust-from",
        default: "false",
        doc: "Take the number in From for proven: the trunk checks it, as a FRITZ!Box or a PBX does",
    },
    Spec { name: "advertise", default: "", doc: "Our address as others see it; empty: found by itself" },
    Spec { name: "rtp-ports", default: "30000-39999", doc: "UDP ports for audio" },
    Spec { name: "calls-max", default: "500", doc: "Calls at once; beyond it callers hear busy (503)" },
    Spec { name: "media-threads", default: "0", doc: "Threads for audio; 0: one per core" },
    Spec { name: "ring", default: "0s", doc: "How long it rings before we answer" },
    Spec { name: "business", default: "Nightdesk", doc: "Name of the first business" },
    Spec { name: "language", default: "de", doc: "Language of the first business: de or en" },
    Spec { name: "timezone", default: "Europe/Berlin", doc: "Time zone of the first business" },
    Spec { name: "message-max", default: "5m", doc: "Longest message" },
    Spec { name: "message-warning", default: "20s", doc: "How long before that the caller is warned" },
    Spec { name: "message-min", default: "1s", doc: "Less sound than this is a missed call" },
    Spec { name: "silence-before", default: "15s", doc: "Silence before any sound that ends a recording" },
    Spec { name: "silence-after", default: "8s", doc: "Silence after sound that ends it" },
    Spec {
        name: "session-expires",
        default: "30m",
        doc: "How often a running call is checked (RFC 4028); 90 s at least",
    },
    Spec { name: "line-dead", default: "20s", doc: "How long a line without any audio is kept" },
    Spec { name: "disk-low", default: "256M", doc: "Less free disk than this refuses recordings" },
    Spec {
        name: "plan-dir",
        default: "",
        doc: "Directory whose *.toml are the plans; empty: plans are in the database",
    },
    Spec { name: "key-file", default: "", doc: "What PINs are keyed with; empty: nightdesk.key in the data directory" },
    Spec {
        name: "mail-server",
        default: "",
        doc: "Who takes mails: smtps://host, starttls://host, smtp://host; empty: none are sent",
    },
    Spec { name: "mail-from", default: "", doc: "From whom mails are: post@example.org, or Name <post@example.org>" },
    Spec { name: "mail-user", default: "", doc: "Who we are to the mail server; empty: it does not ask" },
    Spec { name: "mail-password-file", default: "", doc: "File with the password for it" },
    Spec { name: "mail-password", default: "", doc: "The password itself; only as NIGHTDESK_MAIL_PASSWORD" },
    Spec { name: "mail-ca", default: "", doc: "File with certificates (PEM) trusted besides the public ones" },
    Spec { name: "product", default: "", doc: "Server and User-Agent header; empty: none" },
    Spec { name: "public-url", default: "", doc: "Address of the page in links; empty: from http" },
    Spec { name: "log", default: "info", doc: "What is logged: error, warn, info, debug, or a filter" },
];

/// Settings that are never shown, and not taken from the command line, where others could see them.
pub const SECRETS: &[&str] = &["mail-password"];

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Built in.
    Default,
    /// The settings file.
    File(PathBuf),
    /// `NIGHTDESK_…`.
    Environment(String),
    /// `--…`.
    CommandLine,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => f.write_str("default"),
            Source::File(path) => write!(f, "{}", path.display()),
            Source::Environment(name) => f.write_str(name),
            Source::CommandLine => f.write_str("command line"),
        }
    }
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path} cannot be read: {error}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{path}: {error}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        error: toml::de::Error,
    },
    /// There is no such setting.
    #[error("{path}: there is no setting {name:?}; `nightdesk config` lists them all")]
    Unknown {
        /// Which file.
        path: PathBuf,
        /// What it says.
        name: String,
    },
    /// Its value is of another kind.
    #[error("{name} = {value:?} (from {origin}): {expected} expected")]
    Value {
        /// Which setting.
        name: &'static str,
        /// What it says.
        value: String,
        /// Where.
        origin: Source,
        /// What it should say.
        expected: &'static str,
    },
}

/// All settings as text, each with its source.
#[derive(Clone)]
pub struct Values(BTreeMap<&'static str, (String, Source)>);

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.rows()).finish()
    }
}

impl Values {
    /// Gathers them: `given` are those of the command line, `environment` looks a variable up.
    pub fn gather(
        file: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
        given: impl Fn(&str) -> Option<String>,
    ) -> Result<Values, ConfigError> {
        let mut table = file.map(read_file).transpose()?.unwrap_or_default();
        let mut values = BTreeMap::new();
        for spec in SPECS {
            let mut value = (spec.default.to_owned(), Source::Default);
            if let (Some(found), Some(path)) = (table.remove(spec.name), file) {
                value = (plain(&found), Source::File(path.to_owned()));
            }
            let variable = format!("NIGHTDESK_{}", spec.name.to_uppercase().replace('-', "_"));
            if let Some(found) = environment(&variable) {
                value = (found, Source::Environment(variable));
            }
            if let Some(found) = given(spec.name) {
                value = (found, Source::CommandLine);
            }
            values.insert(spec.name, value);
        }
        match (table.keys().next(), file) {
            (Some(name), Some(path)) => Err(ConfigError::Unknown { path: path.to_owned(), name: name.clone() }),
            _ => Ok(Values(values)),
        }
    }

    /// Name, value and source of each, in the order of [`SPECS`]; of a secret one whether it is set.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, &str, &Source)> {
        SPECS.iter().filter_map(|spec| {
            let (value, source) = self.0.get(spec.name)?;
            let hidden = SECRETS.contains(&spec.name) && !value.is_empty();
            Some((spec.name, if hidden { "…" } else { value.as_str() }, source))
        })
    }

    fn text(&self, name: &'static str) -> &str {
        self.0.get(name).map_or("", |(value, _)| value.as_str())
    }

    fn bad(&self, name: &'static str, expected: &'static str) -> ConfigError {
        let (value, origin) = self.0.get(name).cloned().unwrap_or((String::new(), Source::Default));
        ConfigError::Value { name, value, origin, expected }
    }

    fn read<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        parse(self.text(name).trim()).ok_or_else(|| self.bad(name, expected))
    }

    fn list<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, ConfigError> {
        let parts = self.text(name).split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| parse(part).ok_or_else(|| self.bad(name, expected))).collect()
    }
}

/// The settings, typed.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "SPECS documents each")]
pub struct Config {
    pub data: PathBuf,
    pub database: String,
    pub sip: Vec<SocketAddr>,
    pub http: SocketAddr,
    pub trust: Vec<(IpAddr, u8)>,
    pub trust_from: bool,
    pub advertise: Option<IpAddr>,
    pub rtp_ports: RangeInclusive<u16>,
    pub calls_max: usize,
    pub media_threads: usize,
    pub ring: Duration,
    pub business: String,
    pub language: crate::tenant::Language,
    pub timezone: String,
    pub message_max: Duration,
    pub message_warning: Duration,
    pub message_min: Duration,
    pub silence_before: Duration,
    pub silence_after: Duration,
    pub session_expires: Duration,
    pub line_dead: Duration,
    pub disk_low: u64,
    pub plan_dir: Option<PathBuf>,
    pub key_file: PathBuf,
    pub mail: Option<Mail>,
    pub product: String,
    pub public_url: String,
    pub log: String,
}

const DURATION: &str = "a length of time such as 8s, 5m or 250ms";

impl Config {
    /// Reads the values; the first that cannot be used is named.
    pub fn read(values: &Values) -> Result<Config, ConfigError> {
        let length = |name| values.read(name, DURATION, duration);
        let data = PathBuf::from(values.text("data"));
        let database = match values.text("database") {
            "" => data.join("nightdesk.db").display().to_string(),
            other => other.to_owned(),
        };
        let key_file = match values.text("key-file") {
            "" => data.join("nightdesk.key"),
            other => PathBuf::from(other),
        };
        Ok(Config {
            database,
            data,
            sip: values.list("sip", "addresses such as 0.0.0.0:5060,[::]:5060", parsed)?,
            http: values.read("http", "an address such as 127.0.0.1:8080", parsed)?,
            trust: values.list("trust", "networks such as 192.0.2.0/24,2001:db8::/32", network)?,
            trust_from: values.read("trust-from", "true or false", parsed)?,
            advertise: values.read("advertise", "an IP address, or nothing", optional)?,
            rtp_ports: values.read("rtp-ports", "a range of ports from 1024 on, such as 30000-39999", ports)?,
            calls_max: values.read("calls-max", "a number from 1 to 100000", |text| {
                parsed(text).filter(|n| (1..=100_000).contains(n))
            })?,
            media_threads: values
                .read("media-threads", "a number from 0 to 64", |text| parsed(text).filter(|n| *n <= 64))?,
            ring: length("ring")?,
            business: values.text("business").to_owned(),
            language: values.read("language", "de or en", parsed)?,
            timezone: values.read("timezone", "a time zone such as Europe/Berlin", timezone)?,
            message_max: values.read("message-max", "a length of time from 5s to 30m", |text| {
                duration(text).filter(|max| (Duration::from_secs(5)..=Duration::from_secs(1800)).contains(max))
            })?,
            message_warning: length("message-warning")?,
            message_min: length("message-min")?,
            silence_before: length("silence-before")?,
            silence_after: length("silence-after")?,
            session_expires: values.read("session-expires", "a length of time, 90s at least", |text| {
                duration(text).filter(|every| *every >= Duration::from_secs(90))
            })?,
            line_dead: length("line-dead")?,
            disk_low: values.read("disk-low", "a size such as 256M or 2G", size)?,
            plan_dir: Some(PathBuf::from(values.text("plan-dir"))).filter(|dir| !dir.as_os_str().is_empty()),
            key_file,
            mail: mail::read(values)?,
            product: values.text("product").to_owned(),
            public_url: values.text("public-url").trim_end_matches('/').to_owned(),
            log: values.text("log").to_owned(),
        })
    }
}

fn read_file(path: &Path) -> Result<toml::Table, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })?;
    text.parse().map_err(|error| ConfigError::Syntax { path: path.to_owned(), error })
}

/// A TOML value in the form that is typed on the command line.
fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(parts) => parts.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

#[allow(clippy::option_option, reason = "outer: can be read; inner: is set")]
fn optional<T: FromStr>(text: &str) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
    (bits <= most).then_some((address, bits))
}

fn ports(text: &str) -> Option<RangeInclusive<u16>> {
    let (low, high) = text.split_once('-')?;
    let (low, high): (u16, u16) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
    (low >= 1024 && high > low).then_some(low..=high)
}

fn timezone(text: &str) -> Option<String> {
    jiff::tz::TimeZone::get(text).ok().map(|_| text.to_owned())
}

/// `250ms`, `8s`, `5m`, `2h`.
fn duration(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(split)?;
    let number: u64 = number.parse().ok().filter(|number| *number <= 1_000_000_000)?;
    match unit.trim() {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number * 60)),
        "h" => Some(Duration::from_secs(number * 3600)),
        _ => None,
    }
}

/// `1024`, `64K`, `256M`, `2G`, in bytes.
fn size(text: &str) -> Option<u64> {
    let (number, unit) = match text.char_indices().last()? {
        (at, 'K') => (text.get(..at)?, 1 << 10),
        (at, 'M') => (text.get(..at)?, 1 << 20),
        (at, 'G') => (text.get(..at)?, 1 << 30),
        _ => (text, 1),
    };
    number.trim().parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gather(given: &[(&str, &str)]) -> Values {
        let find = |name: &str| given.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Values::gather(None, |_| None, find).unwrap()
    }

    #[test]
    fn defaults_are_good() {
        let config = Config::read(&gather(&[])).unwrap();
        assert_eq!(config.database, "./data/nightdesk.db");
        assert_eq!(config.sip.len(), 2);
        assert_eq!(config.message_max, Duration::from_secs(300));
        assert_eq!(config.disk_low, 256 << 20);
    }

    #[test]
    fn the_stronger_source_wins_and_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("nightdesk.toml");
        std::fs::write(&file, "ring = \"3s\"\ncalls-max = 7\nsip = [\"127.0.0.1:5070\"]\nhttp = \"127.0.0.1:1\"")
            .unwrap();
        let environment = |name: &str| (name == "NIGHTDESK_CALLS_MAX").then(|| "8".to_owned());
        let given = |name: &str| (name == "http").then(|| "127.0.0.1:2".to_owned());
        let values = Values::gather(Some(&file), environment, given).unwrap();
        let config = Config::read(&values).unwrap();
        assert_eq!((config.ring, config.calls_max), (Duration::from_secs(3), 8));
        assert_eq!((config.http.port(), config.sip[0].port()), (2, 5070));
        let source = |name| values.rows().find(|row| row.0 == name).map(|row| row.2.to_string()).unwrap();
        assert_eq!(source("calls-max"), "NIGHTDESK_CALLS_MAX");
        assert_eq!(source("ring"), file.display().to_string());
    }

    #[test]
    fn what_cannot_be_used_is_named_with_its_source() {
        for (name, value) in [
            ("ring", "soon"),
            ("trust", "10.0.0.0/33"),
            ("rtp-ports", "40000-30000"),
            ("message-max", "2h"),
            ("timezone", "Europe/Atlantis"),
            ("disk-low", "much"),
            ("language", "fr"),
        ] {
            let error = Config::read(&gather(&[(name, value)])).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("command line"), "{error}");
        }
    }

    #[test]
    fn an_unknown_setting_in_the_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("nightdesk.toml");
        std::fs::write(&file, "rign = \"3s\"").unwrap();
        let error = Values::gather(Some(&file), |_| None, |_| None).unwrap_err().to_string();
        assert!(error.contains("rign"), "{error}");
    }
}
