"""What is stored may have been planted, and what is asked for may lead elsewhere: nothing of it runs."""

import ast
import io
import json
import os
import pickle
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import numpy as np
import pytest
import skops.io
from isal.isal_zlib import crc32

from sourcewise.audio.decode import Unreadable
from sourcewise.compute.cached_map import cached
from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import params
from sourcewise.core.errors import Stop
from sourcewise.core.paths import AUGMENTED, FEATURES
from sourcewise.datasets import loaders, manifest
from sourcewise.datasets.readers import eventroll
from sourcewise.datasets.task import Task
from sourcewise.models import entries, training
from sourcewise.models.examples import read_features
from sourcewise.models.keras import networks
from sourcewise.models.keras.tensorflow import import_keras
from sourcewise.storage import archives, cache, serialise
from sourcewise.storage.files import Ragged, read_json, write_json
from tests.conftest import REPOSITORY

PLANTED = Path("planted")


class Payload:
    """Makes a folder when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, (str(PLANTED),)


PICKLE = pickle.dumps(Payload())


def _array(path):
    """A .npy file that holds the pickle."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.array([Payload()], dtype=object))


def _arrays(path, name):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **{name: np.array([Payload()], dtype=object)})


def _ragged(planted):
    for name in ("values", "offsets", "colours"):
        np.save(_made(FEATURES / "png") / f"{name}.npy", np.zeros(2, np.int64))
    _array(FEATURES / f"png/{planted}.npy")
    read_features("png")


def _pickled_array():
    _made(AUGMENTED)
    (AUGMENTED / "offsets.npy").write_bytes(PICKLE)
    Ragged.open(AUGMENTED)


def _embedded():
    for name in ("values", "offsets"):
        np.save(_made(FEATURES / "yamnet") / f"{name}.npy", np.zeros(2, np.int64))
    _arrays(FEATURES / "yamnet/layers.npz", "conv.0")
    read_features("yamnet")


def _checkpoint():
    _arrays(networks.CHECKPOINTS / "key.npz", "variable0")
    networks.Checkpoint([SimpleNamespace(assign=print)], "key").restore("train")


def _pickled_checkpoint():
    _made(networks.CHECKPOINTS)
    (networks.CHECKPOINTS / "key.npz").write_bytes(PICKLE)
    networks.Checkpoint([], "key").restore("train")


def _made(folder):
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _network(layers):
    write_json(_made(Path("model")) / "network.json", layers)
    networks.load(Path("model"))


def _lambda():
    keras = import_keras()
    layers = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: os.mkdir("planted") or x)]).to_json()
    PLANTED.rmdir()  # Keras has called it once to know its shape
    _network(json.loads(layers))


def _weights():
    keras = import_keras()
    networks.save(_made(Path("model")), keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]))
    Path("model/network.weights.h5").write_bytes(PICKLE)
    networks.load(Path("model"))


def _estimator(change):
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    entries.store(_made(Path("model")), entries.classifier("logreg", params.read_yaml(REPOSITORY / "params.yaml"))[1])
    Task("binary", ("a", "b")).write(Path("model/labels.json"))
    Path("model/model.skops").write_bytes(change(skops.io.dumps(fitted)))
    training.load(Path("model"))


def _system(archive):
    """The same estimator with a node that calls os.mkdir."""
    with zipfile.ZipFile(io.BytesIO(archive)) as file:
        members = {name: file.read(name) for name in file.namelist()}
    schema = json.loads(members["schema.json"])
    node = {"__class__": "mkdir", "__module__": "os", "__loader__": "FunctionNode", "content": {}, "__id__": 999}
    schema["content"]["content"]["verbose"] = node
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as changed:
        for name, data in (members | {"schema.json": json.dumps(schema).encode()}).items():
            changed.writestr(name, data)
    return file.getvalue()


COMPUTE = ComputeParams(backend="threads", workers=1, address=None, cache_gb=1)
KEY = b"k" * 16


def _remembered(value):
    """What a run finds of a clip in .cache, where `value` was put with the checksum that it should have."""
    path = _made(Path(cache.FOLDER)) / "s.values"
    path.write_bytes(value)
    path.with_suffix(".index").write_bytes(cache._RECORD.pack(KEY, 0, len(value), crc32(value, crc32(KEY))))
    return list(cached(lambda item: np.zeros(1), [0], [KEY], store="s", title="w", compute=COMPUTE))


def _addresses():
    """An array of objects: numpy would take its bytes for addresses in memory."""
    header = json.dumps([False, [["|O", [1]]]]).encode()
    _remembered(len(header).to_bytes(4, "little") + header + b"A" * 8)


def _text(path, read):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(PICKLE)
    read(path)


def _roll():
    _array(Path("mel.npy"))
    eventroll.frames(Path("mel.npy"), None)


