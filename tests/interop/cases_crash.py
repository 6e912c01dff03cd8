"""kill -9 in mid-message: what was said is there after the next start."""

import random
import time

from cases import book, new_caller
from phone import Phone
from server import Server
from sound import RATE, find, read_wav, speech

CASES = []
case = book(CASES)

KILLS, CALLS, SEED = 20, 3, 20261121


@case(f"kill -9 in mid-message, {KILLS} times with {CALLS} calls: there, playable, once, at most the last second lost")
def killed():
    rng = random.Random(SEED)
    server = Server()
    words = [speech(8, seed) for seed in range(CALLS)]
    try:
        for n in range(KILLS):
            one_death(server, words, rng, f"kill {n + 1} (seed {SEED})")
    finally:
        if server.process.poll() is None:
            server.stop()


def one_death(server, words, rng, what):
    server.start()
    phones = [Phone(server.address, new_caller()) for _ in words]
    try:
        for phone in phones:
            phone.invite()
        time.sleep(0.3)
        for phone in phones:
            phone.press("#")
        for phone, samples in zip(phones, words):
            phone.hear_beep()
            phone.began = time.monotonic()
            phone.speak(samples)
        time.sleep(rng.uniform(2, 5))
        server.kill()
        died = time.monotonic()
    finally:
        for phone in phones:
            phone.ended.set()
            phone.close()
    server.start()
    for phone, samples in zip(phones, words):
        said = min(died - phone.began, len(samples) / RATE)
        found_again(server, phone.caller, samples, said, what)
    server.kill()


def found_again(server, caller, samples, said, what):
    messages = server.wait_messages(caller)
    assert len(messages) == 1, f"{what}: {len(messages)} messages of one call"
    heard = read_wav(messages[0]["path"])
    kept = messages[0]["duration"]
    # The beep's end is heard up to 60 ms late, and silence before the first word is trimmed.
    assert said - 1.1 <= kept <= said + 0.25, f"{what}: {kept:.2f} s kept of {said:.2f} s spoken"
    assert abs(len(heard) / RATE - kept) < 0.05, f"{what}: {kept} s are listed, {len(heard) / RATE} s are in the file"
    _, like = find(samples[: RATE // 4], heard, 0, RATE // 5)
    assert like > 0.95, f"{what}: likeness {like:.3f}"
    assert not [c for c in server.calls(caller) if not c["ended_at"]], f"{what}: the call is still open"
