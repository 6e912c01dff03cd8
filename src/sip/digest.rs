//! Digest authentication (RFC 7616, for SIP RFC 3261 §22 and RFC 8760), both sides, pure: time and
//! randomness are given.
//!
//! The client side never answers by itself: the caller says which realm its password is for, and nothing
//! else is answered. The server side signs its nonces, so that a challenge costs no memory.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};
use subtle::ConstantTimeEq;

use super::limits;
use super::msg::text::{self, split_outside, trim};
use super::msg::{Header, Message, Uri};
use crate::clock::Mono;

/// A hash, and whether its key is bound to a session (`-sess`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Algorithm {
    /// The hash function.
    pub hash: Hash,
    /// `-sess`: nonce and cnonce are part of the key.
    pub session: bool,
}

/// Hash functions of RFC 8760.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// RFC 1321: only where nothing else is offered.
    Md5,
    /// RFC 6234.
    Sha256,
    /// SHA-512/256, RFC 6234.
    Sha512_256,
}

impl Algorithm {
    /// MD5, SHA-256 or SHA-512/256 without `-sess`.
    pub const fn of(hash: Hash) -> Algorithm {
        Algorithm { hash, session: false }
    }

    /// The algorithm of a name, any case; an absent one is MD5.
    fn named(name: Option<&str>) -> Option<Algorithm> {
        let name = name.unwrap_or("MD5").to_ascii_uppercase();
        let (name, session) = name.strip_suffix("-SESS").map_or((name.as_str(), false), |name| (name, true));
        let hash = match name {
            "MD5" => Hash::Md5,
            "SHA-256" => Hash::Sha256,
            "SHA-512-256" => Hash::Sha512_256,
            _ => return None,
        };
        Some(Algorithm { hash, session })
    }

    fn hex(self, parts: &[&[u8]]) -> String {
        match self.hash {
            Hash::Md5 => digest_hex::<Md5>(parts),
            Hash::Sha256 => digest_hex::<Sha256>(parts),
            Hash::Sha512_256 => digest_hex::<Sha512_256>(parts),
        }
    }

    /// H(username:realm:password): what a server keeps instead of the password.
    pub fn ha1(self, username: &str, realm: &str, password: &str) -> String {
        self.hex(&[username.as_bytes(), b":", realm.as_bytes(), b":", password.as_bytes()])
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.hash {
            Hash::Md5 => "MD5",
            Hash::Sha256 => "SHA-256",
            Hash::Sha512_256 => "SHA-512-256",
        })?;
        f.write_str(if self.session { "-sess" } else { "" })
    }
}

/// Quality of protection: what the response covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qop {
    /// Method and URI.
    Auth,
    /// The body too.
    AuthInt,
}

impl Qop {
    const fn as_str(self) -> &'static str {
        match self {
            Qop::Auth => "auth",
            Qop::AuthInt => "auth-int",
        }
    }

    fn named(name: &str) -> Option<Qop> {
        [Qop::Auth, Qop::AuthInt].into_iter().find(|qop| qop.as_str().eq_ignore_ascii_case(trim(name)))
    }
}

/// One challenge that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// 407 Proxy-Authenticate, not 401 WWW-Authenticate.
    pub proxy: bool,
    /// Whose password is wanted.
    pub realm: String,
    /// The server's nonce.
    pub nonce: String,
    /// To be given back as it is.
    pub opaque: Option<String>,
    /// Which hash.
    pub algorithm: Algorithm,
    /// None for servers of RFC 2069.
    pub qop: Option<Qop>,
    /// The password was right, only the nonce was old.
    pub stale: bool,
}

impl Challenge {
    /// Every challenge of a 401 or 407 that is Digest with a known hash and qop, in order.
    pub fn all(response: &Message) -> Vec<Challenge> {
        let mut found = Vec::new();
        for (header, proxy) in [(Header::WwwAuthenticate, false), (Header::ProxyAuthenticate, true)] {
            for line in response.lines(header) {
                found.extend(fields(&line).iter().filter_map(|fields| Challenge::read(fields, proxy)));
            }
        }
        found.truncate(limits::CHALLENGES);
        found
    }

