"""Runs sipp. The scenarios in sipp/*.xml are XML with {{parts}}, so that each reads as what is special in it.

{{invite BODY | Header: value | ...}}   the first INVITE; BODY is offer (default), g729 or none
{{again}}                               the same INVITE, byte for byte: a retransmission
{{merged}}                              the same INVITE by another way (another branch: RFC 3261 §8.2.2.2)
{{answered | regex ...}}                provisional answers as they come, then 200; it matches each regex (!regex: does not)
{{ack BODY}}                            of the 200
{{refused CODE | regex ...}}            a final refusal and its ACK
{{send METHOD BODY | Header: value}}    a request in the dialog (BODY also hold, hold0, resume, key, keys)
{{stray METHOD | Header: value}}        a request out of any dialog; To can be given
{{cancel}}                              of the INVITE
{{recv CODE | regex ...}}               a final answer
{{expect METHOD | regex ...}}           a request from the server, answered with {{ok BODY}}
{{bye}}                                 BYE and its 200
{{pause MS}}
{{speech}}                              speaks from here on
{{dtmf KEYS}}                           presses keys by RFC 4733
"""

import re
import subprocess
import tempfile
import time
from pathlib import Path

import sound

# How often a caller tries who is told that we are busy.
RINGS = 5
HERE = Path(__file__).resolve().parent

_CODECS = "8 0 101\na=rtpmap:8 PCMA/8000\na=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=ptime:20"


def _sdp(version=1, media=f"[media_port] RTP/AVP {_CODECS}", c="[media_ip]", mode="sendrecv"):
    return (
        f"v=0\no=caller 1 {version} IN IP[media_ip_type] [media_ip]\ns=-\nc=IN IP[media_ip_type] {c}\nt=0 0\n"
        f"m=audio {media}\na={mode}\n"
    )


BODIES = {
    "offer": _sdp(),
    # sipp's play_dtmf sends payload type 96, whatever was agreed.
    "keys": _sdp(media="[media_port] RTP/AVP " + _CODECS.replace("101", "96")),
    "hold": _sdp(2, mode="sendonly"),
    "resume": _sdp(3),
    "hold0": _sdp(4, c="0.0.0.0", mode="inactive"),
    "video": _sdp() + "m=video 7000 RTP/AVP 99\na=rtpmap:99 H264/90000\n",
    "g729": _sdp(media="[media_port] RTP/AVP 18\na=rtpmap:18 G729/8000"),
    "key": "Signal=#\nDuration=160\n",
    "none": "",
}


