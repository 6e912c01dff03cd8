"""Makes the small files of this folder: half a second of a 700 Hz tone in what people's recorders write.

    pip install av==18.1.0 numpy soundfile==0.14.0 && python make.py
"""

import av
import numpy as np
import soundfile

FILES = [
    # name, format, codec, rate, layout, sample format
    ("tone.mp3", "mp3", "libmp3lame", 44100, "mono", "fltp"),
    ("tone.flac", "flac", "flac", 16000, "mono", "s16"),
    ("tone.m4a", "ipod", "aac", 44100, "mono", "fltp"),
    ("tone-alac.m4a", "ipod", "alac", 16000, "mono", "s16p"),
    ("tone.aiff", "aiff", "pcm_s16be", 16000, "mono", "s16"),
    ("tone.caf", "caf", "pcm_s16le", 16000, "mono", "s16"),
    # Not decoded: it must be refused clearly.
    ("tone.webm", "webm", "libopus", 48000, "mono", "flt"),
]

for name, form, codec, rate, layout, sample in FILES:
    t = np.arange(rate // 2) / rate
    tone = 0.3 * np.sin(2 * np.pi * 700 * t)
    channels = 2 if layout == "stereo" else 1
    with av.open(name, "w", format=form, options={"fflags": "+bitexact"}) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout, format=sample)
        stream.codec_context.flags |= 0x800000
        if codec in ("libmp3lame", "aac", "libopus"):
            stream.bit_rate = 32000 * channels
        frame = av.AudioFrame.from_ndarray(
            np.tile(tone.astype(np.float32), (channels, 1)), format="fltp", layout=layout
        )
        frame.rate = rate
        made = av.AudioResampler(format=sample, layout=layout, rate=rate, frame_size=stream.frame_size or 0)
        for piece in made.resample(frame) + made.resample(None):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))

# FFmpeg's own Vorbis is no match for what recorders write.
tone = 0.3 * np.sin(2 * np.pi * 700 * np.arange(22050) / 44100)
soundfile.write("tone.ogg", np.stack([tone, tone], 1), 44100, format="OGG", subtype="VORBIS")
