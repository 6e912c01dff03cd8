//! One call at its border: offers and answers, keys by two ways, what the store and the stream say.

use std::sync::Arc;
use std::time::Duration;

use nightdesk::call::{Action, Call, Clips, Event, Line, StoreAction, StoreEvent, What};
use nightdesk::clock::{Mono, Now, Utc};
use nightdesk::flow::{Answer, Ask, Setting};
use nightdesk::ids::CallbackId;
use nightdesk::ids::{Language, TakeId};
use nightdesk::media::{self, Clip, KeySource};
use nightdesk::sdp::{self, Capabilities, Codec, Direction, Local};
use nightdesk::sip::{self, Command, Ended, Flow, Invite, Transport};
use nightdesk::slots::Slot;

use crate::support::line;

struct Prompts(Vec<&'static str>);

impl Clips for Prompts {
    fn clip(&self, _language: Language, id: &str) -> Option<Arc<Clip>> {
        let there = !self.0.contains(&id);
        there.then(|| Arc::new(Clip::from_pcm(id, 8000, &[0; 800])))
    }

    fn spoken(&self, _language: Language, _words: &str) -> Option<Arc<Clip>> {
        None
    }
}

struct Phone {
    call: Call,
    now: Now,
    done: Vec<Action>,
}

fn offer(codecs: &[Codec], direction: Direction, version: u64) -> Vec<u8> {
    let caps = Capabilities { codecs: codecs.to_vec(), telephone_event: true };
    let rtp = "192.0.2.7:4000".parse().unwrap();
    sdp::offer(&caps, &Local { rtp, session: 7, version, direction })
}

pub fn invite(offer: Option<Vec<u8>>) -> Invite {
    Invite {
        flow: Flow {
            transport: Transport::Udp,
            local: "192.0.2.1:5060".parse().unwrap(),
            remote: "192.0.2.7:5060".parse().unwrap(),
            connection: 0,
        },
        call_id: "abc".into(),
        request_user: "+493023125000".into(),
        to_user: "+493023125000".into(),
        called_party: None,
        from_user: "+493023125042".into(),
        from_name: String::new(),
        asserted: None,
        anonymous: false,
        diversion: Vec::new(),
        offer,
        reliable: false,
    }
}

impl Phone {
    fn rings(offer: Option<Vec<u8>>) -> Phone {
        Phone::with(offer, Vec::new(), Duration::ZERO)
    }

    fn with(offer: Option<Vec<u8>>, missing: Vec<&'static str>, ring: Duration) -> Phone {
        Phone::following(line::MESSAGE, offer, missing, ring)
    }

    fn following(plan: &str, offer: Option<Vec<u8>>, missing: Vec<&'static str>, ring: Duration) -> Phone {
        let line = Line {
            setting: Setting::of(line::plan(plan), "Nightdesk"),
            ring,
            capabilities: Capabilities::default(),
            clips: Arc::new(Prompts(missing)),
        };
        let now = Now { mono: Mono(1_000_000_000), utc: Utc(1_800_000_000_000) };
        let local = "192.0.2.1:30000".parse().unwrap();
        let invite = invite(offer);
        let visitor = nightdesk::call::visitor(&invite, "+493023125000".into(), false, |_| None);
        let call = Call::new(&invite, line, visitor, local, [1; 32], now);
        let mut phone = Phone { call, now, done: Vec::new() };
        phone.drain();
        phone
    }

    fn drain(&mut self) {
        self.done.extend(std::iter::from_fn(|| self.call.poll_action()));
    }

    fn tell(&mut self, event: Event) -> &mut Phone {
        self.now = self.now.after(Duration::from_millis(20));
        self.call.handle(event, self.now);
        self.drain();
        self
    }

    fn seen(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.done)
    }

    /// Says its prompts to the end until it records.
    fn recording(&mut self) -> TakeId {
        for _ in 0..10 {
            for action in self.seen() {
                match action {
                    Action::Media(media::Command::Record { take, .. }) => return take,
                    Action::Media(media::Command::Play { play, .. }) => {
                        self.tell(Event::Media(media::Event::Played { play, played_ms: 100, complete: true }));
                    }
                    Action::Store(StoreAction::Prepare { take, .. }) => {
                        self.tell(Event::Store(StoreEvent::Ready(take)));
                    }
                    _ => {}
                }
            }
        }
        panic!("it never records");
    }
}

