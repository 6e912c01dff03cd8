//! A phone that knows the words of SIP and none of its rules, in thousands of seeded conversations.

use std::collections::BTreeMap;
use std::time::Duration;

use nightdesk::ids::LegId;
use nightdesk::sip::msg::Message;
use nightdesk::sip::{Command, Dial, Event, Settings, Transport};

use super::phone::Phone;
use super::storm::wish;
use super::world::{ANSWER, Dice, OFFER, settings};

const METHODS: [&str; 11] =
    ["INVITE", "INVITE", "ACK", "ACK", "BYE", "CANCEL", "OPTIONS", "PRACK", "UPDATE", "INFO", "NONSENSE"];

const LINES: [&str; 16] = [
    "Supported: 100rel, timer",
    "Require: 100rel",
    "Require: nothing-known",
    "Session-Expires: 90;refresher=uac",
    "Session-Expires: 4294967295;refresher=uas",
    "Session-Expires: 1",
    "Min-SE: 4294967295",
    "RAck: 1 1 INVITE",
    "Contact: <sip:nowhere.invalid>",
    "Contact: <tel:+49711>",
    "Record-Route: <sip:10.0.0.9>, <sip:10.0.0.8;lr>",
    "Content-Type: application/dtmf-relay",
    "Content-Encoding: gzip",
    "Allow: UPDATE, INVITE",
    "Max-Forwards: 0",
    "Privacy: id",
];

#[derive(Default)]
struct Legs(BTreeMap<LegId, bool>);

impl Legs {
    fn read(&mut self, phone: &mut Phone) {
        for (leg, event) in phone.events.drain(..) {
            let over = self.0.entry(leg).or_insert(false);
            assert!(!*over, "{event:?} after the end");
            *over = matches!(event, Event::Ended(_));
        }
    }

    fn alive(&self) -> Vec<LegId> {
        self.0.iter().filter(|(_, over)| !**over).map(|(leg, _)| *leg).collect()
    }
}

fn lines(dice: &mut Dice) -> Vec<&'static str> {
    (0..dice.below(4)).map(|_| LINES[dice.below(16) as usize]).collect()
}

fn body(dice: &mut Dice) -> &'static str {
    let sdp = if dice.chance(50) { OFFER } else { ANSWER };
    if dice.chance(50) { std::str::from_utf8(sdp).unwrap() } else { "" }
}

/// A request with any number, in a dialog or in none.
fn ask(phone: &mut Phone, dice: &mut Dice) {
    phone.call = format!("c{}", dice.below(3));
    if dice.chance(20) {
        phone.tag = None;
    }
    let method = METHODS[dice.below(11) as usize];
    let (more, body) = (lines(dice), body(dice));
    let text = phone.text(method, 1 + dice.below(5) as u32, &more, body);
    phone.raw(&if dice.chance(20) { text.replace("-ACK-", "-INVITE-") } else { text });
}

/// A response with any code to any request that we got.
fn answer(phone: &mut Phone, dice: &mut Dice, requests: &[Message]) {
    if requests.is_empty() {
        return;
    }
    let request = requests[dice.below(requests.len() as u64) as usize].clone();
    let code = [100, 180, 183, 200, 202, 302, 408, 422, 481, 487, 491, 500, 503, 603][dice.below(14) as usize];
    let mut more = lines(dice);
    if dice.chance(40) {
        more.extend(["Require: 100rel", ["RSeq: 1", "RSeq: 2", "RSeq: 4294967295"][dice.below(3) as usize]]);
    }
    if dice.chance(20) {
        more.push("Retry-After: 99999999999999999999");
    }
    let tag = ["", "bob", "eve"][dice.below(3) as usize];
    phone.reply(&request, code, tag, &more, body(dice));
}

fn conversation(seed: u64) {
    let mut dice = Dice(seed);
    let dice = &mut dice;
    let short = Duration::from_secs([90, 1800][dice.below(2) as usize]);
    let mut phone = Phone::with(Settings { session_expires: short, legs_max: 3, ..settings(seed) });
    if dice.chance(30) {
        phone.flow.transport = Transport::Tcp;
        phone.flow.connection = 1;
    }
    let (mut legs, mut requests) = (Legs::default(), vec![]);
    for _ in 0..dice.below(80) {
        match dice.below(12) {
            0 => {
                let dial = Dial {
                    flow: phone.flow,
                    target: ["sip:bob@10.0.0.7", "tel:+49711", "sips:x@y.invalid"][dice.below(3) as usize].into(),
                    from: "sip:desk@10.0.0.2".into(),
                    from_name: String::new(),
                    offer: OFFER.to_vec(),
                    headers: vec![],
                    ring_max: Duration::from_secs(dice.below(90)),
                };
                phone.endpoint.dial(dial, phone.now);
                phone.collect();
            }
            1..=4 => ask(&mut phone, dice),
            5..=7 => answer(&mut phone, dice, &requests),
            8 | 9 => {
                let alive = legs.alive();
                if !alive.is_empty() {
                    let leg = alive[dice.below(alive.len() as u64) as usize];
                    phone.tell(leg, wish(dice));
                }
            }
            10 if dice.chance(10) => {
                phone.endpoint.flow_closed(phone.flow, phone.now);
                phone.collect();
            }
            _ => {
                let most = [50, 5_000, 100_000][dice.below(3) as usize];
                phone.wait(Duration::from_millis(dice.below(most)));
            }
        }
        legs.read(&mut phone);
        requests.extend(phone.inbox.drain(..).map(|(_, message)| message).filter(|message| message.method().is_some()));
    }
    for _ in 0..3 {
        for leg in legs.alive() {
            phone.tell(leg, Command::Hangup);
        }
        phone.wait(Duration::from_secs(200));
        legs.read(&mut phone);
    }
    assert_eq!(legs.alive(), []);
    assert!(phone.endpoint.is_idle() && phone.endpoint.poll_timeout().is_none(), "{:#?}", phone.endpoint);
}

#[test]
fn rude_conversations_end_clean() {
    for seed in 0..1000 {
        let played = std::panic::catch_unwind(|| conversation(seed));
        assert!(played.is_ok(), "seed {seed}: see above");
    }
}
