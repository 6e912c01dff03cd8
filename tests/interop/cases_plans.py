"""Plans in real calls: what the simulator says is what is heard, keys interrupt, broken texts change nothing."""

import json
import subprocess
import time
from pathlib import Path

import sipp
from cases import Shared, book, new_caller
from phone import Phone
from server import BIN, ROOT, Server, wait
from sound import speech, write_wav

CASES = []
case = book(CASES)

PLANS = ROOT / "dialplans"
SHARED = {}
# A sentence of the plan, and one of two more: what the three texts of the reload cases are told by.
TEXT = """
[line]
open = "menu.frage"
[menu.frage]
say = "{}"
key.1 = "hangup.ende"
silence = "hangup.ende"
[hangup.ende]
say = "{}"
"""
FIRST = "Dies ist der erste Text dieser Prüfung."
SECOND = "Hier spricht nun die zweite Fassung."
END = "Und damit ist diese Prüfung am Ende."


def with_plan(plan, *options):
    """A server of its own whose first business has a plan that ships, by its name."""

    class Planned(Server):
        def start(self, seconds=20):
            super().start(seconds)
            self.tell("plan", "apply", str(PLANS / f"{plan}.toml"), *options)
            time.sleep(1.5)  # the running process looks once a second
            return self

    return Planned


def call(server, number, *options, keys="", seconds=60, linger=3):
    """A call of the program's own telephone: its report."""
    command = [BIN, "call", f"sip:{number}@{server.ip}:{server.sip}", "--at-once", "--json", "--for", str(seconds)]
    command += ["--linger", str(linger), "--keys", keys, "--data", str(server.data / "data"), *options]
    out = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 100)
    assert out.stdout, out.stderr
    return json.loads(out.stdout)


def simulated(server, *options):
    """What the simulator says that a caller hears now."""
    return server.ask("simulate", *options)


def sentences(told):
    return [heard["text"] for heard in told["heard"] if heard["kind"] == "says" and "prompt" not in heard]


# Plan, its language, a key, and after how many seconds it is pressed: when what is said before has been said.
WAYS = [("klempner", "de", "3", 28), ("medical-practice", "en", "4", 28), ("zweisprachig", "de", "1", 18)]


