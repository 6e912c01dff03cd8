//! Offer and answer of a call, and where its audio goes.

use std::net::{IpAddr, SocketAddr};

use super::{Action, CALL_MAX, Call, Outcome, Phase, What};
use crate::clock::Now;
use crate::flow;
use crate::media::{self, Remote};
use crate::sdp::{self, Codec, Direction, Local, Negotiated};
use crate::sip;

/// Our side of the session description.
#[derive(Debug)]
pub(super) struct Audio {
    local: Local,
    signalling: IpAddr,
    /// What we sent last: an unchanged description keeps its version (RFC 3264 §8).
    sent: Option<Vec<u8>>,
    pub(super) negotiated: Option<Negotiated>,
}

impl Audio {
    pub(super) fn new(rtp: SocketAddr, signalling: IpAddr, session: u32) -> Self {
        // RFC 8866 §5.2: numeric; 32 bits fit every reader.
        let local = Local { rtp, session: u64::from(session), version: 1, direction: Direction::SendRecv };
        Audio { local, signalling, sent: None, negotiated: None }
    }
}

impl Call {
    /// Picks up.
    pub(super) fn answer(&mut self, now: Now) {
        let Phase::Ringing { offer, .. } = &mut self.phase else { return };
        let Some(offer) = offer.take() else {
            let sdp = self.our_offer();
            self.phase = Phase::Offered;
            self.act(Action::Sip(sip::Command::Accept { sdp }));
            self.note(What::Answered, now.utc);
            return;
        };
        match self.answer_to(&offer) {
            Ok((sdp, negotiated)) => {
                self.phase = Phase::Up { until: now.mono + CALL_MAX };
                self.act(Action::Sip(sip::Command::Accept { sdp }));
                self.note(What::Answered, now.utc);
                self.connect(negotiated, now);
                self.start(now);
            }
            Err(refusal) => {
                self.outcome = Outcome::Refused;
                self.note(What::Refused { reason: refusal.to_string() }, now.utc);
                self.act(Action::Sip(sip::Command::Reject { code: 488 }));
            }
        }
    }

    /// The ACK is here; under a late offer it brings the answer.
    pub(super) fn confirmed(&mut self, sdp: Option<Vec<u8>>, now: Now) {
        let first = matches!(self.phase, Phase::Offered);
        let Some(answer) = sdp else {
            if first {
                self.act(Action::Sip(sip::Command::Hangup));
            }
            return;
        };
        match sdp::accept(&answer, &self.line.capabilities, &self.audio.local) {
            Ok(negotiated) => {
                self.connect(negotiated, now);
                if first {
                    self.phase = Phase::Up { until: now.mono + CALL_MAX };
                    self.start(now);
                }
            }
            Err(refusal) => {
                self.note(What::Refused { reason: refusal.to_string() }, now.utc);
                if first {
                    self.outcome = Outcome::Refused;
                    self.act(Action::Sip(sip::Command::Hangup));
                }
            }
        }
    }

    /// re-INVITE or UPDATE with an offer: hold, resume, a new address, another codec.
    pub(super) fn reoffered(&mut self, offer: &[u8], now: Now) {
        match self.answer_to(offer) {
            Ok((sdp, negotiated)) => {
                self.act(Action::Sip(sip::Command::Answer { sdp }));
                if matches!(self.phase, Phase::Up { .. }) {
                    self.connect(negotiated, now);
                }
            }
            Err(_) => self.act(Action::Sip(sip::Command::RefuseOffer)),
        }
    }

    /// re-INVITE without SDP.
    pub(super) fn offer_wanted(&mut self) {
        let sdp = self.our_offer();
        self.act(Action::Sip(sip::Command::Answer { sdp }));
    }

    fn our_offer(&mut self) -> Vec<u8> {
        let offer = |local: &Local| sdp::offer(&self.line.capabilities, local);
        let sdp = versioned(&mut self.audio.local, self.audio.sent.as_deref(), offer);
        self.audio.sent = Some(sdp.clone());
        sdp
    }

    fn answer_to(&mut self, offer: &[u8]) -> Result<(Vec<u8>, Negotiated), sdp::Refusal> {
        let mut local = self.audio.local;
        let (mut sdp, mut negotiated) = sdp::answer(offer, &self.line.capabilities, &local)?;
        if self.audio.sent.as_ref().is_some_and(|sent| *sent != sdp) {
            local.version = local.version.saturating_add(1);
            (sdp, negotiated) = sdp::answer(offer, &self.line.capabilities, &local)?;
        }
        self.audio.local = local;
        self.audio.sent = Some(sdp.clone());
        Ok((sdp, negotiated))
    }

    fn connect(&mut self, negotiated: Negotiated, now: Now) {
        if self.audio.negotiated == Some(negotiated) {
            return;
        }
        self.audio.negotiated = Some(negotiated);
        self.note(What::connected(&negotiated), now.utc);
        self.act(Action::Media(media::Command::Connect(remote(&negotiated, self.audio.signalling))));
    }

    fn start(&mut self, now: Now) {
        self.tell(flow::Event::Started, now);
    }
}

/// The description as it was, or with the next version where it changed.
fn versioned(local: &mut Local, sent: Option<&[u8]>, make: impl Fn(&Local) -> Vec<u8>) -> Vec<u8> {
    let sdp = make(local);
    if sent.is_none_or(|sent| sent == sdp.as_slice()) {
        return sdp;
    }
    local.version = local.version.saturating_add(1);
    make(local)
}

/// What was negotiated, as the stream wants it.
pub fn remote(negotiated: &Negotiated, signalling: IpAddr) -> Remote {
    let codec = match negotiated.codec {
        Codec::Pcma => media::Codec::Pcma,
        Codec::Pcmu => media::Codec::Pcmu,
        Codec::G722 => media::Codec::G722,
    };
    Remote {
        codec,
        payload_send: negotiated.payload_send,
        payload_recv: negotiated.payload_recv,
        event_send: negotiated.event_send,
        event_recv: negotiated.event_recv,
        ptime_ms: negotiated.ptime_ms,
        rtp: negotiated.remote_rtp,
        rtcp: negotiated.remote_rtcp,
        signalling,
        send: matches!(negotiated.direction, Direction::SendRecv | Direction::SendOnly),
        recv: matches!(negotiated.direction, Direction::SendRecv | Direction::RecvOnly),
    }
}