LAYER = {"module": "keras.layers", "class_name": "TFSMLayer", "config": {"filepath": "x"}}
FUNCTION = {"module": "os", "class_name": "function", "config": "mkdir", "registered_name": "mkdir"}
PLANTS = {
    "features: offsets": lambda: _ragged("offsets"),
    "features: values": lambda: _ragged("values"),
    "features: colours": lambda: _ragged("colours"),
    "features: a pickle for an array": _pickled_array,
    "features: layers of an embedding": _embedded,
    "features: log-mel frames of a corpus": _roll,
    "checkpoint: an array of objects": _checkpoint,
    "checkpoint: a pickle": _pickled_checkpoint,
    "network: a Lambda layer": _lambda,
    "network: a layer that loads another": lambda: _network(
        {"class_name": "Sequential", "config": {"layers": [LAYER]}}
    ),
    "network: a function": lambda: _network(FUNCTION),
    "network: a pickle": lambda: _text(Path("model/network.json"), lambda path: networks.load(path.parent)),
    "network: a pickle for weights": _weights,
    "estimator: a function": lambda: _estimator(_system),
    "estimator: a pickle": lambda: _estimator(lambda archive: PICKLE),
    "cache: a pickle": lambda: _remembered(PICKLE),
    "cache: objects": _addresses,
    "JSON: a pickle": lambda: _text(Path("data/labels.json"), read_json),
    "CSV: a pickle": lambda: _text(Path("data/manifest.csv"), manifest.read),
    "YAML: a pickle": lambda: _text(Path("params.yaml"), params.read_yaml),
    "YAML: a tag": lambda: _yaml("a: !!python/object/apply:os.mkdir [planted]"),
}


def _yaml(text):
    Path("params.yaml").write_text(text)
    params.read_yaml(Path("params.yaml"))


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_what_is_planted_does_not_run(in_tmp, plant):
    with pytest.raises((Stop, Unreadable)) as stopped:
        plant()
    assert "\n" not in str(stopped.value).strip()
    assert not PLANTED.exists()


def test_the_plants_would_run(in_tmp):
    pickle.loads(PICKLE)
    assert PLANTED.is_dir()


def test_what_lies_in_the_cache_with_another_checksum_is_not_there(in_tmp):
    found = _remembered(serialise.to_bytes(np.ones(1)))
    assert found[0].tolist() == [1]
    (in_tmp / ".cache/s.values").write_bytes(PICKLE.ljust(len(serialise.to_bytes(np.ones(1)))))
    again = list(cached(lambda item: np.zeros(1), [0], [KEY], store="s", title="w", compute=COMPUTE))
    assert again[0].tolist() == [0]


@pytest.fixture
def host(monkeypatch):
    """A host that leads from /ok to /plain, as the only address that may be asked; the paths that were asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(302 if self.path == "/ok" else 200)
            self.send_header("Location", "/plain")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_a_redirect_to_plain_http_is_not_followed(in_tmp, host):
    address, asked = host
    with pytest.raises(Stop, match=f"{address}/ok leads to {address}/plain, which is not https"):
        archives.download(f"{address}/ok", timeout_s=5)
    assert asked == ["/ok"]
    assert not [path for path in (in_tmp / archives.DOWNLOADS).iterdir() if path.suffix != ".part"]


def test_loaders_do_not_download_without_encryption(monkeypatch, tmp_path):
    called = []
    remotes = {"all": SimpleNamespace(url="http://example.org/a.zip")}
    found = SimpleNamespace(remotes=remotes, readme="https://read.me", download=lambda: called.append(1))
    monkeypatch.setattr(loaders, "dataset", lambda *_: found)
    with pytest.raises(
        Stop, match="would download x without encryption .http://example.org/a.zip.: download it by hand"
    ):
        loaders.download("mirdata", tmp_path, SimpleNamespace(loader="x"))
    assert not called


#: What runs text, hands it to a shell, or unpickles.
CALLS = {
    *("eval", "exec", "compile", "__import__", "os.system", "os.popen", "subprocess.getoutput", "pickle.load"),
    *("subprocess.getstatusoutput", "pickle.loads", "joblib.load", "marshal.loads", "shelve.open", "np.load"),
    *("yaml.load", "pd.read_pickle", "torch.load", "np.random.seed", "np.random.rand"),
}


def test_no_module_runs_text_or_a_shell_or_unpickles_or_draws_from_global_state():
    for path in [*(REPOSITORY / "sourcewise").rglob("*.py"), *(REPOSITORY / "stages").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name, given = ast.unparse(node.func), {word.arg: ast.unparse(word.value) for word in node.keywords}
            where = f"{path.relative_to(REPOSITORY)}:{node.lineno}"
            assert name not in CALLS or given.get("allow_pickle") == "False", f"{where}: {name}"
            assert given.get("allow_pickle", "False") == "False", f"{where}: {name}"
            assert "shell" not in given, f"{where}: {name}"
            if name.startswith("subprocess."):
                assert isinstance(node.args[0], ast.List | ast.Name), f"{where}: a command that is no list"
            if name == "YAML":
                assert given["typ"] == "'safe'", f"{where}: a YAML that runs tags"