fn accepted(done: &[Action]) -> Option<Vec<u8>> {
    done.iter().find_map(|action| match action {
        Action::Sip(Command::Accept { sdp }) => Some(sdp.clone()),
        _ => None,
    })
}

fn notes(done: &[Action]) -> Vec<What> {
    done.iter()
        .filter_map(|action| if let Action::Note(note) = action { Some(note.what.clone()) } else { None })
        .collect()
}

#[test]
fn no_common_codec_is_488_and_still_a_call() {
    let foreign =
        b"v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 18\r\n";
    let mut phone = Phone::rings(Some(foreign.to_vec()));
    assert!(phone.done.iter().any(|action| matches!(action, Action::Sip(Command::Reject { code: 488 }))));
    phone.tell(Event::Sip(sip::Event::Ended(Ended::Local))).tell(Event::MediaClosed(media::Figures::default()));
    assert!(phone.call.is_over());
    assert!(phone.done.iter().any(|action| matches!(action, Action::Store(StoreAction::End { .. }))));
}

#[test]
fn a_late_offer_is_ours_and_the_greeting_waits_for_the_answer() {
    let mut phone = Phone::rings(None);
    let ours = accepted(&phone.seen()).expect("a 200 with our offer");
    let theirs =
        Local { rtp: "192.0.2.7:4000".parse().unwrap(), session: 7, version: 1, direction: Direction::SendRecv };
    let (answer, _) = sdp::answer(&ours, &Capabilities::default(), &theirs).unwrap();
    assert!(phone.seen().is_empty());
    phone.tell(Event::Sip(sip::Event::Confirmed { sdp: Some(answer) }));
    assert!(phone.done.iter().any(|action| matches!(action, Action::Media(media::Command::Play { .. }))));
}

#[test]
fn an_ack_without_the_answer_ends_the_call() {
    let mut phone = Phone::rings(None);
    phone.seen();
    phone.tell(Event::Sip(sip::Event::Confirmed { sdp: None }));
    assert!(matches!(phone.seen().as_slice(), [Action::Sip(Command::Hangup)]));
}

#[test]
fn hold_is_answered_with_the_next_version_and_a_repeat_with_the_same() {
    let mut phone = Phone::rings(Some(offer(&[Codec::Pcma], Direction::SendRecv, 1)));
    let first = accepted(&phone.seen()).unwrap();
    let version = |sdp: &[u8]| String::from_utf8_lossy(sdp).split_whitespace().nth(3).unwrap().to_owned();
    let mut answers = Vec::new();
    for held in [offer(&[Codec::Pcma], Direction::SendOnly, 2), offer(&[Codec::Pcma], Direction::SendOnly, 2)] {
        phone.tell(Event::Sip(sip::Event::Offer(held)));
        answers.extend(phone.seen().into_iter().filter_map(|action| match action {
            Action::Sip(Command::Answer { sdp }) => Some(sdp),
            Action::Media(media::Command::Connect(remote)) => {
                assert!(!remote.send && remote.recv, "{remote:?}");
                None
            }
            _ => None,
        }));
    }
    assert_eq!(answers.len(), 2);
    assert_ne!(version(&answers[0]), version(&first));
    assert_eq!(answers[0], answers[1]);
    assert!(String::from_utf8_lossy(&answers[0]).contains("a=recvonly"));
}

#[test]
fn a_bad_re_offer_is_refused_and_the_call_goes_on() {
    let mut phone = Phone::rings(Some(offer(&[Codec::Pcma], Direction::SendRecv, 1)));
    phone.seen();
    phone.tell(Event::Sip(sip::Event::Offer(b"v=9".to_vec())));
    assert!(matches!(phone.seen().as_slice(), [Action::Sip(Command::RefuseOffer)]));
}

