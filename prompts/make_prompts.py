#!/usr/bin/env python3
"""Renders the prompts from their tables, and checks what was rendered.

  prompts/make_prompts.py            renders what is missing or stale
  prompts/make_prompts.py --check    holds tables, manifests and files against each other; needs Python alone

To render:  python3 -m venv /tmp/prompts && /tmp/prompts/bin/pip install -r prompts/requirements.txt
            /tmp/prompts/bin/python prompts/make_prompts.py

Tables:     prompts.<language>.tsv: id, text, kind (phrase if absent; beep: a tone, not spoken; small: a phrase that
            is long, or that owners alone hear: kept like a fragment)
            say.<language>.tsv: fragments of sentences: id, text, kind (level: something follows; falling:
            before a full stop)
Files:      <language>/<id>.wav (small: .flac) and say/<language>/<id>.flac, 16 kHz mono 16-bit, and a manifest.json beside them

A file is rendered again when its text, kind, voice or the way of rendering changed. The bytes may
differ on another machine, so they are committed, and the manifest holds the hash of what they were
made from (inputs) beside their own (sha256). Python alone cannot decode FLAC: of fragments the shape,
the length, the hash and what the manifest says of their sound are checked; the program's tests decode them.
"""
import argparse
import array
import collections
import functools
import hashlib
import json
import math
import pathlib
import re
import subprocess
import sys
import wave

HERE = pathlib.Path(__file__).resolve().parent
PIPELINE = 1            # one more when mastering changes: all is rendered again
RATE = 16000
LEVEL_DB = -20.0        # active level, RMS over full scale, above 300 Hz as a telephone has it
PEAK_DB = -3.0          # never above
BEEP = {'hz': 1000, 'ms': 350, 'peak_db': -15.0, 'ramp_ms': 5}
# Silence before and behind, in seconds.
ENDS_S = {'phrase': (0.1, 0.2), 'small': (0.1, 0.2), 'level': (0.01, 0.02), 'falling': (0.01, 0.04)}
PAUSE_S = 0.45          # longer pauses are shortened
BYTES_MAX = 25_000_000
# What is kept as FLAC; the others as WAV.
SMALL = ('small', 'level', 'falling')
# Of those, which are many, the lowest bits are zero: what is under the noise of every telephone takes half the room.
FRAGMENT_BITS = 13
# language: engine, its version, voice. Measured: these are understood best and ring truest.
VOICES = {'de': ('pico', 'py-nanotts 0.1.1', 'de-DE'), 'en': ('hibari', 'hibari-tts 0.2.1', 'heart')}
Set = collections.namedtuple('Set', 'language table folder kinds')
PROMPTS = [Set(of, f'prompts.{of}.tsv', of, ('phrase', 'beep', 'small')) for of in VOICES]
SAY = [Set('en', 'say.en.tsv', 'say/en', ('level', 'falling'))]
# What is played in one go, and how long that may take in seconds.
TOGETHER = [(('greeting', 'leave-message'), 10.0)]


# ------------------------------------------------------------------ tables and manifests
def table(of):
    """id -> (text, kind), in order."""
    entries = {}
    path = HERE / of.table
    for number, line in enumerate(path.read_text('utf-8').splitlines(), 1):
        if not line.strip() or line.startswith('#'):
            continue
        cells = line.split('\t')
        name, text, kind = cells[0], cells[1].strip() if len(cells) > 1 else '', cells[2] if len(cells) > 2 else of.kinds[0]
        if not re.fullmatch('[a-z0-9][a-z0-9-]*', name) or not text or kind not in of.kinds or name in entries:
            sys.exit(f'{path}:{number}: wants a new id, a text and a kind ({", ".join(of.kinds)})')
        if re.search('[0-9<>&]', text):
            sys.exit(f'{path}:{number}: write numbers in words and leave out markup: the voice misreads them')
        entries[name] = (text, kind)
    return entries


def pronounced(text, kind):
    """As the voice has to be told. "a m" alone is taken for "I am" by a recogniser, "A.M" is not."""
    return text if kind not in ('level', 'falling') else re.sub(r'\b([ap]) m\b', lambda found: f'{found[1].upper()}.M', text)


def inputs(language, text, kind):
    """The hash of all that a file is made from."""
    made_from = [PIPELINE, RATE, LEVEL_DB, PEAK_DB, kind]
    made_from += [BEEP] if kind == 'beep' else [*ENDS_S[kind], PAUSE_S, VOICES[language], pronounced(text, kind)]
    made_from += [FRAGMENT_BITS] if kind in SMALL else []
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:16]


