"""The primitives beside what their users would otherwise write: one core, one clip."""

import warnings
from functools import partial
from importlib.util import find_spec
from types import SimpleNamespace

import cv2
import librosa
import numpy as np
import scipy.sparse

from benchmarks.measure import absent, faster, paired
from sourcewise.audio import effects, spectral, tabular
from sourcewise.audio.decode import decode
from sourcewise.audio.mel_image import colours, png
from sourcewise.features import png as images
from tests.audio.signals import SR, music, quantised
from tests.conftest import write_wav

N_FFT, HOP, N_MELS = 2048, 512, 128
HEIGHT, WIDTH, RANGE_DB = 128, 256, 80  # of pictures
FRAMES = {"n_fft": N_FFT, "hop_length": HOP}


def main(folder):
    """Print the rows."""
    waves = {length: quantised(music(length)) for length in (3, 30)}
    y = waves[30]
    ours = partial(spectral.log_mel, y, sr=SR, n_mels=N_MELS, **FRAMES)
    faster("log-mel, 30 s", "librosa", *paired(ours, partial(log_mel_by_librosa, y)), aim=3)
    took, bare = paired(ours, bare_cost(y))
    faster(f"log-mel, 30 s: {took / bare:.1f} times the bare cost", "its FFTs, one sparse product", took, bare)
    for length, aim in ((3, 100), (30, 40)):
        draw(folder, waves[length], f"file to PNG, {length} s", aim)
    ours = partial(tabular.describe, y, sr=SR, **FRAMES)
    faster("58 columns, 30 s", "librosa", *paired(ours, partial(columns_by_librosa, y)), aim=25)
    for length, wave in waves.items():
        ours, theirs = partial(effects.stretch, wave, rate=0.9), partial(librosa.effects.time_stretch, wave, rate=0.9)
        faster(f"stretch, {length} s", "librosa", *paired(ours, theirs), aim=3)
        ours = partial(effects.shift_pitch, wave, semitones=2)
        theirs = partial(librosa.effects.pitch_shift, wave, sr=SR, n_steps=2)
        faster(f"pitch shift, {length} s", "librosa", *paired(ours, theirs), aim=3)


def log_mel_by_librosa(y):
    """As in its tutorials; centred frames, Hann, Slaney filters."""
    return librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=SR, n_mels=N_MELS, **FRAMES))


def bare_cost(y):
    """A function that does what log-mel cannot do without: the FFTs of its frames, float64, a few at a time in one
    place that stays in the processor's cache, and one sparse product."""
    n, step = spectral.n_frames(len(y), HOP), spectral.at_once(N_FFT, np.float64)
    block = np.random.default_rng(0).standard_normal((step, N_FFT))
    spectra = np.empty_like(block)
    filters = scipy.sparse.csr_array(spectral.mel_filters(SR, N_FFT, N_MELS))
    power = np.ascontiguousarray(spectral.magnitude(y, **FRAMES).T ** 2)

    def work():
        for _ in range(0, n, step):
            cv2.dft(block, dst=spectra, flags=cv2.DFT_ROWS)
        return filters @ power

    return work


def draw(folder, y, work, aim):
    """The rows of one recording that becomes a picture."""
    path, out = folder / "clip.wav", folder / "clip.png"
    write_wav(path, y, sr=SR)
    others = {
        "librosa, matplotlib: axes, colour bar": (draw_with_axes, aim),
        "librosa, matplotlib: the bare picture": (draw_bare, None),
        "librosa, matplotlib's colours, Pillow": (draw_well, 4),
    }
    for against, (theirs, aim) in others.items():
        if find_spec("matplotlib") and find_spec("PIL"):
            took = paired(partial(draw_as_the_stages, path, out), partial(theirs, path, out))
            faster(work, against, *took, aim=aim)
        else:
            absent(work, against, "matplotlib and pillow")


def draw_as_the_stages(path, out):
    """What ingest, extract and pictures do with one recording."""
    y, _, _ = decode(path, sr=SR)
    p = SimpleNamespace(n_fft=N_FFT, hop_length=HOP, height=HEIGHT, width=WIDTH, range_db=[-60, -60 + RANGE_DB])
    numbers = images.extract(np.multiply(y, np.float32(1 / 32768), dtype=np.float32), sr=SR, p=p)
    out.write_bytes(png(numbers, colours("magma")))


def draw_with_axes(path, out):
    """The figure of librosa's own tutorial, as notebooks have it: axes in seconds and Hz, a colour bar, a title."""
    plt = pyplot()
    db, sr = loaded(path, ref=np.max)
    plt.figure(figsize=(10, 4))
    librosa.display.specshow(db, sr=sr, hop_length=HOP, x_axis="time", y_axis="mel")
    plt.colorbar(format="%+2.0f dB")
    plt.title("Mel spectrogram")
    plt.tight_layout()
    plt.savefig(out)
    plt.close()


def draw_bare(path, out):
    """A figure of the picture's size that holds nothing else, as who trains on pictures may write it."""
    plt = pyplot()
    db, sr = loaded(path, ref=np.max)
    figure = plt.figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    librosa.display.specshow(db, sr=sr, hop_length=HOP, ax=axes)
    plt.savefig(out)
    plt.close()


def pyplot():
    """Matplotlib without a window."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    return plt


def loaded(path, *, ref):
    """A file's log-mel spectrogram by librosa, (n_mels, n_frames), and its sample rate."""
    y, sr = librosa.load(path, sr=None)
    return librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=sr, n_mels=HEIGHT, **FRAMES), ref=ref), sr


def draw_well(path, out):
    """No figure: the colour map's table, looked up by numpy, and Pillow."""
    import matplotlib
    from PIL import Image

    db, _ = loaded(path, ref=1.0)
    db = np.asarray(Image.fromarray(db[::-1]).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR))
    scaled = np.clip((db + 60) * (255 / RANGE_DB), 0, 255).astype(np.uint8)
    palette = matplotlib.colormaps["magma"](np.arange(256), bytes=True)[:, :3]
    Image.fromarray(palette[scaled]).save(out)


def columns_by_librosa(y):
    """The 58 columns, each by librosa's function called on the wave."""
    series = [
        librosa.feature.chroma_stft(y=y, sr=SR),
        librosa.feature.rms(y=y),
        librosa.feature.spectral_centroid(y=y, sr=SR),
        librosa.feature.spectral_bandwidth(y=y, sr=SR),
        librosa.feature.spectral_rolloff(y=y, sr=SR),
        librosa.feature.zero_crossing_rate(y),
        librosa.effects.harmonic(y),
        librosa.effects.percussive(y),
        *librosa.feature.mfcc(y=y, sr=SR, n_mfcc=20),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tempo, _ = librosa.beat.beat_track(y=y, sr=SR)
    return [len(y), float(np.squeeze(tempo)), *(f(values) for values in series for f in (np.mean, np.var))]
