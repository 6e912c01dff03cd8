//! A phone that is played line by line against one endpoint: for what a well-behaved peer never sends.

use std::net::SocketAddr;
use std::time::Duration;

use nightdesk::clock::Now;
use nightdesk::ids::LegId;
use nightdesk::sip::msg::{Header, Message, NameAddr};
use nightdesk::sip::{Command, Dial, Endpoint, Event, Flow, Output, Settings, Transport};

use super::world::{OFFER, name, settings};

pub struct Phone {
    pub endpoint: Endpoint,
    pub now: Now,
    pub flow: Flow,
    pub inbox: Vec<(Flow, Message)>,
    pub events: Vec<(LegId, Event)>,
    /// To tag of the endpoint, once it is known.
    pub tag: Option<String>,
    pub call: String,
}

pub fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

impl Phone {
    pub fn new() -> Self {
        Self::with(settings(9))
    }

    pub fn with(settings: Settings) -> Self {
        Phone {
            endpoint: Endpoint::new(settings),
            now: Now::default(),
            flow: Flow {
                transport: Transport::Udp,
                local: address("10.0.0.2:5060"),
                remote: address("10.0.0.7:5062"),
                connection: 0,
            },
            inbox: vec![],
            events: vec![],
            tag: None,
            call: "c1".into(),
        }
    }

    /// A request with the usual headers; `more` are lines of their own. Its branch is `method` and `cseq`.
    pub fn text(&self, method: &str, cseq: u32, more: &[&str], body: &str) -> String {
        let tag = self.tag.as_ref().filter(|_| cseq > 1 || method == "ACK");
        let to = tag.map(|tag| format!(";tag={tag}")).unwrap_or_default();
        let via = match self.flow.transport {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
        };
        let same = if method == "CANCEL" { "INVITE" } else { method };
        let mut lines = vec![
            format!("{method} sip:100@10.0.0.2 SIP/2.0"),
            format!("Via: SIP/2.0/{via} {};branch=z9hG4bK-{}-{same}-{cseq}", self.flow.remote, self.call),
            "From: <sip:bob@10.0.0.7>;tag=bob".into(),
            format!("To: <sip:100@10.0.0.2>{to}"),
            format!("Call-ID: {}", self.call),
            format!("CSeq: {cseq} {method}"),
        ];
        lines.extend(more.iter().map(ToString::to_string));
        for (header, value) in [("Max-Forwards", "70"), ("Contact", "<sip:bob@10.0.0.7:5062>")] {
            if !more.iter().any(|line| line.starts_with(header)) {
                lines.push(format!("{header}: {value}"));
            }
        }
        if !body.is_empty() && !more.iter().any(|line| line.starts_with("Content-Type")) {
            lines.push("Content-Type: application/sdp".into());
        }
        lines.push(format!("Content-Length: {}", body.len()));
        format!("{}\r\n\r\n{body}", lines.join("\r\n"))
    }

    pub fn send(&mut self, method: &str, cseq: u32, more: &[&str], body: &str) {
        let text = self.text(method, cseq, more, body);
        self.raw(&text);
    }

    pub fn raw(&mut self, text: &str) {
        self.endpoint.receive(self.flow, text.as_bytes(), self.now);
        self.collect();
    }

    /// The ACK of a refusal: within the transaction (RFC 3261 §17.1.1.3).
    pub fn ack_refusal(&mut self) {
        let text = self.text("ACK", 1, &[], "").replace("-ACK-1", "-INVITE-1");
        self.raw(&text);
    }

    pub fn invite(&mut self, more: &[&str]) {
        self.send("INVITE", 1, more, std::str::from_utf8(OFFER).unwrap());
    }

