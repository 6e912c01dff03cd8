"""Speech-like sound, G.711 A-law, WAV and likeness: what the media cases send and judge. Standard library only."""

import math
import random
import struct
import wave

RATE = 8000
FRAME = 160  # 20 ms


def speech(seconds, seed):
    """Syllables of a voice, 16-bit samples at 8 kHz: no two seconds are alike, none is silent, both ends are loud."""
    rng = random.Random(seed)
    samples = []
    while len(samples) < seconds * RATE:
        pitch, length = rng.uniform(110, 180), rng.randint(900, 2000)
        formants = rng.uniform(400, 800), rng.uniform(1100, 2400)
        parts = []
        for harmonic in range(1, int(3400 / pitch)):
            at = harmonic * pitch
            weight = sum(math.exp(-(((at - f) / 250) ** 2)) for f in formants) + 0.03
            parts.append((2 * math.pi * at / RATE, weight, rng.uniform(0, 6.28)))
        strongest = sorted(parts, key=lambda p: -p[1])[:7]
        for n in range(length):
            swell = min(1.0, n / 80, (length - n) / 80)
            voice = sum(w * math.sin(step * n + phase) for step, w, phase in strongest)
            samples.append(int(max(-30000, min(30000, (3500 * voice + rng.gauss(0, 120)) * (0.15 + 0.85 * swell)))))
    return samples[: int(seconds * RATE)]


def _alaw_byte(sample):
    """ITU-T G.711 table 1a, from 16 bits."""
    sign, level = (0x80, sample) if sample >= 0 else (0x00, -sample - 1)
    level = min(level, 32767) >> 3
    segment = max(0, level.bit_length() - 5)
    mantissa = (level >> max(1, segment)) & 0x0F
    return (sign | (segment << 4) | mantissa) ^ 0x55


def _alaw_sample(byte):
    byte ^= 0x55
    segment, mantissa = (byte & 0x70) >> 4, byte & 0x0F
    level = (mantissa << 4) + 8 if segment == 0 else ((mantissa << 4) + 0x108) << (segment - 1)
    return level if byte & 0x80 else -level


_ENCODE = bytes(_alaw_byte(s - 32768) for s in range(65536))
_DECODE = [_alaw_sample(b) for b in range(256)]


def to_alaw(samples):
    return bytes(_ENCODE[s + 32768] for s in samples)


def from_alaw(payload):
    return [_DECODE[b] for b in payload]


def write_wav(path, samples):
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def read_wav(path):
    """Samples at 8 kHz of a mono 16-bit WAV of 8 or 16 kHz."""
    with wave.open(str(path), "rb") as source:
        assert source.getnchannels() == 1 and source.getsampwidth() == 2, f"{path}: not mono 16 bit"
        rate, count = source.getframerate(), source.getnframes()
        data = source.readframes(count)
        assert len(data) == 2 * count, f"{path}: the header says {count} samples, there are {len(data) // 2}"
    samples = list(struct.unpack(f"<{count}h", data))
    if rate == 2 * RATE:
        samples = [(a + b) // 2 for a, b in zip(samples[::2], samples[1::2])]
    else:
        assert rate == RATE, f"{path}: {rate} Hz"
    return samples


def likeness(a, b):
    """Normalised correlation of two equally long pieces, -1 to 1."""
    dot = sum(x * y for x, y in zip(a, b))
    power = math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
    return dot / power if power else 0.0


def find(piece, within, first=0, last=None):
    """Where `piece` lies in `within`, by likeness: (offset, likeness). Coarse on every 4th sample, then exact."""
    last = len(within) - len(piece) if last is None else min(last, len(within) - len(piece))
    best = (first, -1.0)
    for at in range(first, last + 1):
        score = likeness(piece[::4], within[at : at + len(piece) : 4])
        if score > best[1]:
            best = (at, score)
    return best[0], likeness(piece, within[best[0] : best[0] + len(piece)])


def loudness(frame):
    return math.sqrt(sum(s * s for s in frame) / max(1, len(frame)))


class BeepEar:
    """Hears the end of a beep: a steady loud tone of 100 ms or more, then something else."""

    def __init__(self):
        self.tone_frames = 0
        self.last = None

    def ended(self, frame):
        """Whether a beep ended with this frame of 20 ms."""
        crossings = sum(1 for a, b in zip(frame, frame[1:]) if (a < 0) != (b < 0))
        level = loudness(frame)
        # A tone of 400 Hz to 2 kHz crosses zero evenly: as often in each frame.
        tone = level > 300 and 14 <= crossings <= 82 and self._even(frame, crossings)
        same = self.last is not None and abs(crossings - self.last[0]) <= 1 and 0.7 < level / self.last[1] < 1.4
        if tone and (same or self.tone_frames == 0):
            self.tone_frames += 1
            self.last = (crossings, level)
            return False
        heard = self.tone_frames >= 5
        self.tone_frames, self.last = (1, (crossings, level)) if tone else (0, None)
        return heard

    @staticmethod
    def _even(frame, crossings):
        places = [n for n, (a, b) in enumerate(zip(frame, frame[1:])) if (a < 0) != (b < 0)]
        gaps = [b - a for a, b in zip(places, places[1:])]
        return bool(gaps) and max(gaps) - min(gaps) <= 2
