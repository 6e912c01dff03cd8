"""The built program as a process: started on free ports with its own data, asked by its own command line, killed by its pid."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = os.environ.get("NIGHTDESK_BIN", str(ROOT / "target" / "debug" / "nightdesk"))


def free_port(ip="127.0.0.1"):
    """A port that is free for UDP and TCP, on IPv4 and IPv6."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.bind((ip, 0))
            port = tcp.getsockname()[1]
            try:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                    udp.bind((ip, port))
                    return port
            except OSError:
                continue


class Server:
    """`nightdesk serve` on `ip`. Its data outlive it: start() again after kill()."""

    def __init__(self, *options, ip="127.0.0.1", ipv6=False, netns=None, trust="127.0.0.0/8,::1/128"):
        self.ip, self.netns = ip, netns
        self.data = Path(tempfile.mkdtemp(prefix="nightdesk-interop-"))
        probe = "127.0.0.1" if netns else ip
        self.sip, self.http = free_port(probe), free_port(probe)
        self.log = self.data / "server.log"
        self.command = [BIN, "serve", "--data", str(self.data / "data"), "--sip", f"{ip}:{self.sip}"]
        self.command[-1] += f",[::1]:{self.sip}" if ipv6 else ""
        self.command += ["--http", f"{ip}:{self.http}", "--trust", trust, *options]
        if netns:
            self.command = ["ip", "netns", "exec", netns, *self.command]
        self.process = None

    @property
    def address(self):
        return (self.ip, self.sip)

    def start(self, seconds=20):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + seconds
        while not self.ready():
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"/readyz is not 200 after {seconds} s:\n{self.tail()}")
            time.sleep(0.03)
        return self

    def ready(self):
        url = f"http://{self.ip}:{self.http}/readyz"
        if self.netns:
            probe = [BIN, "health", "--url", f"http://{self.ip}:{self.http}"]
            return subprocess.run(["ip", "netns", "exec", self.netns, *probe], capture_output=True).returncode == 0
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def tail(self, lines=30):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def kill(self):
        """kill -9: no chance to tidy up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Ends it as an operator would; it must end by itself."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()
                raise TimeoutError(f"the server does not end on SIGTERM:\n{self.tail()}") from None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *_):
        try:
            self.stop()
        finally:
            if kind is None:
                shutil.rmtree(self.data, ignore_errors=True)

    # ---- what it says of itself

    def ask(self, *words):
        out = subprocess.run([BIN, *words, "--data", str(self.data / "data"), "--json"], capture_output=True, text=True, timeout=20)
        if out.returncode != 0:
            raise RuntimeError(f"nightdesk {' '.join(words)}: exit {out.returncode}: {out.stderr.strip()}")
        return json.loads(out.stdout)

    def tell(self, *words, good=True):
        """A command about this server's data; its words. `good`: whether it must succeed."""
        command = [BIN, *words, "--data", str(self.data / "data")]
        out = subprocess.run(command, capture_output=True, text=True, timeout=20)
        assert (out.returncode == 0) == good, f"nightdesk {' '.join(words)}: exit {out.returncode}: {out.stderr}{out.stdout}"
        return out.stdout + out.stderr

    def messages(self, caller):
        return [m for m in self.ask("message", "list") if same_number(m["caller"], caller)]

    def calls(self, caller):
        return [c for c in self.ask("call", "list") if same_number(c["caller"], caller)]

    def wait_messages(self, caller, count=1, seconds=10):
        """The caller's messages, once there are `count` of them."""
        return wait(lambda: self.messages(caller), lambda got: len(got) >= count, seconds, f"{count} message(s) of {caller}")

    def wait_ended(self, caller, count=1, seconds=10):
        """The caller's calls, once all of them are over and there are `count`."""
        done = lambda calls: len(calls) >= count and all(c["ended_at"] for c in calls)
        return wait(lambda: self.calls(caller), done, seconds, f"{count} ended call(s) of {caller}")


def same_number(kept, dialled):
    """Kept numbers may be in E.164 form; the callers of these tests have numbers that survive it by their tail."""
    return (kept or "").lstrip("+").endswith(dialled.lstrip("+0")[-9:])


def wait(look, good, seconds, what):
    deadline = time.monotonic() + seconds
    while True:
        got = look()
        if good(got):
            return got
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds} s; last seen: {json.dumps(got)[:600]}")
        time.sleep(0.1)