    /// The one to answer for this realm: the topmost that is not MD5, else the topmost (RFC 8760 §2.4, and
    /// no step down to MD5 where more is offered).
    pub fn best<'a>(challenges: &'a [Challenge], realm: &str) -> Option<&'a Challenge> {
        let mut ours = challenges.iter().filter(|c| c.realm == realm);
        ours.clone().find(|c| c.algorithm.hash != Hash::Md5).or_else(|| ours.next())
    }

    fn read(fields: &Fields, proxy: bool) -> Option<Challenge> {
        let qop = match fields.get("qop") {
            None => None,
            Some(list) => {
                let known: Vec<Qop> = list.split(',').filter_map(Qop::named).collect();
                Some(if known.contains(&Qop::Auth) { Qop::Auth } else { *known.first()? })
            }
        };
        fields.is_digest().then_some(())?;
        Some(Challenge {
            proxy,
            realm: fields.get("realm")?.to_owned(),
            nonce: fields.get("nonce")?.to_owned(),
            opaque: fields.get("opaque").map(str::to_owned),
            algorithm: Algorithm::named(fields.get("algorithm"))?,
            qop,
            stale: fields.get("stale").is_some_and(|stale| stale.eq_ignore_ascii_case("true")),
        })
    }
}

/// Name and password of an account. Never printed.
#[derive(Clone)]
pub struct Credentials {
    /// As the server knows it.
    pub username: String,
    /// In the clear: every realm and hash needs it anew.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({}, …)", self.username)
    }
}

/// The request that is vouched for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its Request-URI.
    pub uri: &'a str,
    /// Its body.
    pub body: &'a [u8],
}

/// Answers one challenge, for as long as the server takes its nonce.
#[derive(Clone, Debug)]
pub struct Answerer {
    challenge: Challenge,
    cnonce: String,
    count: u32,
}

impl Answerer {
    /// `cnonce` is fresh randomness as text.
    pub fn new(challenge: Challenge, cnonce: &str) -> Answerer {
        Answerer { challenge, cnonce: cnonce.to_owned(), count: 0 }
    }

    /// The server challenged again. True: answer once more, its nonce was old; false: the password is wrong.
    pub fn renewed(&mut self, challenge: Challenge, cnonce: &str) -> bool {
        let again = challenge.stale && challenge.nonce != self.challenge.nonce;
        *self = Answerer::new(challenge, cnonce);
        again
    }

    /// Header and value that answer, for the next request with this nonce.
    pub fn answer(&mut self, who: &Credentials, asked: Asked<'_>) -> (Header, String) {
        self.count = self.count.saturating_add(1);
        let challenge = &self.challenge;
        let ha1 = challenge.algorithm.ha1(&who.username, &challenge.realm, &who.password);
        let proof = Proof {
            algorithm: challenge.algorithm,
            nonce: &challenge.nonce,
            qop: challenge.qop.map(|qop| (qop, self.count, self.cnonce.as_str())),
        };
        let mut value = format!(
            "Digest username={}, realm={}, nonce={}, uri={}, response=\"{}\", algorithm={}",
            text::quote(&who.username),
            text::quote(&challenge.realm),
            text::quote(&challenge.nonce),
            text::quote(asked.uri),
            proof.response(&ha1, asked),
            challenge.algorithm,
        );
        if let Some(opaque) = &challenge.opaque {
            value.push_str(&format!(", opaque={}", text::quote(opaque)));
        }
        if let Some(qop) = challenge.qop {
            let cnonce = text::quote(&self.cnonce);
            value.push_str(&format!(", qop={}, nc={:08x}, cnonce={cnonce}", qop.as_str(), self.count));
        } else if challenge.algorithm.session {
            value.push_str(&format!(", cnonce={}", text::quote(&self.cnonce)));
        }
        (if challenge.proxy { Header::ProxyAuthorization } else { Header::Authorization }, value)
    }
}

/// Why a request is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No Digest answer for our realm is in it: challenge.
    #[error("no credentials for this realm")]
    Missing,
    /// The nonce is old, used up, or made before a restart; the password was not looked at: challenge with `stale`.
    #[error("an old nonce")]
    Stale,
    /// The answer breaks the rules: 400.
    #[error("credentials that break the rules: {0}")]
    Malformed(&'static str),
    /// Unknown user or wrong password, not to be told apart: challenge, and count it.
    #[error("a wrong name or password")]
    Wrong,
}

/// Challenges and checks requests.
pub struct Verifier {
    key: [u8; 32],
    realm: String,
    lifetime: Duration,
    hashes: Vec<Hash>,
    counts: HashMap<Vec<u8>, (u32, Mono)>,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verifier({}, …)", self.realm)
    }
}

/// Octets of a nonce: time, randomness, signature.
const NONCE: (usize, usize, usize) = (8, 8, 16);