def file_name(name, kind):
    return name + ('.flac' if kind in SMALL else '.wav')


def manifest(of):
    path = HERE / of.folder / 'manifest.json'
    return json.loads(path.read_text('utf-8')) if path.exists() else {}


# ------------------------------------------------------------------ measuring, with Python alone
def high_pass(samples, hz=300.0):
    """Second order Butterworth."""
    w = 2 * math.pi * hz / RATE
    alpha, cos = math.sin(w) / math.sqrt(2), math.cos(w)
    b0, b1, a1, a2 = (1 + cos) / 2 / (1 + alpha), -(1 + cos) / (1 + alpha), -2 * cos / (1 + alpha), (1 - alpha) / (1 + alpha)
    x1 = x2 = y1 = y2 = 0.0
    out = []
    for x in samples:
        y = b0 * x + b1 * x1 + b0 * x2 - a1 * y1 - a2 * y2
        x1, x2, y1, y2 = x, x1, y, y1
        out.append(y)
    return out


def measure(samples):
    """Of 16-bit samples: level and peak in dBFS, and in seconds the silence at the start, at the end, and the longest between."""
    frame = RATE // 50
    heard = high_pass(samples)
    powers = [sum(v * v for v in heard[i:i + frame]) / frame + 1e-9 for i in range(0, len(heard) - frame + 1, frame)]
    loudest = max(powers, default=1e-9)
    active = [p for p in powers if p > loudest * 1e-3]
    sound = [i for i, p in enumerate(powers) if p > loudest * 1e-4]
    gaps = [b - a - 1 for a, b in zip(sound, sound[1:])]
    db = lambda power: 10 * math.log10(power / 32768 ** 2)
    peak = max((abs(v) for v in samples), default=0)
    return {
        'level_db': round(db(sum(active) / max(len(active), 1) or 1e-9), 1),
        'peak_db': round(db(max(peak * peak, 1e-9)), 1),
        'lead_s': round(sound[0] * 0.02, 2) if sound else 0.0,
        'tail_s': round((len(powers) - 1 - sound[-1]) * 0.02, 2) if sound else 0.0,
        'longest_pause_s': round(max(gaps, default=0) * 0.02, 2),
    }


def load(path):
    with wave.open(str(path)) as file:
        shape = (file.getframerate(), file.getnchannels(), file.getsampwidth())
        samples = array.array('h', file.readframes(file.getnframes()))
    if shape != (RATE, 1, 2):
        raise ValueError(f'is {shape}, not 16 kHz mono 16-bit')
    if sys.byteorder == 'big':
        samples.byteswap()
    return samples


def shape_of_flac(path):
    """Rate, channels, bytes of a sample and seconds, from its STREAMINFO (RFC 9639)."""
    start = path.read_bytes()[:42]
    if start[:4] != b'fLaC' or len(start) < 42:
        raise ValueError('is not FLAC')
    packed = int.from_bytes(start[18:26], 'big')
    rate, channels, bits, count = packed >> 44, (packed >> 41 & 7) + 1, (packed >> 36 & 31) + 1, packed & (1 << 36) - 1
    if (rate, channels, bits) != (RATE, 1, 16):
        raise ValueError(f'is {(rate, channels, bits)}, not 16 kHz mono 16-bit')
    return count / rate


def faults_of_fragment(entry):
    """What is wrong with how it was when it was rendered."""
    if abs(entry['level_db'] - LEVEL_DB) > 1.5 or entry['peak_db'] > PEAK_DB + 0.1:
        yield f'level {entry["level_db"]} dBFS, peak {entry["peak_db"]} dBFS'
    least, most = (0.8, 20) if entry['kind'] == 'small' else (0.12, 15)
    if not least <= entry['seconds'] <= most:
        yield f'{entry["seconds"]} s long'


def faults_of_sound(kind, samples):
    """What is wrong with how it sounds."""
    m, seconds = measure(samples), len(samples) / RATE
    if kind == 'beep':
        if abs(m['peak_db'] - BEEP['peak_db']) > 0.2 or abs(seconds * 1000 - BEEP['ms']) > 1:
            yield f'the tone is {seconds:.3f} s at {m["peak_db"]} dBFS'
        return
    if abs(m['level_db'] - LEVEL_DB) > 1.5:
        yield f'active level {m["level_db"]} dBFS'
    if m['peak_db'] > PEAK_DB + 0.1:
        yield f'peak {m["peak_db"]} dBFS'
    if not 0.8 <= seconds <= 20:
        yield f'{seconds:.1f} s long'
    if m['lead_s'] > 0.2 or m['tail_s'] > 0.35 or m['longest_pause_s'] > 0.6:
        yield f'silence: {m["lead_s"]} s before, {m["tail_s"]} s behind, {m["longest_pause_s"]} s within'


