import numpy as np
import pytest
import soundfile

from sourcewise.datasets.rendering.room import SR
from sourcewise.datasets.synthetic import telephone, voices
from tests.datasets.synthetic.twice import same_bytes_elsewhere

FEW = {"TIMBRES": {gender: dict([*of.items()][:2]) for gender, of in telephone.TIMBRES.items()}}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("telephone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telephone, "TIMBRES", FEW["TIMBRES"])
        telephone.make(folder)
    return folder


def test_24_callers_say_two_sentences_each_and_none_is_a_voice_of_voices():
    callers = telephone.callers()
    assert [caller.gender for caller in callers] == ["female"] * 12 + ["male"] * 12
    assert all(len(caller.sentences) == 2 for caller in callers)
    others = voices.voices()
    assert not {caller.name for caller in callers} & {other.name for other in others}
    assert not {caller.voice for caller in callers} & {other.voice for other in others if other.gender == "male"}
    new = [set(telephone.TIMBRES[gender]) - set(voices.TIMBRES[gender]) for gender in ("female", "male")]
    assert [len(of) for of in new] == [2, 12]
    assert not set(telephone.SENTENCES) & set(voices.SENTENCES)


def test_a_line_passes_300_to_3400_hz():
    noise = 0.1 * np.random.default_rng(0).standard_normal(4 * SR)
    y = telephone._line(noise, -120, np.random.default_rng(0))
    assert len(y) == 4 * 8000
    power = np.abs(np.fft.rfft(y)) ** 2
    hz = np.fft.rfftfreq(len(y), 1 / 8000)
    inside = power[(hz >= 400) & (hz <= 3200)].mean()
    assert 10 * np.log10(inside / power[hz < 150].mean()) > 20 and 10 * np.log10(inside / power[hz > 3950].mean()) > 6


def test_the_files_are_coded_by_the_mu_law(made):
    paths = sorted(made.rglob("*.wav"))
    assert len(paths) == 8
    for path in paths:
        info = soundfile.info(path)
        assert (info.samplerate, info.subtype) == (8000, "ULAW") and 1 < info.duration < 5
        y, _ = soundfile.read(path, dtype="int16")
        assert len(np.unique(y)) <= 256 and np.abs(y).max() > 1000


def test_the_same_bytes_in_another_process_on_another_kind_of_processor(made, tmp_path):
    same_bytes_elsewhere("telephone", FEW, made, tmp_path)
