"""The stage `explore`: which figures it leaves behind, of which clips, and that they are the same again."""

import numpy as np
import pytest

from sourcewise.core.paths import EXPLORED, FEATURES
from sourcewise.datasets.folds import Split
from sourcewise.storage.files import read_json, write_json
from stages import augment, duplicates, explore, extract, ingest, split
from tests.conftest import change_params, tone, write_wav

OF_CORPUS = ["durations", "rms", "zcr", "correlation", "pca", "components"]
OF_CLIP = ["waveform", "spectrum", "spectrogram", "parts", "tempo", "crossings", "mfcc"]


@pytest.fixture
def explored(small):
    """A function that makes the small corpus with values in params.yaml, and its figures: (folder, listed figures)."""

    def make(**values):
        small(**values)
        augment.main()
        extract.main("table")
        explore.main()
        return EXPLORED, read_json(EXPLORED / "figures.json")

    return make


def _bytes(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_figures_of_the_corpus_and_of_a_typical_train_clip_of_each_class(explored):
    folder, listed = explored()
    assert [f["file"] for f in listed if f["section"] == "corpus"] == [f"{name}.json" for name in OF_CORPUS]
    of_clips = [f for f in listed if f["section"] == "clips"]
    ids = list(dict.fromkeys(f["clip_id"] for f in of_clips))
    rows = Split.read().of_fold(0).set_index("clip_id").loc[ids]
    assert rows["labels"].tolist() == ["high", "low"] and set(rows["split"]) == {"train"}
    assert [f["file"] for f in of_clips] == [
        *(f"{ids[0]}-{name}.json" for name in [*OF_CLIP, "copies"]),
        *(f"{ids[1]}-{name}.json" for name in OF_CLIP),
    ]
    assert {f["group"] for f in of_clips} == {f"high: {ids[0]}", f"low: {ids[1]}"}
    assert sorted(_bytes(folder)) == sorted(["figures.json", *(f["file"] for f in listed)])
    assert all(f["title"] and f["text"].endswith(".") for f in listed)
    for clip_id in ids:
        assert sum(path.stat().st_size for path in folder.glob(f"{clip_id}-*")) < 150_000
    spectra = [read_json(folder / f"{clip_id}-spectrum.json")["data"][0] for clip_id in ids]
    for spectrum, hz in zip(spectra, (1500, 300), strict=True):  # and up to 105 Hz more, by source and clip
        assert hz <= spectrum["x"][np.argmax(spectrum["y"])] <= hz + 106

    before = _bytes(folder)
    explore.main()
    assert _bytes(folder) == before


def test_parameters_set_how_many_clips_and_how_much_of_each(explored):
    folder, listed = explored(explore__clips=2, explore__seconds=0.3, explore__classes=1, explore__points=5)
    of_clips = [f for f in listed if f["section"] == "clips"]
    assert len({f["clip_id"] for f in of_clips}) == 2
    assert all(f["text"].startswith("The first 0.3 of 0.6 s. ") for f in of_clips)
    wave = read_json(folder / of_clips[0]["file"])["data"][0]
    assert len(wave["y"]) * wave["dx"] == pytest.approx(0.3, abs=0.01)
    traces = read_json(folder / "components.json")["data"]
    assert [(trace["name"], len(trace["x"])) for trace in traces] == [("high", 5)]
    some = {f["file"].removesuffix(".json") for f in listed if "1 of 2 classes" in f["text"]}
    assert some == {"durations", "rms", "zcr", "components"}

    change_params(folder.parents[1], {"explore.clips": 0})
    explore.main()
    assert {f["section"] for f in read_json(folder / "figures.json")} == {"corpus"}


def test_figures_of_a_denoised_table_say_so(explored):
    folder, _ = explored(explore__clips=0)
    config = FEATURES / "table/config.json"
    write_json(config, read_json(config) | {"denoiser": {"name": "mask", "content": "00"}})
    explore.main()
    noted = {f["file"] for f in read_json(folder / "figures.json") if "Computed after the denoiser mask." in f["text"]}
    assert noted == {f"{name}.json" for name in OF_CORPUS if name != "durations"}


def test_a_class_name_is_no_markup_and_silence_has_figures(explored, in_tmp):
    explored(explore__seconds=0.2)
    for source in "abcdef":
        path = in_tmp / f"data/raw/small/<b>x<br>&amp;/{source}0.wav"
        write_wav(path, np.concatenate([np.zeros(2000), tone(700 + ord(source), sr=8000)]), 8000)
    for stage in (ingest, duplicates, split, augment):
        stage.main()
    extract.main("table")
    explore.main()
    folder = EXPLORED
    shown = read_json(folder / "rms.json")["layout"]["yaxis"]["ticktext"]
    assert shown == ["&lt;b&gt;x&lt;br&gt;&amp;amp;", "high", "low"]
    assert all(b"<b>x" not in path.read_bytes() for path in folder.iterdir() if path.name != "figures.json")
    listed = read_json(folder / "figures.json")
    silent = [f["text"] for f in listed if f["group"].startswith("<b>x<br>&amp;: ")]
    assert len(silent) >= 7 and set(silent) == {"The first 0.2 of 0.8 s. The clip is silent."}