def faults(of):
    """All that does not fit together in one set."""
    entries, made, seconds = table(of), manifest(of), {}
    files = {path.name for path in (HERE / of.folder).iterdir() if path.suffix in ('.flac', '.wav')}
    listed = {file_name(name, kind) for name, (_, kind) in entries.items()}
    for name in sorted(files - listed | made.keys() - entries.keys()):
        yield f'{of.folder}/{name}: is in no table'
    for name, (text, kind) in entries.items():
        entry, path = made.get(name, {}), HERE / of.folder / file_name(name, kind)
        if entry.get('inputs') != inputs(of.language, text, kind) or entry.get('text') != text or not path.exists():
            yield f'{of.folder}/{name}: missing or stale'
            continue
        if hashlib.sha256(path.read_bytes()).hexdigest() != entry['sha256']:
            yield f'{of.folder}/{name}: is not the file of the manifest'
        try:
            samples = None if kind in SMALL else load(path)
            seconds[name] = len(samples) / RATE if samples else shape_of_flac(path)
        except (ValueError, wave.Error, EOFError) as error:
            yield f'{of.folder}/{name}: {error}'
            continue
        if abs(seconds[name] - entry['seconds']) > 0.001:
            yield f'{of.folder}/{name}: {seconds[name]:.3f} s, in the manifest {entry["seconds"]}'
        found = faults_of_sound(kind, samples) if samples else faults_of_fragment(entry)
        yield from (f'{of.folder}/{name}: {fault}' for fault in found)
    for names, most in TOGETHER:
        if sum(seconds.get(name, 0) for name in names) > most:
            yield f'{of.folder}/{" + ".join(names)}: longer than {most} s'


def check():
    found = [fault for of in PROMPTS + SAY for fault in faults(of)]
    ids = [set(table(of)) for of in PROMPTS]
    found += [f'{name}: not in every language' for name in sorted(set.union(*ids) - set.intersection(*ids))]
    size = sum(path.stat().st_size for path in HERE.rglob('*') if path.is_file())
    if size > BYTES_MAX:
        found.append(f'prompts/ holds {size} bytes, more than {BYTES_MAX}')
    for fault in found:
        print(fault)
    count = sum(len(table(of)) for of in PROMPTS + SAY)
    print('prompts: render again with prompts/make_prompts.py' if found else f'prompts: {count} files as they should be')
    return 1 if found else 0


# ------------------------------------------------------------------ voices
def speak_pico(text, voice):
    # A process for each text, because a second text can sound otherwise in the same one; half volume, because full clips.
    program = ('import sys; from py_nanotts import NanoTTS; '
               'sys.stdout.buffer.write(NanoTTS().speak(sys.argv[1], voice=sys.argv[2], volume=0.5))')
    pcm = subprocess.run([sys.executable, '-c', program, text, voice], check=True, stdout=subprocess.PIPE).stdout
    import numpy as np
    return np.frombuffer(pcm, '<i2').astype(np.float64) / 32768, 16000


@functools.cache
def hibari(voice):
    from hibari import Hibari
    return Hibari(voice=voice)


def speak_hibari(text, voice):
    import numpy as np
    return np.asarray(hibari(voice)(text, seed=1), np.float64), 24000


def as_spoken(text, kind):
    """With the mark that gives the voice its melody."""
    text = pronounced(text, kind)
    if kind not in ('level', 'falling') or text.endswith('?'):
        return text
    return text + (',' if kind == 'level' else '.')


