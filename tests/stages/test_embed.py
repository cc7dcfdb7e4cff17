"""embed, with stand-ins for the weights in the formats of the real files: none can be downloaded where tests run."""

import csv
import io
import socket
import subprocess
import sys
from time import monotonic

import h5py
import numpy as np
import pandas as pd
import pytest

from sourcewise.core.errors import NotRun, Stop
from sourcewise.core.paths import FEATURES
from sourcewise.datasets import clips, manifest
from sourcewise.extraction import embed as embedding
from sourcewise.inference import predict
from sourcewise.models import pretrained
from sourcewise.models.embeddings import mobilenet_v2
from sourcewise.models.examples import Embedded, read_features
from sourcewise.models.keras.tensorflow import import_keras
from sourcewise.storage.archives import checksum
from sourcewise.storage.files import read_json
from stages import augment, duplicates, embed, extract, ingest, split, train
from tests.conftest import REPOSITORY, change_params, tone, write_wav
from tests.models.classifiers import frozen
from tests.models.classifiers.known import TASKS, entry


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    return {name: frozen.stand_in(name, folder) for name in frozen.SMALL}


@pytest.fixture
def corpus(small, stand_ins):
    """A small corpus with its features, and the stand-ins in its params.yaml."""
    values = {"features__png__width": 64, "augment__recipes": {}}
    for name, path in stand_ins.items():
        own = {"weights__path": str(path), "weights__sha256": checksum(path), **frozen.SMALL[name]}
        values |= {f"embeddings__{name}__{key}": value for key, value in own.items()}
        values[f"classifiers__{name}__training__epochs"] = 2
    folder = small(**values)
    _features()
    return folder


def _features():
    augment.main()
    for features in ("png", "wave"):
        extract.main(features)


@pytest.fixture
def computed(monkeypatch):
    """One entry for each clip that a frozen network is run on."""
    calls, call = [], embedding._Network.__call__
    monkeypatch.setattr(embedding._Network, "__call__", lambda self, clip: calls.append(1) or call(self, clip))
    return calls


def _bytes(name):
    return {path.name: path.read_bytes() for path in (FEATURES / name).iterdir()}


def test_the_embedding_and_the_five_layers_make_the_whole_network(stand_ins, tmp_path):
    module, p = frozen.section("mobilenet_v2", stand_ins["mobilenet_v2"])
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    expected = np.asarray(module.whole(p.weights.path, p)((picture[None] / 127.5 - 1).astype(np.float32)))
    embedding = module.load(p.weights.path, p, {})(picture)
    assert embedding.dtype == np.float16 and embedding.shape == (2, 2, 336)
    head, p_of_head = entry("mobilenet_v2")
    x = Embedded(embedding, np.array([0]), np.array([2]), frozen.layers_of(module, p, tmp_path))
    network = head.build(x, TASKS["tones"], p_of_head)
    whole = import_keras().Model(network.inputs[0], network.get_layer("out_relu").output)
    result = np.asarray(whole(embedding[None].astype(np.float32)))
    assert result.shape == expected.shape == (1, 2, 2, 1280)
    assert expected.std() > 0.1
    assert np.abs(result - expected).max() < 0.02  # of 6: float16 is between them


def test_a_file_that_keras_itself_writes_is_read_the_same(stand_ins, tmp_path):
    from keras.src.legacy.saving import legacy_h5_format

    module, p = frozen.section("mobilenet_v2", stand_ins["mobilenet_v2"])
    network = module.whole(p.weights.path, p)
    with h5py.File(tmp_path / "own.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, network)
    for folder, path in (("a", p.weights.path), ("b", tmp_path / "own.h5")):
        (tmp_path / folder).mkdir()
        module.finish(path, tmp_path / folder, p)
    assert (tmp_path / "a/layers.npz").read_bytes() == (tmp_path / "b/layers.npz").read_bytes()
    again = module.whole(tmp_path / "own.h5", p).get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(network.get_weights(), again, strict=True))