impl Verifier {
    /// `key` is secret and random, best made anew at each start; `hashes` in order of preference.
    pub fn new(key: [u8; 32], realm: &str, hashes: &[Hash], lifetime: Duration) -> Verifier {
        Verifier { key, realm: realm.to_owned(), lifetime, hashes: hashes.to_vec(), counts: HashMap::new() }
    }

    /// Values of WWW-Authenticate, one line each, preferred first (RFC 8760 §2.3). `scope` binds the nonce
    /// to whoever is asked, say the source address.
    pub fn challenges(&self, stale: bool, scope: &str, random: [u8; 8], now: Mono) -> Vec<String> {
        let stale = if stale { ", stale=true" } else { "" };
        let challenge = |&hash: &Hash| {
            let algorithm = Algorithm::of(hash);
            let nonce = self.nonce(algorithm, scope, now.0.to_be_bytes(), random);
            let realm = text::quote(&self.realm);
            format!("Digest realm={realm}, nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth,auth-int\"{stale}")
        };
        self.hashes.iter().map(challenge).collect()
    }

    /// Checks the Authorization lines of a request. `ha1` gives [`Algorithm::ha1`] of a user; it is asked
    /// only after the nonce was found good. Gives the user's name.
    pub fn verify<'a>(
        &mut self,
        lines: impl IntoIterator<Item = &'a str>,
        asked: Asked<'_>,
        scope: &str,
        now: Mono,
        ha1: impl FnOnce(&str, Algorithm) -> Option<String>,
    ) -> Result<String, Refusal> {
        let all: Vec<Fields> = lines.into_iter().flat_map(fields).collect();
        let ours = |f: &&Fields| f.is_digest() && f.get("realm") == Some(&self.realm);
        let given = all.iter().find(ours).ok_or(Refusal::Missing)?;
        let field = |name, missing| given.get(name).ok_or(Refusal::Malformed(missing));
        let (username, nonce) = (field("username", "no username")?, field("nonce", "no nonce")?);
        let (uri, response) = (field("uri", "no uri")?, field("response", "no response")?);
        let algorithm = Algorithm::named(given.get("algorithm")).ok_or(Refusal::Malformed("an unknown algorithm"))?;
        if !self.hashes.contains(&algorithm.hash) || algorithm.session {
            return Err(Refusal::Malformed("an algorithm that was not offered"));
        }
        let qop = given.get("qop").and_then(Qop::named).ok_or(Refusal::Malformed("no qop that was offered"))?;
        let count = given.get("nc").filter(|nc| nc.len() == 8).and_then(|nc| u32::from_str_radix(nc, 16).ok());
        let count = count.ok_or(Refusal::Malformed("no nonce count"))?;
        let cnonce = field("cnonce", "no cnonce")?;
        if !same_uri(uri, asked.uri) {
            return Err(Refusal::Malformed("a uri of another request"));
        }
        let fresh_until = self.fresh_until(nonce, algorithm, scope, now).ok_or(Refusal::Stale)?;
        let known = ha1(username, algorithm);
        // An unknown user costs the same time as a wrong password.
        let key = known.clone().unwrap_or_else(|| algorithm.ha1(username, &self.realm, ""));
        let proof = Proof { algorithm, nonce, qop: Some((qop, count, cnonce)) };
        let expected = proof.response(&key, Asked { uri, ..asked });
        let right = expected.as_bytes().ct_eq(response.to_ascii_lowercase().as_bytes());
        if !bool::from(right) || known.is_none() {
            return Err(Refusal::Wrong);
        }
        self.count(nonce, count, fresh_until, now)?;
        Ok(username.to_owned())
    }

    fn nonce(&self, algorithm: Algorithm, scope: &str, time: [u8; 8], random: [u8; 8]) -> String {
        // A key of any length is taken; an empty signature would never be equal to a nonce's.
        let signature = Hmac::<Sha256>::new_from_slice(&self.key).map(|mut mac| {
            for part in [&time[..], &random, algorithm.to_string().as_bytes(), b"\0", self.realm.as_bytes(), b"\0"] {
                mac.update(part);
            }
            mac.update(scope.as_bytes());
            mac.finalize().into_bytes().to_vec()
        });
        let signature = signature.unwrap_or_default();
        [&time[..], &random, signature.get(..NONCE.2).unwrap_or_default()].iter().map(|part| hex(part)).collect()
    }

    /// Until when a nonce of ours can be used; none where it cannot.
    fn fresh_until(&self, nonce: &str, algorithm: Algorithm, scope: &str, now: Mono) -> Option<Mono> {
        let bytes = unhex(nonce)?;
        let time: [u8; 8] = bytes.get(..NONCE.0)?.try_into().ok()?;
        let random: [u8; 8] = bytes.get(NONCE.0..NONCE.0 + NONCE.1)?.try_into().ok()?;
        let ours = self.nonce(algorithm, scope, time, random);
        let signed = bool::from(ours.as_bytes().ct_eq(nonce.as_bytes())) && bytes.len() == NONCE.0 + NONCE.1 + NONCE.2;
        let until = Mono(u64::from_be_bytes(time)) + self.lifetime;
        (signed && now <= until).then_some(until)
    }

    /// Takes every count of a nonce once and in rising order: a copied request is worth nothing.
    fn count(&mut self, nonce: &str, count: u32, until: Mono, now: Mono) -> Result<(), Refusal> {
        if self.counts.len() >= limits::NONCES {
            self.counts.retain(|_, (_, until)| now <= *until);
        }
        let used = self.counts.get(nonce.as_bytes()).map_or(0, |(used, _)| *used);
        if count <= used || (used == 0 && self.counts.len() >= limits::NONCES) {
            return Err(Refusal::Stale);
        }
        self.counts.insert(nonce.as_bytes().to_vec(), (count, until));
        Ok(())
    }
}