#[test]
fn hash_by_info_ends_the_recording() {
    let mut phone = Phone::rings(Some(offer(&[Codec::Pcma], Direction::SendRecv, 1)));
    let take = phone.recording();
    phone.tell(Event::Sip(sip::Event::Key { key: '#', duration_ms: 100 }));
    assert!(phone.seen().iter().any(|action| matches!(action, Action::Media(media::Command::StopRecording))));
    let end = media::RecordEnd::Stopped;
    phone.tell(Event::Media(media::Event::Recorded { take, end, total_ms: 3000, sound_ms: 2000 }));
    assert!(notes(&phone.seen()).contains(&What::Recorded { total_ms: 3000, sound_ms: 2000, end: "key" }));
}

#[test]
fn a_key_by_two_ways_is_one_press() {
    let mut phone = Phone::rings(Some(offer(&[Codec::Pcma], Direction::SendRecv, 1)));
    phone.seen();
    phone.tell(Event::Media(media::Event::Key { key: '5', source: KeySource::Rtp }));
    phone.tell(Event::Sip(sip::Event::Key { key: '5', duration_ms: 100 }));
    phone.tell(Event::Media(media::Event::Key { key: '5', source: KeySource::Rtp }));
    let keys = notes(&phone.seen()).iter().filter(|what| matches!(what, What::Key { .. })).count();
    assert_eq!(keys, 2, "the same way twice is two presses");
}

#[test]
fn a_missing_prompt_is_no_dead_end() {
    let missing = vec!["greeting", "leave-message"];
    let mut phone = Phone::with(Some(offer(&[Codec::Pcma], Direction::SendRecv, 1)), missing, Duration::ZERO);
    let told = notes(&phone.done);
    assert!(told.contains(&What::PromptMissing { prompt: "greeting".into() }), "{told:?}");
    phone.recording();
}

#[test]
fn a_dead_line_is_hung_up_and_what_was_said_is_finished() {
    let mut phone = Phone::rings(Some(offer(&[Codec::Pcma], Direction::SendRecv, 1)));
    let take = phone.recording();
    phone.tell(Event::Media(media::Event::Dead));
    assert!(phone.seen().iter().any(|action| matches!(action, Action::Sip(Command::Hangup))));
    phone.tell(Event::Sip(sip::Event::Ended(Ended::Local)));
    phone.tell(Event::MediaClosed(media::Figures::default()));
    let finishes = |done: &[Action]| {
        done.iter()
            .filter(|action| matches!(action, Action::Store(StoreAction::Finish(finish)) if finish.take == take))
            .count()
    };
    assert_eq!(finishes(&phone.seen()), 1, "finished once, also where the stream never said so");
    assert!(!phone.call.is_over());
    phone.tell(Event::Store(StoreEvent::Kept { take, duration_ms: 900 }));
    assert!(phone.call.is_over());
}

#[test]
fn it_rings_as_long_as_it_should() {
    let ring = Duration::from_secs(5);
    let mut phone = Phone::with(Some(offer(&[Codec::Pcma], Direction::SendRecv, 1)), Vec::new(), ring);
    assert!(phone.seen().iter().any(|action| matches!(action, Action::Sip(Command::Ring { .. }))));
    phone.tell(Event::Timeout);
    assert!(phone.seen().is_empty(), "too early");
    phone.now = phone.now.after(ring);
    phone.tell(Event::Timeout);
    assert!(accepted(&phone.seen()).is_some());
}

#[test]
fn a_stream_that_never_closes_does_not_keep_the_call() {
    let mut phone = Phone::rings(Some(offer(&[Codec::Pcma], Direction::SendRecv, 1)));
    phone.tell(Event::Sip(sip::Event::Ended(Ended::Bye)));
    phone.now = phone.now.after(Duration::from_secs(60));
    phone.tell(Event::Timeout);
    assert!(phone.call.is_over());
}