def heard_as_simulated(plan, language, keys, after):
    planned = with_plan(plan)()
    with planned as server:
        number = (server.ask("number", "list") or ["495551000"])[0]
        number = (number["number"] if isinstance(number, dict) else number).lstrip("+")
        # Whatever day it is: closed by hand until some days from now, and told so.
        server.tell("opening", "close", "--until", "next opening")
        time.sleep(1.5)
        told = simulated(server, "--keys", keys)
        wanted = [text for text in sentences(told) if len(text) > 12][:4]
        assert len(wanted) >= 2, told
        hear = [part for text in wanted for part in ("--hear", text)]
        # The pauses let it be said to its end before each key.
        report = call(server, number, "--language", language, *hear, keys="…" * (after // 2) + keys + "…" * 9, linger=1)
        missing = [one for one in report["found"] if not one["heard"]]
        assert not missing, f"not heard: {missing}\nsimulated: {json.dumps(told, ensure_ascii=False)}\n{report}"


for way in WAYS:
    title = f"a call through {way[0]} hears what the simulator says"
    case(title)(lambda way=way: heard_as_simulated(*way))


@case("sipp chooses from a menu by RFC 4733 and leaves a message there")
def chosen_by_sipp():
    with with_plan("klempner")() as server:
        server.tell("opening", "close", "--until", "next opening")
        time.sleep(1.5)
        caller = new_caller()
        sipp.run(server.address, caller, "plan_keys", speech=True, dialled="493023125001", seconds=40)
        message = server.wait_messages(caller)[0]
        assert message["step"] == "message.rueckruf", message


@case("a key stops the words of a menu within 60 ms")
def barge_in():
    with with_plan("klempner")() as server:
        server.tell("opening", "close", "--until", "next opening")
        time.sleep(1.5)
        late = []
        for _ in range(5):
            with Phone(server.address, new_caller(), dialled="493023125001") as phone:
                phone.invite()
                # In mid-sentence: loud for some time.
                wait(lambda: [loud for _, loud in phone.heard[-15:]], lambda got: sum(l > 300 for l in got) > 8, 10, "speech")
                phone.press("3")
                wait(lambda: len(phone.pressed_at), lambda count: count == 1, 3, "a key")
                time.sleep(0.5)
                pressed = phone.pressed_at[0]
                # The next words begin with 100 ms of silence: the first quiet packet is where the old ones end.
                quiet = [at - pressed for at, loud in phone.heard if at > pressed and loud < 60]
                assert quiet, "it goes on speaking"
                late.append(min(quiet))
        late.sort()
        assert late[2] <= 0.060, f"ms from the key to silence: {[round(1000 * l) for l in late]}"


@case("a broken plan is refused with its place, and the line goes on")
def broken_plan():
    with Server() as server:
        good, bad = server.data / "good.toml", server.data / "bad.toml"
        good.write_text(TEXT.format(FIRST, END))
        bad.write_text(TEXT.format(SECOND, END).replace("hangup.ende\"\nsilence", "hangup.fehlt\"\nsilence"))
        server.tell("plan", "apply", str(good))
        told = server.tell("plan", "apply", str(bad), good=False)
        assert "hangup.fehlt" in told and "bad.toml:6" in told, told
        time.sleep(1.5)
        report = call(server, "495551000", "--hear", FIRST, "--hear", SECOND, keys="…" * 4)
        assert [one["heard"] for one in report["found"]] == [True, False], report
        history = server.ask("plan", "history")
        assert len(history if isinstance(history, list) else history["revisions"]) == 1, history


@case("a directory of plans is followed; a broken file keeps the last good text")
def plan_dir():
    probe = Server()
    plans = probe.data / "plans"
    plans.mkdir()
    text = plans / "laden.toml"
    text.write_text(TEXT.format(FIRST, END))
    probe.command += ["--plan-dir", str(plans)]

    def hears():
        found = call(probe, "495551000", "--hear", FIRST, "--hear", SECOND, keys="…" * 4)["found"]
        return [one["heard"] for one in found]

    with probe as server:
        assert hears() == [True, False]
        text.write_text("[line]\nopen = \"menu.frage\"\n[menu.fra")
        time.sleep(2)
        assert hears() == [True, False], "a broken file took the line down"
        assert "laden.toml" in server.tail(200), "the log does not name the file"
        text.write_text(TEXT.format(SECOND, END))
        time.sleep(2)
        assert hears() == [False, True]


@case("a running call keeps its plan while another comes")
def running_call_keeps_its_plan():
    with Server() as server:
        first, second = server.data / "first.toml", server.data / "second.toml"
        first.write_text(TEXT.format(FIRST, "Der erste Text endet hiermit."))
        second.write_text(TEXT.format(SECOND, "Die zweite Fassung endet auf andere Weise."))
        server.tell("plan", "apply", str(first))
        time.sleep(1.5)
        command = [BIN, "call", f"sip:495551000@{server.ip}:{server.sip}", "--at-once", "--json", "--for", "40"]
        command += ["--keys", "…" * 4 + "1", "--linger", "5", "--data", str(server.data / "data"), "--hear", FIRST]
        command += ["--hear", "Der erste Text endet hiermit.", "--hear", "Die zweite Fassung endet auf andere Weise."]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(2)
        server.tell("plan", "apply", str(second))
        out, err = running.communicate(timeout=70)
        assert [one["heard"] for one in json.loads(out)["found"]] == [True, True, False], out + err
        report = call(server, "495551000", "--hear", SECOND, keys="…" * 4)
        assert report["found"][0]["heard"], report


@case("the owner closes by telephone, and the next caller hears until when")
def owner_closes():
    with Server() as server:
        set_pin = subprocess.run(
            [BIN, "tenant", "pin", "set", "--data", str(server.data / "data")], input="473926\n", capture_output=True, text=True
        )
        assert set_pin.returncode == 0, set_pin.stderr
        wrong = call(server, "495551000", "--hear", "owner-done", keys=",,*,111222#…,1,1,1……", linger=4)
        assert not wrong["found"][0]["heard"], "a wrong PIN closes"
        assert server.ask("opening", "show")["open"], "a wrong PIN closes"
        right = call(server, "495551000", "--hear", "owner-done", keys=",,*,473926#…,1,1,1……", linger=8)
        assert right["found"][0]["heard"], right
        time.sleep(1.5)
        assert not server.ask("opening", "show")["open"]
        told = sentences(simulated(server))
        assert told and "geschlossen" in told[0], told
        report = call(server, "495551000", "--hear", told[0], keys="…" * 4)
        assert report["found"][0]["heard"], report
        # Typed digits are nowhere: not in the log, not in the timelines.
        kept = json.dumps(server.ask("call", "list")) + server.tail(100_000)
        assert "473926" not in kept


@case("the owner records the greeting by telephone, and the next caller hears it")
def owner_records():
    with Server() as server:
        subprocess.run(
            [BIN, "tenant", "pin", "set", "--data", str(server.data / "data")], input="473926\n", capture_output=True, text=True, check=True
        )
        own = server.data / "own.wav"
        write_wav(own, speech(4, 77))
        keys = ",,*,473926#…,4,,1,,1~#……,1…"
        kept = call(server, "495551000", "--hear", "owner-done", "--play", str(own), keys=keys, linger=6)
        assert kept["found"][0]["heard"], kept
        time.sleep(1.5)
        report = call(server, "495551000", "--hear", str(own), keys="…" * 4)
        assert report["found"][0]["heard"], report
        versions = server.ask("prompt", "history", "greeting")
        assert versions, versions
