import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import soundfile

from sourcewise.datasets.rendering.espeak import say
from sourcewise.datasets.rendering.room import SR
from sourcewise.datasets.synthetic import voices
from sourcewise.storage.archives import checksum


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("voices")
    voices.make(folder)
    return folder


def test_72_voices_say_4_of_12_sentences(made):
    files = sorted(made.rglob("*.wav"))
    assert len(files) == 72 * 4
    people = {gender: len(list((made / gender).iterdir())) for gender in ("female", "male")}
    assert people == {"female": 36, "male": 36}
    said = Counter((path.parts[-3], path.stem) for path in files)
    assert len(said) == 2 * 12 and set(said.values()) == {12}  # no sentence tells the gender


def test_as_many_synthesiser_voices_as_the_docstring_says():
    timbres = {(voice.gender, voice.voice.split("+")[1]) for voice in voices.voices()}
    assert len(timbres) == 27 and sum(gender == "female" for gender, _ in timbres) == 14
    assert "27 distinct voices of the synthesiser, 14 of them female" in voices.__doc__
    assert len({voice.voice for voice in voices.voices()}) == 72  # no accent and timbre twice


def test_a_longer_vocal_tract_has_longer_waves():
    voice = voices.voices()[0]._replace(sentences=range(1))
    # with a quarter of a second of the room before and after
    short, long = (voices.recorded(voice._replace(tract=tract), voices.SENTENCES)[0] for tract in (0.95, 1.05))
    assert (len(long) - SR // 2) / (len(short) - SR // 2) == pytest.approx(1.05 / 0.95, rel=0.01)


def test_every_clip_is_1_to_3_seconds_of_undistorted_speech(made):
    for path in made.rglob("*.wav"):
        y, sr = soundfile.read(path)
        assert sr == 16_000
        assert 1 <= len(y) / sr <= 3.3
        assert 0.05 < np.abs(y).max() < 0.99
        edges, middle = np.concatenate([y[:2400], y[-2400:]]), y[4000:-4000]
        assert edges.std() < middle.std() / 4  # the room before and after, speech between


def test_no_two_clips_are_equal(made):
    assert len({path.read_bytes() for path in made.rglob("*.wav")}) == 72 * 4


def test_a_voice_sounds_the_same_whoever_spoke_before():
    options = {"voice": "en-us+f3", "rate": 170, "pitch": 50, "pitch_range": 50}
    first = say(["Good morning."], **options)[0]
    say(["Something else."], **options | {"voice": "en-us+m1"})
    assert np.array_equal(first, say(["Good morning.", "And good night."], **options)[0])


def test_a_voice_that_does_not_exist_is_named(capfd):
    with pytest.raises(subprocess.CalledProcessError):
        say(["Good morning."], voice="xx+f1", rate=170, pitch=50, pitch_range=50)
    assert "eSpeak NG has no voice 'xx+f1'" in capfd.readouterr().err


def test_the_same_bytes_in_another_process(made, tmp_path):
    code = "import sys; from sourcewise.datasets.synthetic import voices; voices.make(sys.argv[1])"
    env = os.environ | {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=env)
    assert checksum(tmp_path) == checksum(made)