    pub fn collect(&mut self) {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Send { flow, bytes } => {
                    let message = Message::parse(&bytes).unwrap();
                    if let Some(tag) = message.to().as_ref().and_then(NameAddr::tag)
                        && message.code().is_some_and(|code| code > 100)
                        && self.tag.is_none()
                    {
                        self.tag = Some(tag.to_owned());
                    }
                    self.inbox.push((flow, message));
                }
                Output::Event { leg, event } => self.events.push((leg, event)),
                Output::Close(_) => {}
            }
        }
    }

    /// Names of what came, and forgets it.
    pub fn got(&mut self) -> Vec<String> {
        self.inbox.drain(..).map(|(_, message)| name(&message)).collect()
    }

    /// The one message that came.
    pub fn only(&mut self) -> Message {
        assert_eq!(self.inbox.len(), 1, "{:?}", self.inbox.iter().map(|(_, m)| name(m)).collect::<Vec<_>>());
        self.inbox.remove(0).1
    }

    pub fn heard(&mut self) -> Vec<Event> {
        self.events.drain(..).map(|(_, event)| event).collect()
    }

    /// The leg of the call that came in.
    pub fn leg(&mut self) -> LegId {
        let at = self.events.iter().position(|(_, event)| matches!(event, Event::Incoming(_)));
        self.events.remove(at.expect("no call came in")).0
    }

    pub fn tell(&mut self, leg: LegId, command: Command) {
        self.endpoint.command(leg, command, self.now);
        self.collect();
    }

    pub fn wait(&mut self, time: Duration) {
        let end = self.now.mono + time;
        while let Some(at) = self.endpoint.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.after(at.since(self.now.mono));
            self.endpoint.handle_timeout(self.now);
            self.collect();
        }
        self.now = self.now.after(end.since(self.now.mono));
    }

    /// An answered call: the leg.
    pub fn connected(&mut self, more: &[&str]) -> LegId {
        self.invite(more);
        let leg = self.leg();
        self.tell(leg, Command::Accept { sdp: super::world::ANSWER.to_vec() });
        self.send("ACK", 1, &[], "");
        assert_eq!(self.heard(), [Event::Confirmed { sdp: None }]);
        self.inbox.clear();
        leg
    }

    /// The endpoint calls us: the INVITE.
    pub fn dialled(&mut self) -> (LegId, Message) {
        let dial = Dial {
            flow: self.flow,
            target: "sip:bob@10.0.0.7:5062".into(),
            from: "sip:desk@10.0.0.2".into(),
            from_name: String::new(),
            offer: OFFER.to_vec(),
            headers: vec![],
            ring_max: Duration::from_secs(60),
        };
        let leg = self.endpoint.dial(dial, self.now);
        self.collect();
        (leg, self.only())
    }

    /// Answers a request of the endpoint.
    pub fn reply(&mut self, request: &Message, code: u16, tag: &str, more: &[&str], body: &str) {
        let mut lines = vec![format!("SIP/2.0 {code} X")];
        let copy = |header: Header| format!("{header}: {}", request.header(header).unwrap());
        lines.push(copy(Header::Via));
        lines.push(copy(Header::From));
        let to = copy(Header::To);
        lines.push(if tag.is_empty() || to.contains("tag=") { to } else { format!("{to};tag={tag}") });
        lines.push(copy(Header::CallId));
        lines.push(copy(Header::CSeq));
        lines.extend(more.iter().map(ToString::to_string));
        if !more.iter().any(|line| line.starts_with("Contact")) {
            lines.push("Contact: <sip:bob@10.0.0.7:5062>".into());
        }
        if !body.is_empty() {
            lines.push("Content-Type: application/sdp".into());
        }
        lines.push(format!("Content-Length: {}", body.len()));
        self.raw(&format!("{}\r\n\r\n{body}", lines.join("\r\n")));
    }

    /// Nothing is left once everything has run out.
    pub fn is_idle_after(&mut self, seconds: u64) {
        self.wait(Duration::from_secs(seconds));
        assert!(self.endpoint.is_idle(), "{:#?}", self.endpoint);
    }
}