class Expander:
    """Turns {{parts}} into sipp's XML, keeping count of branches, CSeq and variables."""

    def __init__(self):
        self.count, self.cseq, self.variables, self.first, self.maybe = 0, 1, 0, "", ""

    def expand(self, text):
        out = re.sub(r"\{\{(\w+)\s*(.*?)\}\}", self._part, text, flags=re.S)
        names = ",".join(f"v{n}" for n in range(1, self.variables + 1))
        return out.replace("</scenario>", f'<Reference variables="{names}"/>\n</scenario>') if names else out

    def _part(self, found):
        words, *lines = [part.strip() for part in found[2].split(" | ")]
        if found[2].startswith("| "):
            words, lines = "", [part.strip() for part in found[2][2:].split(" | ")]
        return getattr(self, "part_" + found[1])(words.split(), lines)

    def _message(self, method, uri, to, cseq, branch, body="none", lines=(), retransmit=True):
        kind = {"none": "", "key": "Content-Type: application/dtmf-relay\n"}.get(body, "Content-Type: application/sdp\n")
        head = (
            f"{method} {uri} SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=z9hG4bK[pid]n[call_number]b{branch}\n"
            f"Max-Forwards: 70\nFrom: <sip:[caller]@[local_ip]>;tag=[pid]t[call_number]\nTo: {to}\nCall-ID: [call_id]\n"
            f"CSeq: {cseq} {method}\nContact: <sip:[caller]@[local_ip]:[local_port];transport=[transport]>\n"
            f"Allow: INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, OPTIONS\n"
        )
        for line in lines:
            name = line.split(":")[0]
            if re.search(rf"^{name}:", head, re.M):
                head = re.sub(rf"^{name}:.*$", lambda _: line, head, flags=re.M)
            else:
                head += line + "\n"
        again = ' retrans="500"' if retransmit and method != "ACK" else ""
        return f"<send{again}><![CDATA[\n{head}{kind}Content-Length: [len]\n\n{BODIES[body]}\n]]></send>"

    def _fresh(self):
        self.count += 1
        return self.count

    def part_invite(self, words, lines):
        self.first = ["INVITE", "sip:[service]@[remote_ip]:[remote_port]", "<sip:[service]@[remote_ip]:[remote_port]>", 1]
        self.first += [self._fresh(), (words or ["offer"])[0], lines]
        self.invited = (self.count, 1)
        return self._message(*self.first)

    def part_again(self, *_):
        # sipp sends nothing more while a message waits to be retransmitted: this one is sent once.
        return self._message(*self.first, retransmit=False)

    def part_merged(self, *_):
        other = [*self.first]
        other[4] = self._fresh()
        return self._message(*other, retransmit=False)

    def part_send(self, words, lines):
        method, body = (words + ["none"])[:2]
        self.cseq += 1
        branch = self._fresh()
        self.maybe = self._maybe(100) if method == "INVITE" else ""
        if method == "INVITE":
            self.invited = (branch, self.cseq)
        to = "<sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]"
        return self._message(method, "[next_url]", to, self.cseq, branch, body, lines)

    def part_stray(self, words, lines):
        to = "<sip:[service]@[remote_ip]:[remote_port]>"
        return self._message(words[0], "sip:[service]@[remote_ip]:[remote_port]", to, 1, self._fresh(), (words + ["none"])[1], lines)

    def part_cancel(self, *_):
        uri = "sip:[service]@[remote_ip]:[remote_port]"
        return self._message("CANCEL", uri, f"<{uri}>", 1, self.first[4])

    def part_ack(self, words, lines):
        to = "<sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]"
        return self._message("ACK", "[next_url]", to, self.invited[1], self._fresh(), (words or ["none"])[0], lines)

    def part_refused(self, words, lines):
        uri = "sip:[service]@[remote_ip]:[remote_port]"
        ack = self._message("ACK", uri, f"<{uri}>[peer_tag_param]", self.invited[1], self.invited[0])
        return self._maybe(100) + self.part_recv(words, lines) + ack

    def part_answered(self, _, lines):
        return self._maybe(100) + self._maybe(180) + self._maybe(183) + self.part_recv(["200"], lines, ' rrs="true" rtd="true"')

    @staticmethod
    def _maybe(code):
        return f'<recv response="{code}" optional="true"/>\n'

    def part_recv(self, words, lines, more=""):
        timeout = f' timeout="{words[1]}"' if len(words) > 1 else ""
        more, maybe, self.maybe = more or (' rrs="true"' if words[0] == "200" and self.maybe else ""), self.maybe, ""
        return f'{maybe}<recv response="{words[0]}"{more}{timeout}>{self._checks(lines)}</recv>\n'

    def part_expect(self, words, lines):
        timeout = f' timeout="{words[1]}"' if len(words) > 1 else ""
        return f'<recv request="{words[0]}"{timeout}>{self._checks(lines)}</recv>\n'

    def _checks(self, lines):
        checks = ""
        for line in lines:
            self.variables += 1
            inverse = ' check_it_inverse="true"' if line.startswith("!") else ' check_it="true"'
            regex = line.lstrip("!").replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
            checks += f'<ereg regexp="{regex}" search_in="msg"{inverse} assign_to="v{self.variables}"/>'
        return f"<action>{checks}</action>" if checks else ""

    def part_ok(self, words, lines):
        body = (words or ["none"])[0]
        kind = "" if body == "none" else "Content-Type: application/sdp\n"
        more = "".join(f"{line}\n" for line in lines)
        return (
            "<send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n"
            f"Contact: <sip:[caller]@[local_ip]:[local_port];transport=[transport]>\n{more}{kind}"
            f"Content-Length: [len]\n\n{BODIES[body]}\n]]></send>"
        )

    def part_bye(self, *_):
        return self.part_send(["BYE"], []) + self.part_recv(["200"], [])

    @staticmethod
    def part_pause(words, _):
        return f'<pause milliseconds="{words[0]}"/>'

    @staticmethod
    def part_dtmf(words, _):
        return f'<nop><action><exec play_dtmf="{words[0]}"/></action></nop>'

    @staticmethod
    def part_speech(*_):
        return '<nop><action><exec rtp_stream="speech.al,-1,8"/></action></nop>'


def scenario(name, into):
    """Writes the expanded scenario and gives its path; its first comment is what the case is called."""
    text = (HERE / "sipp" / f"{name}.xml").read_text()
    path = Path(into) / f"{name}.xml"
    path.write_text('<?xml version="1.0" encoding="UTF-8"?>\n' + Expander().expand(text))
    return path


def run(server, caller, name=None, options=(), ip="127.0.0.1", seconds=30, media_port=None, calls=1, speech=False, busy=False, dialled="495551000"):
    """One run of sipp: a scenario of ours by name, or what `options` say. Raises with sipp's own words if a call failed.

    503 is an honest answer of a server on a machine whose audio runs late, and a caller rings again; not where
    `busy` is what is looked for."""
    command = ["sipp", f"[{server[0]}]:{server[1]}" if ":" in server[0] else f"{server[0]}:{server[1]}"]
    command += ["-i", f"[{ip}]" if ":" in ip else ip, "-mi", ip, "-s", dialled, "-key", "caller", caller, "-m", str(calls)]
    command += ["-mp", str(media_port)] if media_port else []
    command += ["-nostdin", "-recv_timeout", "8000", "-timeout", str(seconds), "-timeout_error"]
    command += ["-trace_err", "-error_file", "errors.log", "-trace_msg", "-message_file", "messages.log", *options]
    for attempt in range(RINGS):
        code, errors, messages = _once(command, name, speech, seconds)
        if code == 0:
            return messages
        if busy or "received 'SIP/2.0 503" not in errors or attempt == RINGS - 1:
            raise AssertionError(f"sipp ended with {code}: {errors[:1500]}\nlast messages:\n{messages[-2500:]}")
        time.sleep(1 + attempt)
    return None


def _once(command, name, speech, seconds):
    """Exit code, errors and messages of one run in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="nightdesk-sipp-") as work:
        if speech:  # what {{speech}} streams: raw A-law
            Path(work, "speech.al").write_bytes(sound.to_alaw(sound.speech(10, 5)))
        scenario_file = ["-sf", str(scenario(name, work))] if name else []
        out = subprocess.run(
            [*command, *scenario_file], cwd=work, capture_output=True, text=True, errors="replace", timeout=seconds + 10
        )
        read = lambda file: file.read_text(errors="replace") if file.exists() else ""
        return out.returncode, read(Path(work, "errors.log")) or out.stderr, read(Path(work, "messages.log"))
