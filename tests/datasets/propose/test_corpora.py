"""Names of the field's corpora: each is read with its own label, source and published split."""

import numpy as np
import pytest

from sourcewise.core.errors import Stop
from sourcewise.datasets import dataset_file
from sourcewise.datasets.propose import command, corpora
from tests.conftest import REPOSITORY, write_wav

#: title: (paths, {of the first: label, source, given}, part of the caution)
KNOWN = {
    "RAVDESS": (
        ["Actor_12/03-01-05-01-02-01-12.wav", "Actor_01/03-02-08-02-01-02-01.wav"],
        ("angry", "12", ""),
        "twice",
    ),
    "CREMA-D": (["AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1091_IEO_SAD_LO.wav"], ("anger", "1001", ""), "41 %"),
    "EMO-DB": (["wav/03a01Fa.wav", "wav/16b10Td.wav"], ("happiness", "03", ""), "ten speakers"),
    "SAVEE": (["DC_sa01.wav", "KL_n30.wav"], ("sadness", "DC", ""), "four speakers"),
    "TESS": (["OAF_Fear/OAF_back_fear.wav", "YAF_ps/YAF_dog_ps.wav"], ("fear", "older", ""), "cannot be split"),
    "Free Spoken Digit Dataset": (["7_jackson_32.wav", "0_theo_1.wav"], ("7", "jackson", ""), "takes 0 to 4"),
    "Speech Commands": (
        ["yes/004ae714_nohash_0.wav", "no/c50f55b8_nohash_1.wav"],
        ("yes", "004ae714", ""),
        "background noise",
    ),
    "LibriSpeech": (
        ["dev-clean/84/121123/84-121123-0004.flac", "dev-clean/251/136532/251-136532-0000.flac"],
        ("84", "121123", ""),
        "SPEAKERS.TXT",
    ),
    "LibriTTS": (
        ["dev/84/121123/84_121123_000007_000001.wav", "dev/251/1/251_1_000002_000000.wav"],
        ("84", "121123", ""),
        "speakers.tsv",
    ),
    "VCTK": (["wav48/p225/p225_001_mic1.flac", "wav48/s5/s005_002_mic2.flac"], ("p225", "p225_001", ""), "one session"),
    "ESC-50": (["audio/1-100032-A-0.wav", "audio/5-9032-B-49.wav"], ("dog", "100032", "1"), "five published folds"),
    "UrbanSound8K": (["fold5/100032-3-0-0.wav", "fold10/7061-6-0-0.wav"], ("dog_bark", "100032", "5"), "ten published"),
    "GTZAN": (
        ["blues/blues.00000.wav", "rock/rock.00099.wav"],
        ("blues", "blues/blues.00000.wav", ""),
        "jazz.00054 is damaged",
    ),
    "Medley-solos-DB": (
        [f"Medley-solos-DB_{part}_0a282672-c22c-59ff-faaa-ff9eb73fc8e6.wav" for part in ("test-4", "training-7")],
        ("piano", "Medley-solos-DB_test-4_0a282672-c22c-59ff-faaa-ff9eb73fc8e6.wav", "test"),
        "kept together by the published parts only",
    ),
    "NSynth": (
        [
            "nsynth-valid/audio/synth_lead_synthetic_011-049-025.wav",
            "nsynth-test/audio/bass_electronic_018-022-100.wav",
        ],
        ("synth_lead", "synth_lead_synthetic_011", "validation"),
        "sources are instruments",
    ),
    "TIMIT": (["TRAIN/DR1/FCJF0/SA1.WAV", "TEST/DR3/MABC1/SX99.WAV"], ("female", "FCJF0", "train"), "SA1 and SA2"),
    "DCASE acoustic scenes": (
        ["audio/street_traffic-barcelona-161-4901-a.wav", "audio/metro-helsinki-0-12-s1.wav"],
        ("street_traffic", "barcelona-161", ""),
        "sources are locations",
    ),
    "xeno-canto (BirdCLEF)": (
        ["train_audio/abethr1/XC128013.ogg", "train_audio/zitcis1/XC99.ogg"],
        ("abethr1", "train_audio/abethr1/XC128013.ogg", ""),
        "column author",
    ),
}
#: Their names hold no class: what is said instead.
WITHOUT = {
    "Common Voice": ("clips/common_voice_en_1234.mp3", "pass validated.tsv"),
    "FSD50K": ("FSD50K.dev_audio/64760.wav", "pass FSD50K.ground_truth/dev.csv"),
    "FMA": ("fma_small/000/000002.mp3", "make a CSV with path, genre and artist"),
}


