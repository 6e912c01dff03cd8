"""Audio: what is spoken is what is kept."""

import json
import subprocess
import threading
import time
from pathlib import Path

from cases import book, new_caller
from cases_signal import SHARED
from phone import Phone
from server import BIN
from sound import FRAME, RATE, find, from_alaw, likeness, read_wav, speech, to_alaw, write_wav

CASES = []
case = book(CASES)


def leave(server, caller, samples, end="#", **options):
    """Calls, waits for the beep, speaks, ends with a key or by hanging up. Gives the phone, closed."""
    with Phone(server.address, caller, **options) as phone:
        phone.invite()
        phone.wait_beep()
        phone.spoken_from = phone.stamp
        phone.speak(samples)
        phone.drained(len(samples) / RATE + 5)
        if end == "#":
            phone.press("#")
            phone.drained(2)
            time.sleep(0.3)
    return phone


def check(message, samples, seconds=0.1):
    """The message has the length of what was spoken. Gives its samples and where the speech starts in them."""
    heard = read_wav(message["path"])
    assert abs(len(heard) / RATE - message["duration"]) < 0.05, f"{message['duration']} s are listed, {len(heard) / RATE} s are in the file"
    assert abs(message["duration"] - len(samples) / RATE) <= seconds, f"{message['duration']:.3f} s were kept of {len(samples) / RATE:.3f} s"
    start, like = find(samples[: RATE // 4], heard, 0, RATE // 5)
    return heard, start, like


@case("20 s of speech with 1 % loss: length within 0.1 s, likeness 0.95 where packets arrived")
def speech_with_loss():
    server, caller, samples = SHARED["plain"](), new_caller(), speech(20, 7)
    phone = leave(server, caller, samples, loss=0.01, seed=3)
    assert 3 <= len(phone.lost) <= 30, f"{len(phone.lost)} packets were lost: the test itself is wrong"
    message = server.wait_messages(caller)[0]
    heard, start, _ = check(message, samples)
    sent = from_alaw(to_alaw(samples))
    arrived_a, arrived_b, worst = [], [], 1.0
    lost = {(stamp - phone.spoken_from) % 2**32 // FRAME for stamp in phone.lost}
    # The queue may start some packets after the stamp was read: align the losses by the speech itself.
    for frame in range(len(sent) // FRAME):
        a, b = sent[frame * FRAME : (frame + 1) * FRAME], heard[start + frame * FRAME : start + (frame + 1) * FRAME]
        if len(a) == len(b) and not {frame - 1, frame, frame + 1} & lost:
            arrived_a += a
            arrived_b += b
            worst = min(worst, likeness(a, b))
    assert len(arrived_a) > 0.9 * len(sent)
    like = likeness(arrived_a, arrived_b)
    assert like >= 0.95, f"likeness {like:.3f}, worst 20 ms {worst:.3f}"


@case("a message ended by #: the key is not heard in it")
def key_is_no_part():
    server, caller, samples = SHARED["plain"](), new_caller(), speech(3, 11)
    leave(server, caller, samples)
    message = server.wait_messages(caller)[0]
    heard, _, like = check(message, samples)
    assert like > 0.95, f"likeness {like:.3f}"
    assert message["state"] and not message["urgent"]


@case("a message ended by hanging up is kept whole")
def hang_up():
    server, caller, samples = SHARED["plain"](), new_caller(), speech(3, 12)
    leave(server, caller, samples, end="bye")
    check(server.wait_messages(caller)[0], samples)


@case("hanging up without a word is a missed call, not a message")
def missed():
    server, caller = SHARED["plain"](), new_caller()
    leave(server, caller, [0] * RATE * 2, end="bye")
    assert server.wait_ended(caller)[0]["outcome"] == "no_message"
    assert not server.messages(caller)


@case("a caller who dies in mid-message without BYE: ended by us and kept")
def dead_in_mid_message():
    server, caller, samples = SHARED["plain"](), new_caller(), speech(4, 13)
    with Phone(server.address, caller) as phone:
        phone.invite()
        phone.wait_beep()
        phone.speak(samples)
        phone.drained(10)
        phone.silence_from_now()
        assert phone.ended.wait(70), "no BYE within 70 s of silence on the line"
    check(server.wait_messages(caller)[0], samples)


@case("a stranger who sprays the port is neither recorded nor sent to")
def sprayed():
    server, caller, samples = SHARED["plain"](), new_caller(), speech(4, 14)
    with Phone(server.address, caller) as phone, Phone(server.address, "0", ip="127.0.0.3") as stranger:
        phone.invite()
        phone.wait_beep()
        stranger.remote_rtp = phone.remote_rtp
        stranger.speak(speech(10, 99))
        sprayer = threading.Thread(target=stranger._send_audio, daemon=True)
        stranger.threads.append(sprayer)
        sprayer.start()
        phone.speak(samples)
        phone.drained(10)
        phone.press("#")
        phone.drained(2)
        time.sleep(0.3)
        stranger.rtp.settimeout(0.2)
        try:
            assert not stranger.rtp.recv(2048), "the stranger was sent audio"
        except TimeoutError:
            pass
    _, _, like = check(server.wait_messages(caller)[0], samples)
    assert like > 0.95, f"likeness {like:.3f}"


@case("the review menu: urgent (5), then added to (4)")
def review():
    server, caller, samples = SHARED["plain"](), new_caller(), speech(3, 15)
    with Phone(server.address, caller) as phone:
        phone.invite()
        phone.wait_beep()
        phone.speak(samples)
        phone.drained(10)
        phone.press("#")
        time.sleep(1)
        phone.press("5")
        time.sleep(1)
        phone.beep.clear()
        phone.press("4")
        phone.wait_beep()
        phone.speak(samples)
        phone.drained(10)
        phone.press("#")
        phone.drained(2)
        time.sleep(0.5)
    wait_for = server.wait_messages(caller)[0]
    assert wait_for["urgent"], f"not urgent: {wait_for}"
    assert abs(wait_for["duration"] - 6) < 0.5, f"{wait_for['duration']} s of 6 s are kept"


@case("our own softphone hears the greeting and the beep, speaks, presses # (UDP, TCP)")
def softphone():
    server, samples = SHARED["plain"](), speech(2, 16)
    said, heard = Path(server.data, "said.wav"), Path(server.data, "heard.wav")
    write_wav(said, samples)
    for transport in ("udp", "tcp"):
        caller = new_caller()
        words = [BIN, "call", f"sip:495551000@127.0.0.1:{server.sip}", "--from", f"sip:{caller}@127.0.0.1", "--transport", transport]
        words += ["--play", str(said), "--keys", "#", "--record", str(heard), "--linger", "1", "--json"]
        out = subprocess.run(words, capture_output=True, text=True, timeout=60)
        assert out.returncode == 0, f"exit {out.returncode}: {out.stderr}"
        report = json.loads(out.stdout)
        assert report["answered"] and report["beeps"] >= 1 and report["said"], f"{transport}: {report}"
        assert len(read_wav(heard)) > 2 * RATE, "too little was heard"
        # What it says does not begin on a packet's edge: one packet of length more than the others may have.
        check(server.wait_messages(caller)[0], samples, 0.12)
