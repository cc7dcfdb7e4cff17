"""The eSpeak NG speech synthesiser, from the library in its PyPI wheel, through ctypes."""

import ctypes

import espeakng_loader
import numpy as np

_SYNCHRONOUS, _RATE, _PITCH, _RANGE, _UTF8 = 2, 1, 3, 4, 1
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """The engine; there is one a process, which is not safe to share between threads."""

    def __init__(self):
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.sr = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, 0)  # Hz
        if self.sr <= 0:
            raise RuntimeError("eSpeak NG could not read its voices: reinstall the package espeakng-loader")
        self._blocks = []
        self._callback = _CALLBACK(self._collect)  # kept alive for as long as the engine may call it
        self._library.espeak_SetSynthCallback(self._callback)

    def say(self, text, *, voice, rate, pitch, pitch_range):
        """A sentence as (n_samples,) float32 in [-1, 1] at `sr`.

        voice: such as "en-us+f2". rate: words a minute, 80 to 450. pitch, pitch_range: 0 to 99. Repeats exactly.
        """
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"eSpeak NG has no voice {voice!r}")
        for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._library.espeak_ng_SetRandSeed(1)  # breathy voices draw noise, from the clock unless told
        self._blocks = []
        encoded = text.encode() + b"\0"
        self._library.espeak_Synth(encoded, len(encoded), 0, 0, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        return np.concatenate(self._blocks).astype(np.float32) / 32768

    def _collect(self, samples, n_samples, _events):
        if samples and n_samples > 0:
            self._blocks.append(np.ctypeslib.as_array(samples, shape=(n_samples,)).copy())
        return 0
