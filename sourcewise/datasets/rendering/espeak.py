"""The eSpeak NG speech synthesiser, from the library in its PyPI wheel, through ctypes.

The engine keeps its state: the samples of a sentence depend, to the bit, on all sentences before it. So each voice is
synthesised in a process of its own, independent of the others.
"""

import ctypes
import json
import struct
import subprocess
import sys

import espeakng_loader

SR = 22_050  # Hz, the engine's own
_SYNCHRONOUS, _RATE, _PITCH, _RANGE, _UTF8 = 2, 1, 3, 4, 1
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


def say(sentences, *, voice, rate, pitch, pitch_range):
    """Each sentence as (n_samples,) float32 in [-1, 1] at SR; the same bytes each time.

    voice: such as "en-us+f2". rate: words per minute, 80 to 450. pitch, pitch_range: 0 to 99.
    """
    import numpy as np  # neither above: run as a script, this file stands alone, and numpy would be most of its time

    from sourcewise.audio.samples import to_float

    order = json.dumps([sentences, voice, rate, pitch, pitch_range]).encode()
    done = subprocess.run([sys.executable, __file__], input=order, stdout=subprocess.PIPE, check=True)
    lengths = np.frombuffer(done.stdout, np.int64, len(sentences))
    samples = np.frombuffer(done.stdout, np.int16, offset=lengths.nbytes)
    return [to_float(y) for y in np.split(samples, np.cumsum(lengths)[:-1])]


def _speak(sentences, voice, rate, pitch, pitch_range):
    """The samples of each sentence as bytes, 16-bit."""
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    if library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0) != SR:
        sys.exit("eSpeak NG could not read its voices: reinstall the package espeakng-loader")
    blocks = []

    def collect(samples, n_samples, _events):
        if samples and n_samples > 0:
            blocks.append(ctypes.string_at(samples, 2 * n_samples))
        return 0

    callback = _CALLBACK(collect)  # referenced as long as the engine may call it
    library.espeak_SetSynthCallback(callback)
    library.espeak_ng_SetRandSeed(1)  # breathy voices draw noise, otherwise seeded by the clock
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        sys.exit(f"eSpeak NG has no voice {voice!r}")
    for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_RANGE, pitch_range)):
        library.espeak_SetParameter(parameter, value, 0)
    for sentence in sentences:
        blocks.clear()
        encoded = sentence.encode() + b"\0"
        library.espeak_Synth(encoded, len(encoded), 0, 0, 0, _UTF8, None, None)
        library.espeak_Synchronize()
        yield b"".join(blocks)


if __name__ == "__main__":
    spoken = list(_speak(*json.load(sys.stdin)))
    sys.stdout.buffer.write(struct.pack(f"={len(spoken)}q", *(len(s) // 2 for s in spoken)) + b"".join(spoken))
