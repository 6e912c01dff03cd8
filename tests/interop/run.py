#!/usr/bin/env python3
"""Other people's telephones against the built program: sipp, baresip, lost packets, kill -9.

run.py [--list] [--jobs N] [WORD ...]     only cases whose name has one of the words
NIGHTDESK_BIN names the program (default target/debug/nightdesk). Prints a line a case and, last, the count.
"""

import argparse
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor, as_completed

import cases_baresip
import cases_crash
import cases_disk
import cases_media
import cases_plans
import cases_signal
import cases_slots
from server import BIN

CASES = [*cases_crash.CASES, *cases_disk.CASES, *cases_signal.CASES, *cases_media.CASES, *cases_plans.CASES, *cases_slots.CASES, *cases_baresip.CASES]


def run_one(case):
    """(case, seconds, what went wrong or None)"""
    started = time.monotonic()
    try:
        case()
        return case, time.monotonic() - started, None
    except Exception as error:  # whatever goes wrong is this case's failure, the others go on
        place = traceback.extract_tb(error.__traceback__)[-1]
        words = str(error) or place.line
        return case, time.monotonic() - started, f"{type(error).__name__} at {place.name}:{place.lineno}: {words}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    # They mostly wait; but each that speaks sends a packet every 20 ms, on two cores.
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("words", nargs="*")
    args = parser.parse_args()
    chosen = [c for c in CASES if not args.words or any(w in c.title for w in args.words)]
    if args.list:
        print("\n".join(c.title for c in chosen))
        return 0
    print(f"interop: {len(chosen)} cases against {BIN}", flush=True)
    failed, threading.excepthook = 0, threading.__excepthook__
    with ThreadPoolExecutor(args.jobs) as pool:
        for done in as_completed([pool.submit(run_one, c) for c in chosen]):
            case, seconds, wrong = done.result()
            print(f"{'not ok' if wrong else 'ok'} - {case.title} ({seconds:.1f} s)", flush=True)
            if wrong:
                failed += 1
                print("    " + wrong.replace("\n", "\n    "), flush=True)
    for shared in [*cases_signal.SHARED.values(), *cases_plans.SHARED.values()]:
        wrong = shared.close()
        if wrong:
            failed += 1
            print(f"not ok - {wrong}", flush=True)
    print(f"{len(chosen) - min(failed, len(chosen))} passed, {failed} failed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
