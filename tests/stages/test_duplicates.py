import cv2
import numpy as np
import pandas as pd

from sourcewise.audio import mel_image
from sourcewise.audits import duplicates as find_duplicates
from sourcewise.core.paths import DUPLICATES, LEFT_OUT
from sourcewise.datasets import manifest
from sourcewise.datasets.folds import Split
from stages import duplicates, ingest, split
from tests.conftest import tone, write_wav


def _noise(seed, seconds=1.0):
    return np.round(np.random.default_rng(seed).normal(0, 3000, int(seconds * 8000))).astype(np.int16)


def test_a_recording_of_two_sources_makes_them_one(small, capsys):
    folder = small(ingest__keep_copies=True)
    high = folder / "data/raw/small/high"
    write_wav(high / "a9.wav", _noise(11), 8000)
    write_wav(high / "b9.wav", _noise(11)[2000:] // 2, 8000)
    write_wav(high / "c9.flac", _noise(12), 8000)
    write_wav(high / "c8.wav", _noise(12), 8000)
    for stage in (ingest, duplicates, split):
        stage.main()
    printed = capsys.readouterr().out
    assert "1 exact and 1 near pairs among 28 clips, 1 of them across sources" in printed
    assert "sources merged, as they share recordings (data/duplicates/pairs.csv): a+b" in printed
    pairs = manifest.read(DUPLICATES)
    assert pairs["kind"].tolist() == ["near", "exact"]
    assert pairs["offset_s"].tolist() == [0.25, 0]
    table = Split.read().of_fold(0)
    assert set(table["source"]) == {"a+b", *"cdef"}
    assert (table.groupby("source")["split"].nunique() == 1).all()
    assert len(list(DUPLICATES.parent.glob("*.png"))) == 2


def test_copies_that_ingest_does_not_leave_out_are_pairs(small):
    folder = small()
    for name in ("high/a8", "high/a9", "low/a9", "high/b9"):
        write_wav(folder / f"data/raw/small/{name}.wav", _noise(11), 8000)
    for stage in (ingest, duplicates, split):
        stage.main()
    assert manifest.read(LEFT_OUT).to_numpy().tolist() == [["high/a9.wav", "high/a8.wav"]]
    paths = manifest.read().set_index("clip_id")["path"]
    pairs = manifest.read(DUPLICATES)
    found = {(paths[row.clip_id], paths[row.other], row.kind) for row in pairs.itertuples()}
    assert found == {("high/a8.wav", "high/b9.wav", "exact"), ("high/a8.wav", "low/a9.wav", "exact")}
    assert "a+b" in set(Split.read().clips["source"])


def test_two_clips_are_compared_once(small, monkeypatch):
    high = small() / "data/raw/small/high"
    compared, compare = [], find_duplicates.similarity_of
    monkeypatch.setattr(
        find_duplicates, "similarity_of", lambda *pair, **settings: compared.append(pair) or compare(*pair, **settings)
    )
    runs = []
    for late in ({"a9": _noise(11), "b9": _noise(11)[2000:]}, {}, {"c9": _noise(11)[:-2000]}):
        for name, y in late.items():
            write_wav(high / f"{name}.wav", y, 8000)
        ingest.main()
        compared.clear()
        duplicates.main()
        runs.append((len(compared), manifest.read(DUPLICATES)["similarity"].tolist()))
    assert runs[0][0] >= 1 and runs[1] == (0, runs[0][1])
    assert 2 <= runs[2][0] <= 28 and len(runs[2][1]) == 3  # with other clips, and not these with each other


def test_sources_stay_apart_where_they_are_not_to_be_merged(small):
    folder = small(split__merge_duplicates=False)
    for name in ("a9", "b9"):
        write_wav(folder / f"data/raw/small/high/{name}.wav", _noise(11), 8000)
    for stage in (ingest, duplicates, split):
        stage.main()
    assert len(manifest.read(DUPLICATES)) == 1
    assert set(Split.read().clips["source"]) == set("abcdef")


def test_an_image_shows_both_clips_aligned():
    a, b = (np.round(tone(1000, seconds=s, sr=8000) * 32767).astype(np.int16) for s in (2.0, 1.0))
    drawing = cv2.imdecode(np.frombuffer(mel_image.aligned(a, b, 1.0, sr=8000), np.uint8), cv2.IMREAD_COLOR)
    assert drawing.shape == (2 * mel_image.HEIGHT + 8, mel_image.WIDTH, 3)
    loudest = pd.DataFrame(drawing.max(axis=2)).max()  # of each column, over both clips
    assert loudest.min() > 100
    below = drawing[-mel_image.HEIGHT :].max(axis=(0, 2))
    assert below[: mel_image.WIDTH // 2 - 2].max() < 20
    assert below[mel_image.WIDTH // 2 + 2 :].min() > 100
