"""app: what its server answers, and whom it turns away."""

import asyncio
import base64
import json
import tempfile

import cv2
import numpy as np
import pytest
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from sourcewise.audio.mel_image import colours
from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.features.png import Params as ImageParams
from sourcewise.inference import answers, app, predict
from sourcewise.storage.files import write_json
from stages import augment, extract, train
from tests.conftest import REPOSITORY, tone, write_av, write_wav

OWN = "http://127.0.0.1:8000"


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """Where uploads lie."""
    (tmp_path / "stored").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "stored"))
    return tmp_path / "stored"


@pytest.fixture
def client(in_tmp, stored):
    """Asks the server, of which a model is there that cannot run."""
    not_run("yamnet", "no weights")
    p = params.load(ImageParams, "features.png", REPOSITORY / "params.yaml")
    return TestClient(app.application(8000, p), base_url=OWN)


def not_run(name, reason):
    """A folder as `train` leaves it."""
    write_json(f"models/classifiers/{name}/not_run.json", {"reason": reason})
    (app.CLASSIFIERS / name / "fingerprint.txt").write_text("0\n")


def ask(client, path, name=None):
    """The lines of an answer."""
    response = client.post("/ask", params={"name": name or path.name}, content=path.read_bytes())
    assert response.status_code == 200
    return [json.loads(line) for line in response.text.splitlines()]


def test_answers_are_those_of_predict_and_one_that_fails_stops_no_other(client, small, capsys, tmp_path, stored):
    small(audio__segment_s=0.25, augment__recipes__varied__copies=0)
    augment.main()
    extract.main("mfcc")
    train.main("svm")
    not_run("ann", "no reason")
    write_json("models/classifiers/logreg/config.json", {})  # and nothing else
    y = np.concatenate([tone(1520, sr=8000), tone(320, sr=8000)])
    y += np.random.default_rng(0).normal(0, 0.01, 8000)  # as all of the small corpus
    write_wav(tmp_path / "long.wav", y, 8000)
    capsys.readouterr()
    predict.main("svm", [tmp_path / "long.wav"], "json")
    (expected,) = json.loads(capsys.readouterr().out)
    spectrogram, *others = ask(client, tmp_path / "long.wav")
    assert (spectrogram["seconds"], spectrogram["hz"]) == (1, 4000)
    assert [other["name"] for other in others] == ["ann", "logreg", "svm", "yamnet"]
    assert others[0]["not_run"] == "ann was not trained: no reason"
    assert others[1]["not_run"].startswith("FileNotFoundError: ")
    assert others[2] == {"name": "svm", "folds": 1} | {key: expected[key] for key in expected if key != "path"}
    assert [part["classes"] for part in others[2]["segments"]] == [["high"], ["high"], ["low"], ["low"]]
    assert list(stored.iterdir()) == []
    write_wav(tmp_path / "short.wav", y[:100], 8000)
    assert ask(client, tmp_path / "short.wav")[3]["not_run"] == "short.wav is shorter than 0.1 s"


def test_the_spectrogram_shows_a_tone_at_its_frequency(client, tmp_path):
    def pixels(y):
        write_wav(tmp_path / "tone.wav", y, 8000)
        prefix, data = ask(client, tmp_path / "tone.wav")[0]["image"].split(",")
        assert prefix == "data:image/png;base64"
        image = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
        number_of = {tuple(colour): k for k, colour in enumerate(colours("magma").tolist())}
        return np.array([[number_of[tuple(colour[::-1])] for colour in row] for row in image.tolist()])

    loud, soft = pixels(tone(1500, sr=8000, peak=0.03)), pixels(tone(1500, sr=8000, peak=0.003))
    assert loud.shape == (128, 1024)
    # 1500 Hz are 20.9 of the 35.2 mel of 4000 Hz (Slaney): band 76 of 128 from below
    assert abs(int(loud[:, 512].argmax()) - 51) <= 1
    # 20 dB of the 80 from -70 to 10 dB re full scale are 64 of 255 colours, in every image
    assert abs(loud[51, 512] - soft[51, 512] - 64) <= 1
    assert (pixels(np.eye(1, 8000)[0] * 0.001)[:, 512] == 0).all()
    half = np.concatenate([np.zeros(65 * 8000), tone(1500, sr=8000, seconds=65)])  # in three parts
    image = pixels(half)
    assert image.shape == (128, 1023)
    assert image[51, :500].max() < image[51, 524:].min()


