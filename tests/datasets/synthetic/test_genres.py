import numpy as np
import pytest
import scipy.signal
import soundfile
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sourcewise.audio.spectral import log_mel
from sourcewise.datasets.rendering.room import SR
from sourcewise.datasets.synthetic import genres
from tests.datasets.synthetic.twice import same_bytes_elsewhere

FEW = {"ARTISTS": 3, "PIECES": 3, "SECONDS": 4}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("genres")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in FEW.items():
            patch.setattr(genres, name, value)
        genres.make(folder)
    return folder


def test_every_artist_plays_as_many_pieces_of_one_style(made):
    paths = sorted(made.rglob("*.wav"))
    assert len(paths) == 4 * 3 * 3
    assert {path.relative_to(made).parts[0] for path in paths} == {"blues", "bossa", "techno", "waltz"}
    for path in paths:
        y, sr = soundfile.read(path)
        assert (sr, len(y)) == (SR, 4 * SR)
        assert 0.02 < np.sqrt(np.mean(y**2)) < 0.08  # -30 to -23 dB, and clipped peaks hardly any
        assert np.mean(np.abs(y) > 0.99) < 1e-3
    assert len({path.read_bytes() for path in paths}) == len(paths)


def test_the_whole_corpus_is_64_artists_with_3_pieces():
    assert (len(genres.STYLES), genres.ARTISTS, genres.PIECES, genres.SECONDS) == (4, 16, 3, 10)
    for style in genres.STYLES.values():
        assert len({len(style.kick), len(style.snare), len(style.hat), len(style.bass), len(style.comp)}) == 1


def test_the_same_bytes_in_another_process_on_another_kind_of_processor(made, tmp_path):
    same_bytes_elsewhere("genres", FEW, made, tmp_path)


def test_the_first_kick_of_each_bar_is_in_time():
    artist = genres.Artist(genres.STYLES["techno"], "techno1")
    artist._gains = {"drums": 1, "bass": 0, "comp": 0, "lead": 0}
    artist._snare, artist._hat = np.zeros(1), np.zeros(1)
    y = artist(1)
    levels = np.abs(y[: len(y) // 160 * 160]).reshape(-1, 160).max(axis=1)  # each 10 ms
    onsets, _ = scipy.signal.find_peaks(levels, height=0.5, distance=20)
    quarter_s = np.median(np.diff(onsets)) / 100
    assert 60 / quarter_s == pytest.approx(artist._bpm, rel=0.08)  # a piece is up to 4 % off, a step is 10 ms


def test_a_note_has_the_pitch_that_was_asked_for():
    y = genres.Timbre(np.random.default_rng(0))(440, 1)
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y)), 1 << 17))
    assert np.argmax(spectrum) * SR / (1 << 17) == pytest.approx(440, abs=3)


def test_a_leak_gains_much_and_the_style_is_predicted_without(tmp_path, monkeypatch):
    # shorter pieces, an SVM on means and deviations of mel bands
    monkeypatch.setattr(genres, "SECONDS", 5)
    genres.make(tmp_path)
    x, style, artist, piece = [], [], [], []
    for path in sorted(tmp_path.rglob("*.wav")):
        y = soundfile.read(path, dtype="float32")[0]
        frames = log_mel(y, sr=SR, n_fft=512, hop_length=160, n_mels=40)
        x.append(np.concatenate([frames.mean(axis=0), frames.std(axis=0)]))
        style.append(path.parts[-3])
        artist.append(int(path.parts[-2].removeprefix(path.parts[-3])))
        piece.append(int(path.stem))
    by_clip, by_source = _accuracy(x, style, np.array(piece)), _accuracy(x, style, np.array(artist) % 4)
    assert by_clip > 0.85
    assert 0.4 < by_source < by_clip - 0.1  # of four styles


def _accuracy(x, labels, folds):
    x, labels, right = np.array(x), np.array(labels), []
    for fold in np.unique(folds):
        model = make_pipeline(StandardScaler(), SVC(C=10)).fit(x[folds != fold], labels[folds != fold])
        right += list(model.predict(x[folds == fold]) == labels[folds == fold])
    return np.mean(right)