@pytest.fixture
def folder(in_tmp):
    """A function that writes a tenth of a second of noise to each path, and returns their folder."""
    (in_tmp / "params.yaml").write_text((REPOSITORY / "params.yaml").read_text())
    write_wav(in_tmp / "one.wav", np.random.default_rng(0).normal(0, 0.1, 800), 8000)

    def make(paths):
        for k, path in enumerate(paths):
            file = in_tmp / "data/raw/own" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes((in_tmp / "one.wav").read_bytes() + bytes(k))
        return in_tmp / "data/raw/own"

    return make


def test_all_corpora_are_tried():
    assert {corpus.title for corpus in corpora.CORPORA} == {*KNOWN, *WITHOUT}


@pytest.mark.parametrize("title", KNOWN)
def test_a_corpus_is_known_by_its_names(folder, capsys, title):
    paths, expected, caution = KNOWN[title]
    command.main(folder(paths), name="own")
    printed = capsys.readouterr().out
    assert f"dataset file: 2 of 2 files look like {title} names; caution: " in printed and caution in printed
    recordings = {r.path: (r.labels, r.source, r.given) for r in dataset_file.read("own")}
    assert recordings[paths[0]] == expected
    assert len(recordings) == 2 and recordings[paths[1]][0] != expected[0]
    assert f"# 2 of 2 files look like {title} names" in dataset_file.path("own").read_text()


@pytest.mark.parametrize("title", WITHOUT)
def test_names_without_a_class_lead_to_the_list(folder, title):
    path, says = WITHOUT[title]
    with pytest.raises(Stop) as stop:
        command.main(folder([path]), name="own")
    assert f"these look like {title} names: " in str(stop.value) and says in str(stop.value)


def test_files_with_other_names_are_left_out_and_counted(folder, capsys):
    words = [f"{word}/{who}_nohash_0.wav" for word in ("yes", "no") for who in ("004ae714", "0132a06d", "c50f55b8")]
    more = [f"up/{k:08x}_nohash_0.wav" for k in range(6)]
    command.main(folder([*words, *more, "_background_noise_/pink_noise.wav"]), name="own")
    printed = capsys.readouterr().out
    assert "12 of 13 files look like Speech Commands names" in printed
    assert "left out 1 file that `only` does not match" in printed
    assert {r.labels for r in dataset_file.read("own")} == {"yes", "no", "up"}


def test_too_few_such_names_force_nothing(folder, capsys):
    paths = [f"{c}/{who}_{k}.wav" for c in ("cat", "dog") for who in ("ann", "bob", "cid") for k in range(3)]
    command.main(folder([*paths, "cat/03a01Fa.wav"]), name="own")
    assert "look like" not in capsys.readouterr().out
    assert {r.labels for r in dataset_file.read("own")} == {"cat", "dog"}


def test_a_corpus_that_lies_in_itself_again_is_read_once(folder, capsys):
    paths = [f"Actor_{a:02d}/03-01-{e:02d}-01-01-01-{a:02d}.wav" for a in (1, 2, 3, 4) for e in (1, 5)]
    root = folder(paths)
    for path in paths:
        copy = root / "audio_speech_actors_01-24" / path
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((root / path).read_bytes())
    command.main(root, name="own")
    printed = capsys.readouterr().out
    assert f"all 8 files in audio_speech_actors_01-24/ are elsewhere in {root}, too: they are left out" in printed
    recordings = dataset_file.read("own")
    assert [r.path for r in recordings] == sorted(paths)
    assert {(r.labels, r.source) for r in recordings} == {
        (e, f"0{a}") for e in ("neutral", "angry") for a in (1, 2, 3, 4)
    }
