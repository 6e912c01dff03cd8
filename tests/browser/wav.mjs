/** A WAV like a stored message: 8 kHz, 16 bit, mono; syllables of a hum, so that it can be heard. */
export function speechLike(seconds) {
  const rate = 8000;
  const samples = Math.round(seconds * rate);
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++) {
    wav.writeInt16LE(Math.round(envelope(i / rate) * 9000 * Math.sin((2 * Math.PI * 170 * i) / rate)), 44 + i * 2);
  }
  return wav;
}

/** Its peaks, 0–255, ten a second. */
export function peaksOf(seconds) {
  return Array.from({ length: Math.max(1, Math.round(seconds * 10)) }, (_, i) => Math.round(envelope(i / 10) * 255));
}

function envelope(t) {
  const syllable = Math.abs(Math.sin(t * 9.5)) * (0.55 + 0.45 * Math.sin(t * 2.3));
  const pause = Math.sin(t * 1.1 + 0.8) > -0.72 ? 1 : 0.06;
  return Math.min(1, Math.max(0.02, syllable * pause));
}