# ------------------------------------------------------------------ mastering
def squeeze(x, kind):
    """Shortens pauses to PAUSE_S and trims silence at both ends to what the kind has."""
    import numpy as np
    n = RATE // 100
    frames = np.abs(x[:len(x) // n * n].reshape(-1, n)).max(1)
    sound = np.flatnonzero(frames > frames.max() * 10 ** (-42 / 20))
    keep, quiet = np.ones(len(frames), bool), 0
    for i, level in enumerate(frames):
        quiet = quiet + 1 if level < frames.max() * 10 ** (-45 / 20) else 0
        keep[i] = quiet <= PAUSE_S * 100
    # A little more than what is loud: soft on- and offsets are speech too.
    first, last = max(0, sound[0] - 2), min(len(frames), sound[-1] + 4)
    keep[:first], keep[last:] = False, False
    y = x[:len(frames) * n].reshape(-1, n)[keep].ravel()
    ramp = np.linspace(0, 1, RATE // 200)
    y[:len(ramp)] *= ramp
    y[-len(ramp):] *= ramp[::-1]
    lead, tail = (np.zeros(int(seconds * RATE)) for seconds in ENDS_S[kind])
    return np.concatenate([lead, y, tail])


def limit(x, peak):
    """Pulls down what is above `peak` by a smooth gain, 5 ms around it, instead of clipping."""
    import numpy as np
    from scipy.ndimage import minimum_filter1d, uniform_filter1d
    gain = np.minimum(1, peak / np.maximum(np.abs(x), 1e-9))
    return np.clip(x * uniform_filter1d(minimum_filter1d(gain, 161), 81), -peak, peak)


def to_pcm(x):
    import numpy as np
    return array.array('h', np.round(x * 32767).astype(np.int16).tolist())


def master(x, rate, kind):
    """At 16 kHz, without rumble, trimmed, at LEVEL_DB and under PEAK_DB."""
    from scipy.signal import butter, resample_poly, sosfiltfilt
    if rate != RATE:
        common = math.gcd(rate, RATE)
        x = resample_poly(x, RATE // common, rate // common, window=('kaiser', 8.6))
    x = squeeze(sosfiltfilt(butter(2, 80, 'hp', fs=RATE, output='sos'), x - x.mean()), kind)
    for _ in range(3):   # the limiter takes a little of the level: give it back
        x = limit(x * 10 ** ((LEVEL_DB - measure(to_pcm(x / max(1, abs(x).max())))['level_db']) / 20), 10 ** (PEAK_DB / 20))
    return to_pcm(x)


def beep():
    count, ramp = RATE * BEEP['ms'] // 1000, RATE * BEEP['ramp_ms'] // 1000
    top = 32767 * 10 ** (BEEP['peak_db'] / 20)
    gain = lambda i: min(1, i / ramp, (count - 1 - i) / ramp)
    return array.array('h', (round(top * gain(i) * math.sin(2 * math.pi * BEEP['hz'] * i / RATE)) for i in range(count)))


def write(path, samples):
    if path.suffix == '.flac':
        import numpy as np
        step = 1 << 16 - FRAGMENT_BITS
        samples = np.round(np.asarray(samples) / step) * step
        import soundfile
        soundfile.write(path, np.asarray(samples, np.int16), RATE, subtype='PCM_16', compression_level=1.0)
        return
    with wave.open(str(path), 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def render(of, only):
    entries, made = table(of), manifest(of)
    engine, version, voice = VOICES[of.language]
    folder = HERE / of.folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, (text, kind) in entries.items():
        key, path = inputs(of.language, text, kind), folder / file_name(name, kind)
        if path.exists() and made.get(name, {}).get('inputs') == key or only and name not in only:
            continue
        if kind == 'beep':
            samples, by = beep(), 'make_prompts.py'
        else:
            spoken = {'pico': speak_pico, 'hibari': speak_hibari}[engine](as_spoken(text, kind), voice)
            samples, by = master(*spoken, kind), f'{version}, {voice}'
        write(path, samples)
        m = measure(samples)
        made[name] = {
            'text': text, 'kind': kind, 'language': of.language, 'voice': by, 'inputs': key,
            'sha256': hashlib.sha256(path.read_bytes()).hexdigest(), 'seconds': round(len(samples) / RATE, 3),
            'level_db': m['level_db'], 'peak_db': m['peak_db'],
        }
        print(f'{of.folder}/{name}: {made[name]["seconds"]} s, {m}', flush=True)
    for name in made.keys() - entries.keys():
        del made[name]
    listed = {file_name(name, kind) for name, (_, kind) in entries.items()} | {'manifest.json'}
    for path in folder.iterdir():
        if path.name not in listed:
            path.unlink()
    text = json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + '\n'
    (folder / 'manifest.json').write_text(text, 'utf-8')


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('--check', action='store_true', help='render nothing; exit 1 with what is wrong')
    arguments.add_argument('--only', default='', help='these ids, separated by commas')
    given = arguments.parse_args()
    if not given.check:
        for of in PROMPTS + SAY:
            render(of, set(filter(None, given.only.split(','))))
    sys.exit(check())


main()
