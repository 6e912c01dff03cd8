//! Plays clips one after the other into whatever packet comes next.

use std::sync::Arc;
use std::time::Duration;

use super::contract::{Clip, Codec, Event};
use crate::clock::Mono;

/// What plays, if anything does.
#[derive(Debug, Default)]
pub struct Player {
    playing: Option<Playing>,
}

#[derive(Debug)]
struct Playing {
    play: u32,
    clips: Vec<Arc<Clip>>,
    /// Which clip, and where in it.
    at: (usize, usize),
    /// Not before the peer is heard, or this time.
    waits_until: Option<Mono>,
    sent: usize,
}

impl Player {
    /// Plays `clips` instead of what plays, whose end comes back.
    pub fn play(&mut self, play: u32, clips: Vec<Arc<Clip>>, wait: Duration, now: Mono) -> Option<Event> {
        let stopped = self.stop();
        let waits_until = (wait > Duration::ZERO).then(|| now + wait);
        self.playing = Some(Playing { play, clips, at: (0, 0), waits_until, sent: 0 });
        stopped
    }

    /// Stops what plays.
    pub fn stop(&mut self) -> Option<Event> {
        self.playing.take().map(|playing| playing.played(false))
    }

    /// Appends up to `room` bytes of what plays. The event comes with the last byte of the last clip.
    pub fn fill(&mut self, codec: Codec, room: usize, heard: bool, now: Mono, out: &mut Vec<u8>) -> Option<Event> {
        let playing = self.playing.as_mut()?;
        if !playing.may_start(heard, now) {
            return None;
        }
        if !playing.fill(codec, room, out) {
            return None;
        }
        self.playing.take().map(|playing| playing.played(true))
    }
}

impl Playing {
    fn may_start(&mut self, heard: bool, now: Mono) -> bool {
        if heard || self.waits_until.is_none_or(|until| now >= until) {
            self.waits_until = None;
        }
        self.waits_until.is_none()
    }

    /// True: that was the end.
    fn fill(&mut self, codec: Codec, mut room: usize, out: &mut Vec<u8>) -> bool {
        while let Some(clip) = self.clips.get(self.at.0) {
            let rest = bytes(clip, codec).get(self.at.1..).unwrap_or_default();
            let part = rest.get(..room).unwrap_or(rest);
            out.extend_from_slice(part);
            room -= part.len();
            self.sent += part.len();
            self.at.1 += part.len();
            if part.len() < rest.len() {
                return false;
            }
            self.at = (self.at.0 + 1, 0);
        }
        true
    }

    fn played(&self, complete: bool) -> Event {
        Event::Played { play: self.play, played_ms: u32::try_from(self.sent / 8).unwrap_or(u32::MAX), complete }
    }
}

fn bytes(clip: &Clip, codec: Codec) -> &[u8] {
    match codec {
        Codec::Pcma => &clip.pcma,
        Codec::Pcmu => &clip.pcmu,
        Codec::G722 => &clip.g722,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clip(byte: u8, length: usize) -> Arc<Clip> {
        let bytes = |add: u8| Arc::from(vec![byte + add; length]);
        Arc::new(Clip { name: String::new(), pcma: bytes(0), pcmu: bytes(100), g722: bytes(200) })
    }

    fn fill(player: &mut Player, codec: Codec, now: Mono) -> (Vec<u8>, Option<Event>) {
        let mut out = Vec::new();
        let event = player.fill(codec, 160, false, now, &mut out);
        (out, event)
    }

    #[test]
    fn clips_follow_each_other_without_a_gap() {
        let (mut player, now) = (Player::default(), Mono::default());
        player.play(7, vec![clip(1, 200), clip(2, 0), clip(3, 120)], Duration::ZERO, now);
        assert_eq!(fill(&mut player, Codec::Pcma, now), (vec![1; 160], None));
        let rest = [vec![1; 40], vec![3; 120]].concat();
        assert_eq!(
            fill(&mut player, Codec::Pcma, now),
            (rest, Some(Event::Played { play: 7, played_ms: 40, complete: true }))
        );
        assert_eq!(fill(&mut player, Codec::Pcma, now), (vec![], None));
        player.play(8, vec![], Duration::ZERO, now);
        assert_eq!(
            fill(&mut player, Codec::Pcma, now).1,
            Some(Event::Played { play: 8, played_ms: 0, complete: true })
        );
    }

    #[test]
    fn another_codec_goes_on_where_the_first_was() {
        let (mut player, now) = (Player::default(), Mono::default());
        player.play(1, vec![clip(1, 320)], Duration::ZERO, now);
        fill(&mut player, Codec::Pcma, now);
        let (bytes, event) = fill(&mut player, Codec::G722, now);
        assert_eq!(bytes, vec![201; 160]);
        assert_eq!(event, Some(Event::Played { play: 1, played_ms: 40, complete: true }));
    }

    #[test]
    fn what_is_replaced_says_how_far_it_came() {
        let (mut player, now) = (Player::default(), Mono::default());
        player.play(1, vec![clip(1, 1600)], Duration::ZERO, now);
        fill(&mut player, Codec::Pcmu, now);
        let ended = player.play(2, vec![clip(1, 1600)], Duration::ZERO, now);
        assert_eq!(ended, Some(Event::Played { play: 1, played_ms: 20, complete: false }));
        assert_eq!(player.stop(), Some(Event::Played { play: 2, played_ms: 0, complete: false }));
        assert_eq!(player.stop(), None);
    }

    #[test]
    fn the_first_word_waits_for_the_peer() {
        let (mut player, now) = (Player::default(), Mono::default());
        let mut out = Vec::new();
        player.play(1, vec![clip(1, 1600)], Duration::from_secs(1), now);
        player.fill(Codec::Pcma, 160, false, now + Duration::from_millis(980), &mut out);
        assert!(out.is_empty());
        player.fill(Codec::Pcma, 160, false, now + Duration::from_secs(1), &mut out);
        assert_eq!(out.len(), 160);
        player.play(1, vec![clip(1, 1600)], Duration::from_secs(1), now);
        player.fill(Codec::Pcma, 160, true, now, &mut out);
        player.fill(Codec::Pcma, 160, false, now, &mut out);
        assert_eq!(out.len(), 480, "heard once is heard");
    }
}