/// What is asked of the desk.
fn asked(done: &[Action]) -> Vec<(u32, Ask)> {
    done.iter()
        .filter_map(
            |action| if let Action::Desk { number, ask } = action { Some((*number, ask.clone())) } else { None },
        )
        .collect()
}

#[test]
fn the_desk_is_asked_by_number_and_the_timeline_says_what_came_of_it() {
    let offer = Some(offer(&[Codec::Pcma], Direction::SendRecv, 1));
    let mut phone = Phone::following(crate::slots_flow::SLOTS, offer, Vec::new(), Duration::ZERO);
    let [(number, Ask::Offer { .. })] = &asked(&phone.done)[..] else { panic!("{:?}", phone.done) };
    assert_eq!(*number, 1);
    let slot = Slot { start: Utc(1_800_003_600_000), end: Utc(1_800_005_400_000) };
    let offers = Answer::Offers { slots: vec![slot], later: false };
    phone.tell(Event::Desk { number: 2, answer: Answer::Failed });
    phone.tell(Event::Media(media::Event::Key { key: '#', source: KeySource::Rtp }));
    phone.seen();
    phone.tell(Event::Desk { number: 1, answer: offers.clone() });
    phone.tell(Event::Desk { number: 1, answer: offers });
    assert_eq!(notes(&phone.seen()), [What::Offered { slots: vec!["2027-01-15T09:00:00.000Z".into()] }]);
    for key in ['1', '1'] {
        phone.tell(Event::Media(media::Event::Key { key, source: KeySource::Rtp }));
    }
    let asked = asked(&phone.seen());
    let [(2, Ask::Hold { .. }), (3, Ask::Book(booking))] = &asked[..] else { panic!("{asked:?}") };
    let (words, callback) = (booking.told.words.clone(), CallbackId::new(phone.now.utc, [1; 10]));
    // The answer to the hold comes too late to be one to the booking.
    phone.tell(Event::Desk { number: 2, answer: Answer::Gone });
    assert!(notes(&phone.seen()).is_empty());
    phone.tell(Event::Desk { number: 3, answer: Answer::Booked(callback) });
    let booked = What::Booked {
        callback: callback.to_string(),
        start: Some("2027-01-15T09:00:00.000Z".into()),
        latest: "2027-01-15T09:30:00.000Z".into(),
        number: None,
        words,
        moved: false,
    };
    assert!(notes(&phone.seen()).contains(&booked));
    phone.tell(Event::Sip(sip::Event::Ended(Ended::Bye)));
    assert!(asked_release(&phone.done).is_none(), "what is booked is not let go");
}

fn asked_release(done: &[Action]) -> Option<u32> {
    asked(done).into_iter().find_map(|(number, ask)| (ask == Ask::Release).then_some(number))
}

#[test]
fn who_hangs_up_lets_go_of_what_is_held() {
    let offer = Some(offer(&[Codec::Pcma], Direction::SendRecv, 1));
    let mut phone = Phone::following(crate::slots_flow::SLOTS, offer, Vec::new(), Duration::ZERO);
    phone.tell(Event::Sip(sip::Event::Ended(Ended::Bye)));
    assert_eq!(asked_release(&phone.seen()), Some(1));
}

#[test]
fn a_number_is_trusted_where_the_network_vouches_for_it() {
    let visitor = |change: fn(&mut sip::Invite), checked: bool| {
        let mut invite = invite(None);
        (invite.asserted, invite.anonymous) = (None, false);
        change(&mut invite);
        nightdesk::call::visitor(&invite, "+493023125000".into(), checked, |_| None).trusted
    };
    assert!(!visitor(|_| (), false), "anybody may write a From");
    assert!(visitor(|_| (), true));
    assert!(visitor(|invite| invite.asserted = Some("+493023125042".into()), false));
    assert!(!visitor(|invite| (invite.asserted, invite.anonymous) = (Some("+493023125042".into()), true), true));
}