def test_pictures_are_scaled_as_the_network_was_trained():
    picture = np.zeros((128, 256, 3), np.uint8)
    picture[:64] = 255
    scaled = mobilenet_v2.scaled(picture, 96)
    assert scaled.shape == (96, 96, 3) and scaled.dtype == np.float32
    assert (scaled[:47] == 1).all() and (scaled[49:] == -1).all()


def test_each_clip_has_its_embedding_and_a_head_trains_on_it(corpus, stand_ins):
    for name in stand_ins:
        embed.main(name)
        result, features = read_features(name), read_features({"mobilenet_v2": "png", "yamnet": "wave"}[name])
        module, p = frozen.section(name, stand_ins[name])
        network = module.load(stand_ins[name], p, {"sr": 16_000})
        assert len(result) == len(clips.table()) == 24
        for i in (0, 11, 23):
            assert np.array_equal(result[i], network(features[i]))
        assert read_json(FEATURES / name / "config.json")["embedding"]["sha256"] == checksum(stand_ins[name])
        train.main(name)
        assert len((corpus / f"data/predictions/{name}/probabilities.csv").read_text().splitlines()) > 8
    assert isinstance(read_features("mobilenet_v2"), Embedded)


@pytest.mark.parametrize("name", frozen.SMALL)
def test_other_recordings_are_predicted_through_the_same_network(corpus, name, capsys):
    embed.main(name)
    train.main(name)
    capsys.readouterr()
    assert predict.main(name, ["data/raw/small"], "csv") == 0
    printed = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    result = {row["path"]: [float(row["p(high)"]), float(row["p(low)"])] for row in printed}
    table = pd.read_csv(f"data/predictions/{name}/probabilities.csv", index_col="clip_id")[["p(high)", "p(low)"]]
    paths = manifest.read().set_index("clip_id")["path"]
    assert len(table) >= 8
    for clip_id, row in table.iterrows():
        assert result[f"data/raw/small/{paths[clip_id]}"] == row.tolist()
    change_params(corpus, {f"embeddings.{name}.weights.path": "params.yaml"})
    with pytest.raises(Stop, match=f"params.yaml has the sha256 [0-9a-f]+, embeddings.{name}.weights says"):
        predict.main(name, ["data/raw/small"], "csv")


def test_a_second_run_computes_nothing_and_one_more_clip_costs_one(corpus, computed):
    for name in frozen.SMALL:
        embed.main(name)
    first = {name: _bytes(name) for name in frozen.SMALL}
    assert len(computed) == 48
    computed.clear()
    for name in frozen.SMALL:
        embed.main(name)
    assert not computed
    assert {name: _bytes(name) for name in frozen.SMALL} == first
    change_params(corpus, {"split.folds": "all", "split.seed": 1})
    split.main()
    _features()
    for name in frozen.SMALL:
        embed.main(name)
    assert not computed  # embeddings depend on no split
    assert {name: _bytes(name) for name in frozen.SMALL} == first
    write_wav(corpus / "data/raw/small/low/a9.wav", tone(333, seconds=0.6, sr=8000), 8000)
    for stage in (ingest, duplicates, split):
        stage.main()
    _features()
    embed.main("yamnet")
    assert len(computed) == 1
    (corpus / ".cache").rename(corpus / "elsewhere")
    cached = _bytes("yamnet")
    embed.main("yamnet")
    assert _bytes("yamnet") == cached


def test_other_weights_are_not_taken_for_the_cached_ones(corpus, computed, tmp_path):
    embed.main("mobilenet_v2")
    before = _bytes("mobilenet_v2")
    other = frozen.mobilenet_v2(tmp_path / "other.h5", alpha=0.35, seed=1)
    section = "embeddings.mobilenet_v2.weights"
    change_params(corpus, {f"{section}.path": str(other), f"{section}.sha256": None})
    with pytest.raises(Stop, match=f"is required: set it to {checksum(other)}"):
        embed.main("mobilenet_v2")
    change_params(corpus, {f"{section}.sha256": checksum(other)})
    computed.clear()
    embed.main("mobilenet_v2")
    assert len(computed) == 24
    after = _bytes("mobilenet_v2")
    assert after["values.npy"] != before["values.npy"] and after["layers.npz"] != before["layers.npz"]