def test_no_sound_gets_the_sentence_of_predict(client, small, capsys, tmp_path, stored):
    small(augment__recipes__varied__copies=0)
    augment.main()
    extract.main("mfcc")
    train.main("svm")
    write_wav(tmp_path / "silent.wav", np.zeros(8000), 8000)
    bad = {"text.wav": b"no sound", "none.wav": b"", "text.m4a": b"no sound", "noname": b"no sound"}
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
    for name in [*bad, "silent.wav"]:
        capsys.readouterr()
        predict.main("svm", [tmp_path / name], "json")
        response = client.post("/ask", params={"name": name}, content=(tmp_path / name).read_bytes())
        assert response.status_code == 422
        assert f"{tmp_path}/{response.json()['error']}\n" == capsys.readouterr().err
    assert list(stored.iterdir()) == []


@pytest.mark.parametrize("name", ["../../x.wav", "/x.wav", "a\0b.wav", "x" * 5000 + ".wav", "<b>.wav", "", "x.wav/.."])
def test_of_a_name_only_a_known_suffix_is_used(client, name, tmp_path, stored):
    write_wav(tmp_path / "tone.wav", tone(500, sr=8000), 8000)
    assert ask(client, tmp_path / "tone.wav", name or "sound")[0]["seconds"] == 0.5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "models", "stored", "tone.wav"]


def test_too_large_a_sound_is_refused(client, monkeypatch, stored):
    monkeypatch.setattr(app, "LIMIT", 10_000)
    response = client.post("/ask", params={"name": "long.wav"}, content=bytes(10_001))
    assert response.status_code == 413
    assert response.json()["error"].startswith("long.wav is larger than 64 MiB")
    assert list(stored.iterdir()) == []
    assert client.post("/ask", content=bytes(10_000)).status_code == 422


@pytest.mark.parametrize("suffix", ["flac", "m4a"])
def test_a_small_file_of_a_very_long_sound_is_not_unpacked(client, monkeypatch, stored, tmp_path, suffix):
    monkeypatch.setattr(answers, "LONGEST_S", 1800)
    path, hour = tmp_path / f"long.{suffix}", np.zeros(3600 * 8000)
    write_av(path, hour, 8000) if suffix == "m4a" else write_wav(path, hour, 8000)
    assert path.stat().st_size < 1_000_000
    response = client.post(f"/ask?name=long.{suffix}", content=path.read_bytes())
    assert (response.status_code, response.json()["error"]) == (422, f"long.{suffix} is longer than 0.5 hours")


def test_no_more_is_read_than_is_taken(monkeypatch, tmp_path):
    monkeypatch.setattr(app, "LIMIT", 10_000)
    given = []

    class Endless:
        async def stream(self):
            while True:
                given.append(1000)
                yield bytes(1000)

    with pytest.raises(HTTPException, match="is larger than"):
        asyncio.run(app._store(Endless(), tmp_path / "sound", "long.wav"))
    assert sum(given) == 11_000 and (tmp_path / "sound").stat().st_size <= 10_000


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "192.168.0.1:8000", ""]
)
def test_only_our_own_names_are_answered(client, host):
    assert client.get("/about", headers={"host": host}).status_code == 400
    assert client.get("/about", headers={"host": "localhost:8000"}).status_code == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1:8000", "http://127.0.0.1:8001", ""]
)
def test_other_origins_are_refused(client, origin, stored, tmp_path):
    response = client.post("/ask", headers={"origin": origin}, content=b"no sound")
    assert (response.status_code, response.json()) == (403, {"error": "requested by a page of another origin"})
    assert client.post("/ask", headers={"origin": OWN}, content=b"no sound").status_code == 422


def test_every_answer_binds_the_browser(client):
    for url, status in (
        ("/", 200),
        ("/app.js", 200),
        ("/app.css", 200),
        ("/about", 200),
        ("/nothing", 404),
        ("/ask", 405),
    ):
        response = client.get(url)
        assert response.status_code == status
        policy = response.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in response.headers
    for url in ("/../app.py", "/%2e%2e/app.py", "/app.py", "/models/classifiers/yamnet/not_run.json"):
        assert client.get(url).status_code == 404


def test_what_is_missing_is_named(in_tmp):
    with pytest.raises(Stop, match="no classifier in models/classifiers: `dvc repro` trains them"):
        app.main(0)
    with app._listening(0) as listener:
        host, port = listener.getsockname()
        assert host == "127.0.0.1"
        with pytest.raises(Stop, match=f"port {port} is not available .*: choose another one with --port"):
            app._listening(port)
    with pytest.raises(Stop, match="port 70000 is not available"):
        app._listening(70_000)
