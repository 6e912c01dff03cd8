"""baresip, a real telephone, as caller. It refuses loopback: two network namespaces with a cable between them."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from cases import book, new_caller
from server import Server
from sound import RATE, find, read_wav, speech, write_wav

CASES = []
case = book(CASES)

# TEST-NET-1 (RFC 5737).
DESK, CALLER = "192.0.2.1", "192.0.2.2"

CONFIG = """\
sip_listen {ip}:5060
audio_player aubridge,nowhere
audio_source aufile,{wav}
audio_alert aubridge,nowhere
module_path {modules}
module stdio.so
module g711.so
module aubridge.so
module aufile.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
"""


def ip(*words):
    out = subprocess.run(["ip", *words], capture_output=True, text=True)
    if out.returncode != 0:
        raise PermissionError(f"ip {' '.join(words)}: {out.stderr.strip()} (network namespaces need root)")


@contextmanager
def cable():
    """Two namespaces, one for us and one for the caller, joined by a veth pair."""
    desk, caller = f"nd{os.getpid()}a", f"nd{os.getpid()}b"
    try:
        for name in (desk, caller):
            ip("netns", "add", name)
        ip("link", "add", "veth0", "netns", desk, "type", "veth", "peer", "name", "veth0", "netns", caller)
        for name, address in ((desk, DESK), (caller, CALLER)):
            ip("-n", name, "addr", "add", f"{address}/24", "dev", "veth0")
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", "veth0", "up")
        yield desk, caller
    finally:
        for name in (desk, caller):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


def modules():
    """Where Debian keeps baresip's modules: /usr/lib/baresip or below the architecture's folder."""
    for place in ("/usr/lib/baresip/modules", *Path("/usr/lib").glob("*/baresip/modules")):
        if Path(place, "g711.so").exists():
            return str(place)
    raise FileNotFoundError("baresip's modules are not below /usr/lib")


@contextmanager
def baresip(netns, caller, samples):
    """baresip in its namespace, speaking `samples` from the answer on. Give it commands by `.command("/dial …")`."""
    home = Path(tempfile.mkdtemp(prefix="nightdesk-baresip-"))
    write_wav(home / "speech.wav", samples)
    (home / "config").write_text(CONFIG.format(ip=CALLER, wav=home / "speech.wav", modules=modules()))
    (home / "accounts").write_text(f"<sip:{caller}@{CALLER}>;regint=0;audio_codecs=PCMA/8000/1\n")
    (home / "contacts").touch()
    log = (home / "log").open("wb")
    command = ["ip", "netns", "exec", netns, "baresip", "-4", "-f", str(home), "-t", "90"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT)
    process.words = lambda: (home / "log").read_text(errors="replace")
    process.command = lambda text: (process.stdin.write(text.encode()), process.stdin.flush())
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()
        shutil.rmtree(home, ignore_errors=True)


def until(process, words, seconds):
    deadline = time.monotonic() + seconds
    while words not in process.words():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"baresip did not say '{words}' within {seconds} s:\n{process.words()[-2000:]}")
        time.sleep(0.1)


@case("baresip over a veth pair: presses # through the greeting, speaks, hangs up; the message is what it said")
def over_veth():
    caller, samples = new_caller(), speech(60, 21)
    with cable() as (desk, other), Server(ip=DESK, netns=desk, trust=f"{CALLER}/32") as server:
        with baresip(other, caller, samples) as phone:
            until(phone, "ready", 10)
            phone.command(f"/dial sip:495551000@{DESK}:{server.sip}\n")
            until(phone, "Call established", 10)
            time.sleep(1)
            phone.command("#")
            time.sleep(7)
            phone.command("/hangup\n")
            time.sleep(0.5)
        message = server.wait_messages(caller)[0]
        assert 4 <= message["duration"] <= 8, f"{message['duration']} s were kept of about 6 s"
        heard = read_wav(message["path"])
        _, like = find(heard[RATE : RATE + 800], samples, RATE, 8 * RATE)
        assert like >= 0.95, f"likeness {like:.3f}"
