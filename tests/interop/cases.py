"""What a case is, and servers that many cases share."""

import itertools
import threading

from server import Server

_callers = itertools.count(1)
_callers_lock = threading.Lock()


def new_caller():
    """A number of Drama (Bundesnetzagentur: +49 30 23125 000 ff.) that no other case calls from."""
    with _callers_lock:
        return f"493023125{next(_callers):03}"


def book(cases):
    """A decorator that adds a function to `cases` under a title."""

    def titled(title):
        def add(function):
            function.title = title
            cases.append(function)
            return function

        return add

    return titled


class Shared:
    """One server for the cases that do not harm each other; started by the first that asks."""

    def __init__(self, what, *options, **more):
        self.what, self.options, self.more = what, options, more
        self.lock, self.server, self.wrong = threading.Lock(), None, None

    def __call__(self):
        with self.lock:
            if self.wrong:
                raise self.wrong
            if self.server is None:
                server = Server(*self.options, **self.more)
                try:
                    self.server = server.start()
                except Exception as error:  # the next case need not wait for it again
                    self.wrong = error
                    raise
            return self.server

    def close(self):
        """What the server complains of at its end, or None."""
        if self.server is None:
            return None
        if self.server.process.poll() is not None:
            return f"the server of {self.what} died with {self.server.process.returncode}:\n{self.server.tail()}"
        log = self.server.tail(10_000)
        try:
            self.server.__exit__(None)
        except TimeoutError as error:
            return f"the server of {self.what}: {error}"
        if "panicked at" in log:
            return f"the server of {self.what} panicked:\n" + "\n".join(l for l in log.splitlines() if "panicked" in l)
        return None
