import re
from datetime import date, datetime

import pytest
import ruamel.yaml
from dvc.utils.serialize import parse_yaml

from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.core.params import AudioParams, load, read_yaml
from sourcewise.datasets import dataset_file
from sourcewise.models.classifiers import svm


def _write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_a_section_is_read_and_frozen(tmp_path):
    p = load(
        AudioParams,
        "audio",
        _write(tmp_path / "p.yaml", "audio:\n  sr: 16000\n  segment_s: 3\n  hop_s: null\n  pad: none\n"),
    )
    assert p.sr == 16000
    with pytest.raises(ValueError, match="frozen"):
        p.sr = 8000


def test_numbers_are_read_as_yaml_1_2(tmp_path):
    # dvc exp run -S writes 0.00001 as 1e-05, which YAML 1.1 takes for a string
    assert read_yaml(_write(tmp_path / "p.yaml", "lr: 1e-05\nno: off\n")) == {"lr": 1e-05, "no": "off"}


def test_what_a_caller_changes_is_not_what_the_next_one_reads(tmp_path):
    path = _write(tmp_path / "p.yaml", "svm: {C: 1}\n")
    read_yaml(path)["svm"]["C"] = 2
    assert read_yaml(path) == {"svm": {"C": 1}}


def test_dvc_reads_yaml_by_libyaml(monkeypatch):
    # nothing fails without the package ruamel.yaml.clib: each command of DVC only takes two or three times as long
    assert ruamel.yaml.__with_libyaml__
    made = []

    class Parser(ruamel.yaml.main.CParser):
        def __init__(self, stream):
            super().__init__(stream)
            made.append(self)

    monkeypatch.setattr(ruamel.yaml.main, "CParser", Parser)
    assert parse_yaml("a: 1", "params.yaml") == {"a": 1} and len(made) == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1e-05", 1e-05), ("1e5", 1e5), ("0o7", 7), ("01", 1), ("1_000", 1000), ("0x1F", 31), (".inf", float("inf"))),
        *(("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("true", True), ("1:30", "1:30")),
        *(("~", None), ("null", None), ("'~'", "~"), ("0b11", 3), ("12e03", 12000.0)),
        ("2026-01-02", date(2026, 1, 2)),
        ("2026-01-02 10:00:00", datetime(2026, 1, 2, 10)),
    ],
)
def test_scalars_mean_what_yaml_1_2_says_whichever_parser_reads_them(text, value, monkeypatch):
    texts = [f"a: {text}", f"a: [{text}, x]", f"a: {{b: {text}}}", f"{text}: 1"]
    by_libyaml = [params.parsed.__wrapped__(text) for text in texts]
    monkeypatch.setattr(params, "DEEPEST", -1)
    assert repr([params.parsed.__wrapped__(text) for text in texts]) == repr(by_libyaml)
    assert (by_libyaml[0]["a"], type(by_libyaml[0]["a"])) == (value, type(value))


def test_what_libyaml_refuses_and_yaml_1_2_allows_is_read(tmp_path):
    text = "{root: C:/sounds, url: https://a.b/c, pattern: a?b}"
    content = {"root": "C:/sounds", "url": "https://a.b/c", "pattern": "a?b"}
    assert read_yaml(_write(tmp_path / "p.yaml", text)) == content


@pytest.mark.parametrize("text", ["[" * 140_000, "a: " + "{a: " * 70_000, "- " * 140_000, "? " * 140_000])
def test_what_is_nested_too_deeply_is_refused_and_ends_no_process(tmp_path, text):
    with pytest.raises(Stop, match="is not valid YAML"):
        read_yaml(_write(tmp_path / "p.yaml", text))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("audio: {}", "audio.sr is missing"),
        ("audio: {sr: 16000, rate: 2}", "audio.rate is not a known key"),
        ("audio: {sr: '16000'}", "audio.sr is '16000': must be a whole number"),
        ("audio: {sr: 16000.5}", "audio.sr is 16000.5: must be a whole number"),
        ("audio: {sr: true}", "audio.sr is true: must be a whole number"),
        ("audio: {sr: 0}", "audio.sr is 0: must be at least 1000"),
        ("audio: 16000", "audio is 16000: must be keys and values"),
        ("other: 1", "section 'audio' is missing"),
        ("audio: [", "is not valid YAML"),
        ("- 1", "must hold keys and values"),
    ],
)
def test_a_wrong_section_stops_with_its_name(tmp_path, text, sentence):
    with pytest.raises(Stop, match=sentence.replace("(", r"\(")):
        load(AudioParams, "audio", _write(tmp_path / "p.yaml", text))


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("segment_s: null, hop_s: 1, pad: none", "audio: hop_s is 1, but segment_s is null: set both, or neither"),
        ("segment_s: 2, hop_s: 2.5, pad: none", "audio: hop_s is 2.5, must not be above segment_s (2)"),
        ("segment_s: 0, hop_s: null, pad: none", "audio.segment_s is 0: must be greater than 0"),
        ("segment_s: 1, hop_s: 1e-9, pad: none", "audio: segment_s and hop_s must each be at least one sample"),
        (
            "segment_s: 1, hop_s: 1, pad: null",
            "audio.pad is blank: must be 'zeros', 'repeat', 'reflect' or 'none'",
        ),
        ("segment_s: 1, hop_s: 1, pad: wrap", "audio.pad is 'wrap': must be 'zeros', 'repeat'"),
    ],
)
def test_clips_that_cannot_be_cut_are_refused(tmp_path, keys, sentence):
    with pytest.raises(Stop, match=re.escape(sentence)):
        load(AudioParams, "audio", _write(tmp_path / "p.yaml", f"audio: {{sr: 16000, {keys}}}"))


@pytest.mark.parametrize(
    ("keys", "segment", "hop"),
    [
        ("segment_s: null, hop_s: null", None, None),
        ("segment_s: 2, hop_s: null", 32_000, 32_000),
        ("segment_s: 2, hop_s: 2", 32_000, 32_000),
        ("segment_s: 2.5, hop_s: 0.5", 40_000, 8000),
    ],
)
def test_lengths_are_counted_in_samples(tmp_path, keys, segment, hop):
    p = load(AudioParams, "audio", _write(tmp_path / "p.yaml", f"audio: {{sr: 16000, {keys}, pad: none}}"))
    assert (p.segment, p.hop) == (segment, hop)


def test_nan_is_no_number(tmp_path):
    text = "svm: {model: svm, family: sklearn, features: mfcc, columns: 20, pool: max, C: .nan, gamma: scale}"
    with pytest.raises(Stop, match=r"svm\.C is nan: must be a finite number"):
        load(svm.TAKES["frames"], "svm", _write(tmp_path / "p.yaml", text))


def test_a_dataset_without_a_dataset_file_lists_those_that_there_are(in_tmp):
    _write(in_tmp / "params.yaml", "dataset: voicse\n")
    _write(in_tmp / "data/datasets/voices.yaml", "")
    with pytest.raises(Stop, match="dataset is 'voicse', which has no dataset file. Did you mean voices"):
        dataset_file.chosen()