def test_without_weights_and_network_the_classifier_is_not_run(corpus):
    for name in frozen.SMALL:
        section = f"embeddings.{name}.weights"
        change_params(corpus, {f"{section}.path": None, f"{section}.url": "https://nowhere.invalid/weights"})
        embed.main(name)
        reason = f"no weights: https://nowhere.invalid/weights cannot be read: set {section}.path to a copy of it"
        assert read_json(FEATURES / name / "not_run.json") == {"reason": reason}
        with pytest.raises(NotRun, match="no weights"):
            read_features(name)
        train.main(name)
        assert read_json(f"data/predictions/{name}/not_run.json") == {"reason": reason}
        assert sorted(path.name for path in (FEATURES / name).iterdir()) == ["digest.txt", "not_run.json"]


def test_that_takes_no_tensorflow(corpus):
    change_params(corpus, {"embeddings.yamnet.weights.path": None, "embeddings.yamnet.weights.url": "file:///nowhere"})
    code = (
        f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); from stages import embed; "
        "embed.main('yamnet'); assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=corpus)


def test_a_host_that_never_answers_is_given_up_soon(in_tmp, monkeypatch):
    monkeypatch.setattr(pretrained, "TIMEOUT_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://127.0.0.1:{server.getsockname()[1]}/weights.h5"
        start = monotonic()
        with pytest.raises(NotRun, match="cannot be read"):
            pretrained.find(pretrained.Weights(url=url, sha256=None, path=None), "here")
    assert monotonic() - start < 3


def test_a_download_is_kept_and_checked(in_tmp, capsys):
    (in_tmp / "a.h5").write_bytes(b"numbers")
    url = f"file://{in_tmp}/a.h5"
    digest = "11fac61a06cfdf64fdc319b77c28d2c2a57a10f1b32463edde66d9c7f8f9fb91"
    result = pretrained.find(pretrained.Weights(url=url, sha256=None, path=None), "here")
    assert result.path.is_relative_to(in_tmp / "data/downloads") and result.sha256 == checksum(in_tmp / "a.h5")
    assert f"has the sha256 {result.sha256}: set here.sha256" in capsys.readouterr().out
    (in_tmp / "a.h5").unlink()
    assert pretrained.find(pretrained.Weights(url=url, sha256=result.sha256, path=None), "here") == result
    with pytest.raises(Stop, match=f"has the sha256 {result.sha256}, here says {digest}"):
        pretrained.find(pretrained.Weights(url=url, sha256=digest, path=None), "here")
    with pytest.raises(Stop, match="here.path is 'b.h5': there is no"):
        pretrained.find(pretrained.Weights(url=url, sha256=None, path="b.h5"), "here")
    with pytest.raises(Stop, match="must start with https:// or file://"):
        pretrained.find(pretrained.Weights(url="http://example.org/a.h5", sha256=None, path=None), "here")


def test_files_of_another_layout_stop_with_a_sentence(stand_ins, in_tmp):
    _, p = frozen.section("mobilenet_v2", stand_ins["mobilenet_v2"])
    (in_tmp / "text.h5").write_text("weights")
    with h5py.File(in_tmp / "empty.h5", "w") as file:
        file["x"] = 1
    for path, wider in (("text.h5", {}), ("empty.h5", {}), (p.weights.path, {"alpha": 0.5})):
        with pytest.raises(Stop, match="does not hold the weights of MobileNetV2"):
            mobilenet_v2.load(path, p.model_copy(update=wider), {})
        if not wider:
            with pytest.raises(Stop, match="does not hold the weights of MobileNetV2"):
                mobilenet_v2.finish(path, in_tmp, p)
