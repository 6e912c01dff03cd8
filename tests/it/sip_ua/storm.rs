//! Thousands of random calls in random weather: nobody panics, every leg ends once, nothing is left.

use std::collections::BTreeMap;
use std::time::Duration;

use nightdesk::ids::LegId;
use nightdesk::sip::{Command, Event};

use super::world::{ANSWER, Dice, OFFER, Side, Weather, World};

/// The legs of both sides, as their events tell.
#[derive(Default)]
struct Book {
    legs: BTreeMap<(Side, LegId), Told>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Alive,
    Ended,
}

impl Book {
    fn read(&mut self, world: &mut World) {
        for (side, leg, event) in world.events.drain(..) {
            let told = self.legs.entry((side, leg)).or_insert(Told::Alive);
            assert_eq!(*told, Told::Alive, "{event:?} after the end of {leg:?} of {side:?}");
            if let Event::Ended(_) = event {
                *told = Told::Ended;
            }
        }
    }

    fn alive(&self) -> Vec<(Side, LegId)> {
        self.legs.iter().filter(|(_, told)| **told == Told::Alive).map(|(key, _)| *key).collect()
    }
}

pub fn wish(dice: &mut Dice) -> Command {
    let sdp = if dice.chance(50) { OFFER.to_vec() } else { ANSWER.to_vec() };
    match dice.below(20) {
        0..=2 => Command::Ring { sdp: dice.chance(50).then_some(sdp) },
        3..=7 => Command::Accept { sdp },
        8..=11 => Command::Answer { sdp },
        12 => Command::RefuseOffer,
        13..=15 => Command::Reoffer { sdp },
        16 => Command::SendKey { key: '5', duration_ms: 100 },
        17 => Command::Reject { code: 400 + dice.below(200) as u16 },
        _ => Command::Hangup,
    }
}

/// Octets of a message that was sent before, damaged or not.
fn forged(world: &mut World) -> Option<Vec<u8>> {
    let count = world.messages.len() as u64;
    if count == 0 {
        return None;
    }
    let at = world.dice.below(count) as usize;
    let mut bytes = world.messages[at].1.clone();
    match world.dice.below(5) {
        0 => {}
        1 => bytes.truncate(world.dice.below(bytes.len() as u64) as usize),
        2 => {
            for _ in 0..3 {
                let at = world.dice.below(bytes.len() as u64) as usize;
                bytes[at] = world.dice.below(256) as u8;
            }
        }
        _ => {
            let swaps = [
                ("CSeq: 1", "CSeq: 2"),
                ("branch=z9hG4bK", "branch=z9hG4bKx"),
                ("INVITE", "UPDATE"),
                ("ACK", "BYE"),
                ("BYE", "PRACK"),
                ("SIP/2.0 200", "SIP/2.0 183"),
                ("SIP/2.0 200", "SIP/2.0 491"),
                ("SIP/2.0 1", "SIP/2.0 2"),
                ("application/sdp", "application/dtmf"),
                ("tag=", "tag=0"),
                ("RSeq", "X"),
                ("Contact", "Y"),
            ];
            let (old, new) = swaps[world.dice.below(swaps.len() as u64) as usize];
            bytes = String::from_utf8_lossy(&bytes).replace(old, new).into_bytes();
        }
    }
    Some(bytes)
}

fn night(seed: u64, forge: bool) {
    let mut dice = Dice(seed);
    let weathers = [
        Weather::default(),
        Weather { loss: 20, twice: 20, shuffle: 30, strict: !forge },
        Weather { loss: 60, twice: 0, shuffle: 0, strict: !forge },
        Weather { loss: 0, twice: 50, shuffle: 90, strict: !forge },
    ];
    let mut world = World::new();
    if dice.chance(20) {
        world = world.tcp();
    }
    world.dice = Dice(seed ^ 0x5eed);
    world.weather = weathers[dice.below(4) as usize];
    let mut book = Book::default();
    for _ in 0..dice.below(60) + 5 {
        match dice.below(10) {
            0 => {
                world.dial_for(Duration::from_secs(dice.below(100)));
            }
            1..=4 => {
                let alive = book.alive();
                if !alive.is_empty() {
                    let (side, leg) = alive[dice.below(alive.len() as u64) as usize];
                    world.tell(side, leg, wish(&mut dice));
                }
            }
            5 if forge => {
                if let Some(bytes) = forged(&mut world) {
                    world.inject(if dice.chance(50) { Side::A } else { Side::B }, &bytes);
                }
            }
            6 if dice.chance(5) => world.break_connection(),
            _ => {
                let time = [5, 50, 500, 5_000, 40_000, 2_000_000][dice.below(6) as usize];
                world.run(Duration::from_millis(dice.below(time)));
            }
        }
        book.read(&mut world);
    }
    // Morning: whoever is still there hangs up.
    for _ in 0..3 {
        for (side, leg) in book.alive() {
            world.tell(side, leg, Command::Hangup);
        }
        world.run(Duration::from_secs(300));
        book.read(&mut world);
    }
    assert_eq!(book.alive(), [], "seed {seed}");
    assert!(world.a.is_idle(), "seed {seed}: {:#?}", world.a);
    assert!(world.b.is_idle(), "seed {seed}: {:#?}", world.b);
    assert_eq!((world.a.legs(), world.b.legs(), world.a.poll_timeout(), world.b.poll_timeout()), (0, 0, None, None));
}

fn nights(first: u64, count: u64, forge: bool) {
    for seed in first..first + count {
        let played = std::panic::catch_unwind(|| night(seed, forge));
        assert!(played.is_ok(), "seed {seed}, forge {forge}: see above");
    }
}

#[test]
fn random_nights_end_clean() {
    nights(0, 1000, false);
}

#[test]
fn random_nights_with_forged_messages_end_clean() {
    nights(10_000, 1000, true);
}