/// Everything but the secret that goes into a response.
struct Proof<'a> {
    algorithm: Algorithm,
    nonce: &'a str,
    /// With nonce count and cnonce.
    qop: Option<(Qop, u32, &'a str)>,
}

impl Proof<'_> {
    /// RFC 7616 §3.4.1–3.4.3.
    fn response(&self, ha1: &str, asked: Asked<'_>) -> String {
        let hash = self.algorithm;
        let cnonce = self.qop.map_or("", |(_, _, cnonce)| cnonce);
        let key = match hash.session {
            true => hash.hex(&[ha1.as_bytes(), b":", self.nonce.as_bytes(), b":", cnonce.as_bytes()]),
            false => ha1.to_owned(),
        };
        let (method, uri) = (asked.method.as_bytes(), asked.uri.as_bytes());
        let ha2 = match self.qop {
            Some((Qop::AuthInt, ..)) => hash.hex(&[method, b":", uri, b":", hash.hex(&[asked.body]).as_bytes()]),
            _ => hash.hex(&[method, b":", uri]),
        };
        match self.qop {
            None => hash.hex(&[key.as_bytes(), b":", self.nonce.as_bytes(), b":", ha2.as_bytes()]),
            Some((qop, count, cnonce)) => {
                let middle = format!(":{}:{count:08x}:{cnonce}:{}:", self.nonce, qop.as_str());
                hash.hex(&[key.as_bytes(), middle.as_bytes(), ha2.as_bytes()])
            }
        }
    }
}

/// `scheme name=value, name="value"`.
struct Fields {
    scheme: String,
    fields: Vec<(String, String)>,
}

impl Fields {
    fn is_digest(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("Digest")
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The challenges or answers of one line: mostly one, but HTTP's several with commas occur.
fn fields(line: &str) -> Vec<Fields> {
    let mut all: Vec<Fields> = Vec::new();
    for piece in split_outside(line, b',').filter(|piece| !piece.is_empty()) {
        let (name, value) = piece.split_once('=').map_or((piece, ""), |(name, value)| (trim(name), trim(value)));
        let name = match name.split_once([' ', '\t']) {
            Some((scheme, name)) => {
                all.push(Fields { scheme: scheme.to_owned(), fields: Vec::new() });
                trim(name)
            }
            None if !piece.contains('=') => {
                all.push(Fields { scheme: name.to_owned(), fields: Vec::new() });
                continue;
            }
            None => name,
        };
        let value = text::quoted(value).map_or_else(|| value.to_owned(), |(content, _)| content);
        if all.len() > limits::CHALLENGES {
            break;
        }
        if let Some(last) = all.last_mut().filter(|last| last.fields.len() < limits::PARAMS) {
            last.fields.push((name.to_owned(), value));
        }
    }
    all.truncate(limits::CHALLENGES);
    all
}

/// RFC 3261 §22.4: equal as URIs, not only as text.
fn same_uri(a: &str, b: &str) -> bool {
    a == b || matches!((Uri::parse(a), Uri::parse(b)), (Ok(a), Ok(b)) if a == b)
}

fn digest_hex<D: Digest>(parts: &[&[u8]]) -> String {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    rest.is_empty().then_some(())?;
    pairs.iter().map(|[hi, lo]| Some(text::hex(*hi)? << 4 | text::hex(*lo)?)).collect()
}

#[cfg(test)]
mod tests;
