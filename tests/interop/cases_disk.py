"""Disks that are small, full or read-only: the caller hears the truth, number and time are kept."""

import subprocess
import time
from contextlib import contextmanager

from cases import book, new_caller
from cases_media import leave
from server import Server, wait
from sound import speech

CASES = []
case = book(CASES)


@contextmanager
def own_disk(folder, size):
    """A disk of our own on `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, text=True)
    assert made.returncode == 0, f"mount: {made.stderr.strip()} (these cases need root)"
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def remount(folder, how):
    subprocess.run(["mount", "-o", f"remount,{how}", folder], check=True)


def played(server, caller):
    """The prompts of the caller's only call, once it is over."""
    server.wait_ended(caller)
    (call,) = server.calls(caller)
    return call, [entry["prompt"] for entry in call["timeline"] if entry["kind"] == "played"]


def told_the_truth(server, caller):
    call, prompts = played(server, caller)
    assert "not-kept" in prompts, f"the caller heard {prompts}"
    assert "saved" not in prompts, f"the caller heard {prompts}"
    assert call["outcome"] == "failed", call["outcome"]
    assert call["started_at"], "no time"


def ring_out(server, caller):
    """Calls, and listens until the other side hangs up."""
    from phone import Phone

    with Phone(server.address, caller) as phone:
        phone.invite()
        assert phone.ended.wait(40), "it never hung up"


@case("too little room: no recording begins, the caller is told, number and time are kept")
def little_room():
    server = Server("--disk-low", "64M")
    with own_disk(server.data / "data", "32M"), server:
        caller = new_caller()
        ring_out(server, caller)
        told_the_truth(server, caller)
        assert not server.messages(caller)


@case("recordings on a full disk: the caller is told, number and time are kept, and what fitted after the next start")
def full():
    server = Server()
    with own_disk(server.data / "data" / "recordings", "48k") as disk:
        with server:
            caller = new_caller()
            leave(server, caller, speech(12, 7), end="")
            told_the_truth(server, caller)
            remount(disk, "size=4M")
            good = new_caller()
            leave(server, good, speech(3, 8))
            server.wait_messages(good)
            server.stop()
            server.start()
            # Whether the take can be finished is for the next start to find out: never a loss of both.
            kept = wait(lambda: server.messages(caller), lambda _: True, 1, "a list")
            assert len(kept) <= 1, "once at most"


@case("recordings read-only: the caller is told, number and time are kept; the next caller is served when it is mended")
def read_only():
    server = Server()
    with own_disk(server.data / "data" / "recordings", "8M") as disk, server:
        remount(disk, "ro")
        caller = new_caller()
        leave(server, caller, speech(3, 9), end="")
        told_the_truth(server, caller)
        remount(disk, "rw")
        again = new_caller()
        leave(server, again, speech(3, 10))
        (message,) = server.wait_messages(again)
        assert abs(message["duration"] - 3) <= 0.1, message["duration"]


@case("the whole disk full: the reserve keeps number and time")
def reserve():
    server = Server("--disk-low", "16M")
    with own_disk(server.data / "data", "40M") as disk, server:
        filler = disk / "filler"
        with filler.open("wb") as file:
            try:
                while True:
                    file.write(bytes(64 * 1024))
                    file.flush()
            except OSError:
                pass
        caller = new_caller()
        ring_out(server, caller)
        told_the_truth(server, caller)
        filler.unlink()
        time.sleep(0.2)
        good = new_caller()
        leave(server, good, speech(2, 11))
        (message,) = server.wait_messages(good)
        assert abs(message["duration"] - 2) <= 0.1, message["duration"]
