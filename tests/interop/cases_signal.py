"""Signalling: what trunks, routers and strangers do. The scenarios are in sipp/."""

import re
import socket
import time

import sipp
from cases import Shared, book, new_caller
from phone import Phone, header
from server import Server, free_port

CASES = []
case = book(CASES)

SHARED = {
    "plain": Shared("plain calls", ipv6=True),
    "ringing": Shared("calls that ring first", "--ring", "1s"),
}


def scenario(title, name, *options, on="plain", seconds=30, calls=1, outcome=None, speaks=False):
    """A case that runs one scenario and then asks the server how many calls it saw and how they ended."""

    @case(f"sipp {name}: {title}")
    def run():
        server, caller = SHARED[on](), new_caller()
        sipp.run(server.address, caller, name, options, seconds=seconds, media_port=media_port(), speech=speaks)
        if calls:
            kept = server.wait_ended(caller, calls)
            assert len(kept) == calls, f"{len(kept)} calls were kept, {calls} expected: {kept}"
            assert outcome is None or kept[0]["outcome"] == outcome, f"the outcome is {kept[0]}"
        else:
            time.sleep(0.3)
            assert not server.calls(caller), f"a call was kept: {server.calls(caller)}"


def media_port():
    port = free_port()
    return port - port % 2 if port < 65000 else 40000


scenario("a plain call", "call")
scenario("lost ACK: 200 again and again, then BYE", "lost_ack", "-nr", seconds=60)
scenario("late ACK: the call goes on", "late_ack", "-nr")
scenario("repeated INVITE: one call", "repeated_invite", "-pause_msg_ign")
scenario("repeated INVITE while it rings: one call", "repeated_ringing", on="ringing")
scenario("CANCEL after the answer", "cancel_late")
scenario("CANCEL while it rings", "cancel_ringing", on="ringing", outcome="abandoned")
scenario("late offer", "late_offer")
scenario("hold and resume", "hold")
scenario("re-INVITE without offer", "reinvite_no_offer")
scenario("reliable provisional answers", "prack", on="ringing")
scenario("reliable provisional answers, PRACK lost", "prack_lost", "-nr", on="ringing")
scenario("UPDATE", "update")
scenario("session timer, they refresh", "timer_theirs")
scenario("session timer, too small", "timer_small", calls=0)
scenario("session timer, we refresh", "timer_ours", seconds=80, speaks=True)
scenario("session timer, they fail to refresh", "timer_missed", seconds=120, speaks=True)
scenario("dead caller", "dead_caller", seconds=80)
scenario("OPTIONS", "options", calls=0)
scenario("unknown Require", "require_unknown", calls=0)
scenario("unknown method", "method_unknown", calls=0)
scenario("no such dialog", "no_dialog", calls=0)
scenario("no such dialog, INVITE", "no_dialog_invite", calls=0)
scenario("no codec in common", "no_codec", outcome="refused")
scenario("video beside audio", "video")
scenario("merged request", "merged")
scenario("Max-Forwards 0", "too_many_hops", calls=0)
scenario("key by INFO", "info_key")
scenario("a plain call over TCP", "call", "-t", "t1")
scenario("hold over TCP", "hold", "-t", "t1")
scenario("late offer over TCP", "late_offer", "-t", "t1")
scenario("OPTIONS over TCP", "options", "-t", "t1", calls=0)


@case("sipp -sn uac: its own caller, 20 calls")
def own_caller():
    server = SHARED["plain"]()
    sipp.run(server.address, "0", None, ["-sn", "uac", "-r", "10", "-d", "300"], calls=20, media_port=media_port())


@case("sipp over IPv6: a plain call, hold, TCP")
def ipv6():
    server, caller = SHARED["plain"](), new_caller()
    for name, options in [("call", []), ("hold", []), ("call", ["-t", "t1"])]:
        sipp.run(("::1", server.sip), caller, name, options, ip="::1", media_port=media_port())
    server.wait_ended(caller, 3)


@case("503 beyond the limit, and served again after")
def busy():
    with Server("--calls-max", "1") as server:
        with Phone(server.address, new_caller()) as phone:
            phone.invite()
            sipp.run(server.address, new_caller(), "busy", media_port=media_port(), busy=True)
        caller = new_caller()
        time.sleep(0.5)
        sipp.run(server.address, caller, "call", media_port=media_port())


