"""A small SIP telephone over UDP with RTP in A-law: for what sipp cannot do (loss, keys in time, many deaths)."""

import os
import random
import re
import select
import socket
import struct
import threading
import time

from sound import FRAME, BeepEar, from_alaw, loudness, to_alaw

_ports = random.Random(os.getpid())


class Refused(Exception):
    """The call was not answered with 200."""

    def __init__(self, code, message):
        super().__init__(f"refused with {code}")
        self.code, self.message = code, message


def header(message, name):
    found = re.search(rf"^{name}[ \t]*:[ \t]*(.*?)\r?$", message, re.I | re.M)
    return found.group(1) if found else ""


def rtp_pair(ip):
    """An RTP socket on an even port."""
    while True:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.bind((ip, _ports.randrange(20000, 30000) * 2))
            return sock
        except OSError:
            sock.close()


class Phone:
    """One call. `with Phone(server, caller) as phone: phone.invite(); phone.wait_beep(); phone.speak(...)`"""

    def __init__(self, server, caller, ip="127.0.0.1", loss=0.0, seed=1, events=True, dialled="495551000", asserted=False):
        self.server, self.caller, self.ip, self.events = server, caller, ip, events
        self.rng = random.Random(seed)
        self.loss, self.lost = loss, []
        # The number as a carrier vouches for it (RFC 3325).
        self.asserted = f"P-Asserted-Identity: <sip:{caller}@{ip}>\r\n" if asserted else ""
        self.sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sip.bind((ip, 0))
        self.rtp = rtp_pair(ip)
        tag = f"{random.getrandbits(48):x}"
        self.tag, self.call_id, self.invite_branch = tag, f"{tag}@{ip}", f"z9hG4bK{tag}i"
        self.to, self.target, self.cseq = "", f"sip:{dialled}@{server[0]}:{server[1]}", 1
        self.remote_rtp = None
        self.seq, self.stamp, self.ssrc = (random.getrandbits(b) for b in (16, 31, 32))
        self.outbox, self.outbox_lock = [], threading.Lock()
        self.ended, self.beep = threading.Event(), threading.Event()
        self.heard_packets, self.got = 0, []
        # When the first packet of each key went out; when each packet came, and how loud it was.
        self.pressed_at, self.heard = [], []
        self.stop = threading.Event()
        self.threads = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.to and not self.ended.is_set():
            self.hang_up()
        self.close()

    def close(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()
        self.sip.close()
        self.rtp.close()

    # ---- signalling

    def sdp(self):
        port = self.rtp.getsockname()[1]
        event = ("101", "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n") if self.events else ("", "")
        return (
            f"v=0\r\no=- {self.ssrc} 1 IN IP4 {self.ip}\r\ns=-\r\nc=IN IP4 {self.ip}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP {f'8 {event[0]}'.strip()}\r\na=rtpmap:8 PCMA/8000\r\n{event[1]}a=ptime:20\r\n"
        )

    def request(self, method, branch=None, cseq=None, body="", target=None, extra=""):
        local = "%s:%d" % self.sip.getsockname()
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = (
            f"{method} {target or self.target} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {local};rport;branch={branch or f'z9hG4bK{random.getrandbits(64):x}'}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{self.caller}@{self.ip}>;tag={self.tag}\r\n"
            f"To: {self.to or f'<{self.target}>'}\r\nCall-ID: {self.call_id}\r\nCSeq: {cseq or self.cseq} {method}\r\n"
            f"Contact: <sip:{self.caller}@{local}>\r\nAllow: INVITE, ACK, BYE, CANCEL, UPDATE, OPTIONS\r\n{extra}{kind}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self.sip.sendto(text.encode(), self.server)

    def receive(self, seconds):
        """The next SIP message as text, or None."""
        if not select.select([self.sip], [], [], max(0, seconds))[0]:
            return None
        try:
            return self.sip.recv(65535).decode("latin-1")
        except ConnectionRefusedError:  # the server was killed: ICMP says so
            return None

    def invite(self, seconds=8, rings=5):
        """Rings until answered and starts the audio; again after 503, which a machine under load may answer."""
        for attempt in range(rings):
            try:
                return self._ring(seconds)
            except Refused as refused:
                if refused.code != 503 or attempt == rings - 1:
                    raise
                time.sleep(1 + attempt)
                self.call_id, self.invite_branch = f"{attempt}{self.call_id}", f"{self.invite_branch}{attempt}"
        return None

    def _ring(self, seconds):
        """Retransmits by Timer A (RFC 3261 §17.1.1.2)."""
        deadline, wait, provisional = time.monotonic() + seconds, 0.5, False
        self.request("INVITE", self.invite_branch, body=self.sdp(), extra=self.asserted)
        while time.monotonic() < deadline:
            message = self.receive(wait)
            if message is None:
                if not provisional:
                    self.request("INVITE", self.invite_branch, body=self.sdp(), extra=self.asserted)
                    wait *= 2
                continue
            code = int(message.split(" ", 2)[1]) if message.startswith("SIP/2.0 ") else 0
            provisional = provisional or 100 <= code < 200
            if 200 <= code < 300:
                self.answered(message)
                return message
            if code >= 300:
                self.to = header(message, "To")
                self.request("ACK", self.invite_branch)
                self.to = ""
                raise Refused(code, message)
        raise TimeoutError(f"INVITE was not answered within {seconds} s")

    def answered(self, message):
        self.to = header(message, "To")
        contact = re.search(r"<?(sips?:[^>;]+)", header(message, "Contact"))
        self.target = contact.group(1) if contact else self.target
        place = re.search(r"^c=IN IP4 (\S+)", message, re.M), re.search(r"^m=audio (\d+)", message, re.M)
        self.remote_rtp = (place[0].group(1), int(place[1].group(1)))
        self.request("ACK")
        for work in (self._answer_requests, self._send_audio, self._hear_audio):
            self.threads.append(threading.Thread(target=work, daemon=True))
            self.threads[-1].start()

    def _answer_requests(self):
        while not self.stop.is_set():
            message = self.receive(0.1)
            if message is None:
                continue
            self.got.append(message)
            method = message.split(" ", 1)[0]
            if method == "SIP/2.0":
                if header(message, "CSeq").endswith("INVITE"):
                    self.request("ACK")  # the ACK was lost: 200 came again
                continue
            if method != "ACK":
                body = self.sdp() if method in ("INVITE", "UPDATE") and "m=audio" in message else ""
                self._respond(message, body)
            if method == "BYE":
                self.ended.set()

    def _respond(self, request, body):
        vias = "".join(f"Via: {v}\r\n" for v in re.findall(r"^Via[ \t]*:[ \t]*(.*?)\r?$", request, re.I | re.M))
        copied = "".join(f"{name}: {header(request, name)}\r\n" for name in ("From", "To", "Call-ID", "CSeq"))
        expires = header(request, "Session-Expires")
        timer = f"Session-Expires: {expires}\r\nRequire: timer\r\n" if expires else ""
        kind = f"Contact: <sip:{self.caller}@{self.ip}:{self.sip.getsockname()[1]}>\r\n{timer}"
        kind += "Content-Type: application/sdp\r\n" if body else ""
        self.sip.sendto(f"SIP/2.0 200 OK\r\n{vias}{copied}{kind}Content-Length: {len(body)}\r\n\r\n{body}".encode(), self.server)

    def hang_up(self):
        self.cseq += 1
        self.request("BYE")
        self.ended.set()

    # ---- audio

    def _send_audio(self):
        """One packet every 20 ms at absolute deadlines: what is in the outbox, else silence."""
        started, sent, quiet = time.monotonic(), 0, to_alaw([0] * FRAME)
        while not self.stop.is_set():
            with self.outbox_lock:
                kind, payload, mark = self.outbox.pop(0) if self.outbox else ("audio", quiet, False)
            if kind == "mute":
                head = b""
            elif kind == "audio":
                head = struct.pack("!BBHII", 0x80, 8 | (0x80 if mark else 0), self.seq, self.stamp, self.ssrc)
            else:  # RFC 4733 §2.5.1.2: all packets of one event carry the time of its start
                start, payload = payload
                if mark:
                    self.pressed_at.append(time.monotonic())
                head = struct.pack("!BBHII", 0x80, 101 | (0x80 if mark else 0), self.seq, (self.stamp - start) % 2**32, self.ssrc)
            if kind == "audio" and payload is not quiet and self.rng.random() < self.loss:
                self.lost.append(self.stamp)
            elif kind != "mute":
                try:
                    self.rtp.sendto(head + payload, self.remote_rtp)
                except OSError:
                    pass
            self.seq, self.stamp = (self.seq + 1) % 65536, (self.stamp + FRAME) % 2**32
            sent += 1
            time.sleep(max(0, started + sent * 0.02 - time.monotonic()))

    def _hear_audio(self):
        ear = BeepEar()
        while not self.stop.is_set():
            if not select.select([self.rtp], [], [], 0.1)[0]:
                # Nothing is sent after the beep while we speak: its end is the pause.
                if ear.tone_frames >= 5 and ear.ended([0] * FRAME):
                    self.beep.set()
                continue
            try:
                packet = self.rtp.recv(2048)
            except OSError:
                continue
            if len(packet) > 12 and packet[1] & 0x7F == 8:
                self.heard_packets += 1
                frame = from_alaw(packet[12:])
                self.heard.append((time.monotonic(), loudness(frame)))
                if ear.ended(frame):
                    self.beep.set()

    def speak(self, samples):
        """Queues samples; returns at once."""
        payload = to_alaw(samples)
        frames = [payload[n : n + FRAME] for n in range(0, len(payload) - FRAME + 1, FRAME)]
        with self.outbox_lock:
            self.outbox.extend(("audio", frame, n == 0) for n, frame in enumerate(frames))

    def press(self, key, ms=100):
        """Queues one key by RFC 4733: packets every 20 ms, the end three times."""
        code, steps = "0123456789*#ABCD".index(key), max(2, ms // 20)
        with self.outbox_lock:
            for n in range(steps + 3):
                last, length = n >= steps, min(n + 1, steps) * FRAME
                payload = struct.pack("!BBH", code, (0x80 if last else 0) | 10, length)
                self.outbox.append(("key", (n * FRAME, payload), n == 0))

    def silence_from_now(self):
        """Sends no packet any more: a dead line."""
        with self.outbox_lock:
            self.outbox = [("mute", b"", False)] * 50 * 600

    def drained(self, seconds):
        """Waits until all that was queued is sent."""
        deadline = time.monotonic() + seconds
        while self.outbox and time.monotonic() < deadline and not self.ended.is_set():
            time.sleep(0.01)

    def wait_beep(self, seconds=40):
        """Skips the greeting with # and listens until the beep has ended."""
        time.sleep(0.3)
        self.press("#")
        self.hear_beep(seconds)

    def hear_beep(self, seconds=40):
        if not self.beep.wait(seconds):
            raise TimeoutError(f"no beep within {seconds} s; {self.heard_packets} packets were heard")

