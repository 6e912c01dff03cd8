use super::*;

const NOW: Mono = Mono(1_000_000_000_000);

fn challenge(algorithm: Algorithm, realm: &str, nonce: &str, qop: Option<Qop>) -> Challenge {
    Challenge { proxy: false, realm: realm.into(), nonce: nonce.into(), opaque: None, algorithm, qop, stale: false }
}

fn response(challenge: Challenge, cnonce: &str, user: (&str, &str), asked: Asked<'_>) -> String {
    let who = Credentials { username: user.0.into(), password: user.1.into() };
    let (_, value) = Answerer::new(challenge, cnonce).answer(&who, asked);
    let fields = fields(&value);
    fields[0].get("response").unwrap().to_owned()
}

/// RFC 7616 §3.9.1: MD5 and SHA-256.
#[test]
fn rfc7616_basic() {
    let asked = Asked { method: "GET", uri: "/dir/index.html", body: b"" };
    let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    for (hash, expected) in [
        (Hash::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
        (Hash::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ] {
        let challenge = challenge(Algorithm::of(hash), "http-auth@example.org", nonce, Some(Qop::Auth));
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        assert_eq!(response(challenge, cnonce, ("Mufasa", "Circle of Life"), asked), expected);
    }
}

/// RFC 7616 §3.9.2 with erratum 4897: the values of the RFC are those of a draft of SHA-512/256.
#[test]
fn rfc7616_sha512_256() {
    let asked = Asked { method: "GET", uri: "/doe.json", body: b"" };
    let algorithm = Algorithm::of(Hash::Sha512_256);
    let challenge =
        challenge(algorithm, "api@example.org", "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", Some(Qop::Auth));
    assert_eq!(
        response(
            challenge,
            "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
            ("J\u{e4}s\u{f8}n Doe", "Secret, or not?"),
            asked
        ),
        "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
    );
}

/// RFC 2617 §3.5 and RFC 2069 §2.4 (with its erratum): older servers.
#[test]
fn older_servers() {
    let asked = Asked { method: "GET", uri: "/dir/index.html", body: b"" };
    let md5 = Algorithm::of(Hash::Md5);
    let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
    let realm = "testrealm@host.com";
    let with = challenge(md5, realm, nonce, Some(Qop::Auth));
    let user = ("Mufasa", "Circle Of Life");
    assert_eq!(response(with, "0a4f113b", user, asked), "6629fae49393a05397450978507c4ef1");
    let without = challenge(md5, realm, nonce, None);
    assert_eq!(response(without, "", ("Mufasa", "CircleOfLife"), asked), "1949323746fe6a43ef61f9606e7febea");
}

fn refused(lines: &str) -> Message {
    let text = format!(
        "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
         To: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n{lines}\r\n"
    );
    Message::parse(text.as_bytes()).unwrap()
}

#[test]
fn the_best_of_several_challenges_is_taken() {
    let message = refused(
        "WWW-Authenticate: Digest realm=\"trunk\", nonce=\"m\", algorithm=MD5, qop=\"auth\"\r\n\
         WWW-Authenticate: Negotiate\r\n\
         WWW-Authenticate: Digest realm=\"trunk\", nonce=\"u\", algorithm=SHA-1024, qop=\"auth\"\r\n\
         WWW-Authenticate: Digest realm=\"trunk\", nonce=\"q\", algorithm=SHA-256, qop=\"auth-conf\"\r\n\
         WWW-Authenticate: Digest realm=\"other\", nonce=\"o\", algorithm=SHA-256\r\n\
         WWW-Authenticate: digest  realm=\"trunk\" ,nonce=\"s\",algorithm=sha-256,qop=\"auth-int, auth\",stale=TRUE\r\n\
         WWW-Authenticate: Digest realm=\"trunk\", nonce=\"5\", algorithm=SHA-512-256, Digest realm=\"x\", nonce=\"y\"\r\n",
    );
    let all = Challenge::all(&message);
    assert_eq!(all.iter().map(|c| c.nonce.as_str()).collect::<Vec<_>>(), ["m", "o", "s", "5", "y"]);
    let best = Challenge::best(&all, "trunk").unwrap();
    assert_eq!((best.nonce.as_str(), best.qop, best.stale), ("s", Some(Qop::Auth), true));
    assert_eq!(Challenge::best(&all, "attacker"), None, "a realm that is not ours gets nothing");
    assert_eq!(Challenge::best(&all[..1], "trunk").unwrap().nonce, "m");
}

fn verifier() -> Verifier {
    Verifier::new([7; 32], "Büro \"1\"", &[Hash::Sha256, Hash::Md5], Duration::from_secs(60))
}

const ASKED: Asked<'static> = Asked { method: "REGISTER", uri: "sip:example.de", body: b"body" };

fn known(user: &str, algorithm: Algorithm) -> Option<String> {
    (user == "te\"st").then(|| algorithm.ha1("te\"st", "Büro \"1\"", "geheim"))
}

/// A client that got these challenges, with the better one.
fn client(verifier: &Verifier, now: Mono) -> Answerer {
    let lines = verifier.challenges(false, "192.0.2.1", [3; 8], now);
    let lines: String = lines.iter().map(|line| format!("WWW-Authenticate: {line}\r\n")).collect();
    let all = Challenge::all(&refused(&lines));
    assert_eq!(all.len(), 2);
    Answerer::new(Challenge::best(&all, "Büro \"1\"").unwrap().clone(), "c\"n")
}

fn credentials(password: &str) -> Credentials {
    Credentials { username: "te\"st".into(), password: password.into() }
}

#[test]
fn server_and_client_agree_and_each_answer_counts_once() {
    let mut verifier = verifier();
    let mut client = client(&verifier, NOW);
    let (header, first) = client.answer(&credentials("geheim"), ASKED);
    assert_eq!(header, Header::Authorization);
    let mut check = |line: &str, asked, scope, now| verifier.verify([line], asked, scope, now, known);
    assert_eq!(check(&first, ASKED, "192.0.2.1", NOW), Ok("te\"st".into()));
    assert_eq!(check(&first, ASKED, "192.0.2.1", NOW), Err(Refusal::Stale), "a copy");
    let (_, second) = client.answer(&credentials("geheim"), ASKED);
    assert_eq!(check(&second, ASKED, "198.51.100.1", NOW), Err(Refusal::Stale), "from elsewhere");
    let late = NOW + Duration::from_secs(61);
    assert_eq!(check(&second, ASKED, "192.0.2.1", late), Err(Refusal::Stale), "too old");
    let other = Asked { uri: "sip:other.de", ..ASKED };
    assert!(matches!(check(&second, other, "192.0.2.1", NOW), Err(Refusal::Malformed(_))));
    let other = Asked { method: "INVITE", ..ASKED };
    assert_eq!(check(&second, other, "192.0.2.1", NOW), Err(Refusal::Wrong), "another method");
    assert_eq!(check(&second, ASKED, "192.0.2.1", NOW), Ok("te\"st".into()), "refusals cost no count");
}

#[test]
fn a_wrong_password_and_an_unknown_user_look_alike() {
    let mut verifier = verifier();
    let (_, wrong) = client(&verifier, NOW).answer(&credentials("falsch"), ASKED);
    assert_eq!(verifier.verify([&*wrong], ASKED, "192.0.2.1", NOW, known), Err(Refusal::Wrong));
    let nobody = Credentials { username: "nobody".into(), password: String::new() };
    let (_, unknown) = client(&verifier, NOW).answer(&nobody, ASKED);
    assert_eq!(verifier.verify([&*unknown], ASKED, "192.0.2.1", NOW, known), Err(Refusal::Wrong));
    assert_eq!(verifier.verify([], ASKED, "192.0.2.1", NOW, known), Err(Refusal::Missing));
    assert_eq!(verifier.verify(["Basic abc"], ASKED, "192.0.2.1", NOW, known), Err(Refusal::Missing));
}

#[test]
fn a_nonce_that_we_did_not_sign_is_old() {
    let mut verifier = verifier();
    let mut client = client(&verifier, NOW);
    for nonce in ["", "00", "zz", &"0".repeat(64), &client.challenge.nonce.replacen('0', "1", 1)] {
        client.challenge.nonce = nonce.to_owned();
        let (_, line) = client.answer(&credentials("geheim"), ASKED);
        assert_eq!(verifier.verify([&*line], ASKED, "192.0.2.1", NOW, known), Err(Refusal::Stale), "{nonce}");
    }
}

#[test]
fn auth_int_covers_the_body_and_proxies_get_their_header() {
    let mut verifier = verifier();
    let mut client = client(&verifier, NOW);
    client.challenge.qop = Some(Qop::AuthInt);
    client.challenge.proxy = true;
    let (header, line) = client.answer(&credentials("geheim"), ASKED);
    assert_eq!(header, Header::ProxyAuthorization);
    let changed = Asked { body: b"other", ..ASKED };
    assert_eq!(verifier.verify([&*line], changed, "192.0.2.1", NOW, known), Err(Refusal::Wrong));
    assert_eq!(verifier.verify([&*line], ASKED, "192.0.2.1", NOW, known), Ok("te\"st".into()));
}

#[test]
fn only_a_stale_challenge_is_answered_again() {
    let fresh =
        |nonce, stale| Challenge { stale, ..challenge(Algorithm::of(Hash::Sha256), "trunk", nonce, Some(Qop::Auth)) };
    let mut client = Answerer::new(fresh("a", false), "c");
    assert!(!client.clone().renewed(fresh("b", false), "c"), "the password is wrong");
    assert!(!client.clone().renewed(fresh("a", true), "c"), "the same nonce again would go round for ever");
    assert!(client.renewed(fresh("b", true), "c"));
}

#[test]
fn nonces_in_memory_are_bounded() {
    let mut verifier = verifier();
    for n in 0..limits::NONCES {
        verifier.counts.insert(n.to_be_bytes().to_vec(), (1, NOW));
    }
    let (_, line) = client(&verifier, NOW).answer(&credentials("geheim"), ASKED);
    assert_eq!(verifier.verify([&*line], ASKED, "192.0.2.1", NOW, known), Err(Refusal::Stale));
    let later = NOW + Duration::from_secs(1);
    assert!(verifier.verify([&*line], ASKED, "192.0.2.1", later, known).is_ok(), "the old ones go");
    assert_eq!(verifier.counts.len(), 1);
}

#[test]
fn passwords_are_not_printed() {
    assert!(!format!("{:?}", credentials("geheim")).contains("geheim"));
}