@case("CANCEL race: at 25 moments about the answer, every call ends and is kept once")
def cancel_race():
    server, caller = SHARED["plain"](), new_caller()
    for n in range(25):
        while not cancel_after(server, caller, n * 0.0004):
            time.sleep(1)
    calls = server.wait_ended(caller, 25)
    assert len(calls) == 25, f"{len(calls)} calls were kept of 25"


def cancel_after(server, caller, delay):
    """Whoever wins, each request gets its answer, and a 200 is acknowledged and hung up. False if we were busy."""
    phone = Phone(server.address, caller)
    phone.request("INVITE", phone.invite_branch, body=phone.sdp())
    time.sleep(delay)
    phone.request("CANCEL", phone.invite_branch)
    finals, deadline = {}, time.monotonic() + 5
    while len(finals) < 2 and time.monotonic() < deadline:
        message = phone.receive(1) or ""
        if re.match(r"SIP/2\.0 [2-6]", message):
            finals[header(message, "CSeq").split()[1]] = message
    codes = {method: int(m.split()[1]) for method, m in finals.items()}
    if codes.get("INVITE") == 503:
        phone.close()
        return False
    assert codes in ({"INVITE": 200, "CANCEL": 200}, {"INVITE": 487, "CANCEL": 200}), f"answers after {delay} s: {codes}"
    phone.to = header(finals["INVITE"], "To")
    if codes["INVITE"] == 200:
        phone.target = re.search(r"<(sip:[^>]+)>", header(finals["INVITE"], "Contact"))[1]
        phone.request("ACK")
        phone.hang_up()
        assert (phone.receive(2) or "").startswith("SIP/2.0 200"), "BYE was not answered"
    else:
        phone.request("ACK", phone.invite_branch)
    phone.close()
    return True


@case("strangers get one stateless answer, the same for real and invented names")
def stranger():
    with Server(trust="127.0.0.1/32") as server:
        answers = [stranger_asks(server, method, user) for method in ("INVITE", "OPTIONS", "REGISTER") for user in ("495551000", "nobody")]
        for user in (0, 1):
            assert answers[0 + user][0].split()[1] == answers[0][0].split()[1]
        for got, asked in answers:
            assert len(got) <= len(asked), f"the answer is longer than the question ({len(got)} > {len(asked)}): reflection"
            assert not header(got, "Server") and not header(got, "User-Agent"), f"a banner: {got}"
        shape = lambda text: re.sub(r"(branch|tag|rport)=[^;\r\n]+|495551000|nobody|127.0.0.2:[0-9]+|Call-ID: \S+|CSeq: .*", "", text)
        assert shape(answers[0][0]) == shape(answers[1][0]), f"real and invented names differ:\n{answers[0][0]}\n{answers[1][0]}"
        assert server.ask("call", "list") == [], "a stranger's call was kept"
        with Phone(server.address, new_caller()) as friend:
            friend.invite()


def stranger_asks(server, method, user):
    """One request from 127.0.0.2: its only answer (nothing within 1.2 s after it), and the question."""
    phone = Phone(server.address, "4930231259", ip="127.0.0.2")
    phone.target = f"sip:{user}@127.0.0.1:{server.sip}"
    asked = []
    send = phone.sip.sendto
    phone.sip = Spy(phone.sip, asked)
    phone.request(method, phone.invite_branch, body=phone.sdp() if method == "INVITE" else "")
    got = phone.receive(2)
    assert got, f"no answer to {method}"
    assert phone.receive(1.2) is None, f"a second answer to one {method}: state was kept for a stranger"
    phone.close()
    return got, asked[0]


class Spy:
    """A socket that notes what is sent."""

    def __init__(self, sock, notes):
        self.sock, self.notes = sock, notes

    def sendto(self, data, to):
        self.notes.append(data.decode())
        return self.sock.sendto(data, to)

    def __getattr__(self, name):
        return getattr(self.sock, name)


@case("a broken TCP stream is closed, the next caller is served")
def broken_stream():
    server = SHARED["plain"]()
    for junk in (b"\x00\xff" * 5000, b"INVITE sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\n", b"A: b\r\n" * 20000):
        with socket.create_connection(server.address, 5) as stream:
            stream.settimeout(12)
            try:
                stream.sendall(junk)
                while stream.recv(4096):
                    pass
            except (ConnectionResetError, BrokenPipeError):
                pass
    sipp.run(server.address, new_caller(), "call", ["-t", "t1"], media_port=media_port())
