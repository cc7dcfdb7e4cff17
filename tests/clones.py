"""A clone of this repository with a tiny corpus beside it, with git and DVC: for tests of the whole graph."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

from sourcewise.core.params import read_yaml
from tests.conftest import REPOSITORY, change_params, write_av
from tests.models.classifiers.known import merged
from tests.models.classifiers.small import SMALL

DATASET_FILE = (
    "title: tiny\nlicence: none\nreader: folder\nlabel: parent\nsource: {{pattern: '/([a-z]+)-'}}\nroot: ../{}\n"
)
SOURCES = ("ann", "bea", "cid", "dan", "eve", "fay")
CLASSIFIERS = ("svm", "logreg", "cnn")  # tests/models has them all
GANS, DENOISERS = ("cgan_cnn",), ("none", "mask")
LABELS = ("high", 'lo\'w & <b>é, "x"')  # the names of classes are anybody's

#: How the last clip of each source is stored: suffix, subtype where it is not the format's own, rate, channels.
FORMATS = [
    *(
        ("wav", "PCM_U8", 16_000, 1),
        ("wav", "PCM_24", 44_100, 2),
        ("wav", "PCM_32", 22_050, 1),
        ("wav", "FLOAT", 48_000, 2),
    ),
    *(("flac", None, 44_100, 2), ("ogg", "VORBIS", 22_050, 1), ("ogg", "OPUS", 48_000, 1), ("mp3", None, 44_100, 2)),
    *(("aiff", None, 44_100, 1), ("au", None, 8_000, 1), ("m4a", None, 44_100, 1), ("aac", None, 48_000, 2)),
]


def tiny_corpus(root):
    """Two classes, six sources each, four clips a source: chords of two kinds, at each source's own pitch; of the
    last clips no two are stored alike."""
    for label, steps, formats in zip(LABELS, ((1, 2, 5), (1, 1.5, 2.5)), (FORMATS[:6], FORMATS[6:]), strict=True):
        for k, source in enumerate(SOURCES):
            for clip in range(4):
                suffix, subtype, sr, channels = formats[k] if clip == 3 else ("wav", "PCM_16", 16_000, 1)
                rng = np.random.default_rng([k, clip, label == LABELS[1]])
                t = np.arange(sr // 2) / sr
                y = 0.1 * sum(np.sin(2 * np.pi * 200 * (1 + k / 20) * step * t) for step in steps)
                y = y + rng.normal(0, 0.02, (channels, len(t)))
                path = root / label / f"{source}{label[0]}-{clip}.{suffix}"
                path.parent.mkdir(parents=True, exist_ok=True)
                if suffix in ("m4a", "aac"):
                    write_av(path, y if channels > 1 else y[0], sr)
                else:
                    soundfile.write(path, y.T, sr, subtype=subtype)


def clone(folder, dataset_file):
    """A clone of this working tree with the tiny corpus' dataset file and a network that trains in a second."""
    git("clone", "--quiet", str(REPOSITORY), str(folder), cwd=REPOSITORY)
    git("checkout", "--quiet", "-B", "main", cwd=folder)  # whichever branch this one is on
    files = git("ls-files", "--cached", "--others", "--exclude-standard", cwd=REPOSITORY).splitlines()
    for name in files:
        source, target = REPOSITORY / name, folder / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    (folder / "dvc.lock").unlink(missing_ok=True)
    (folder / "data/datasets/tiny.yaml").write_text(dataset_file)
    content = read_yaml(folder / "params.yaml")
    classifiers = content["classifiers"]
    small = {name: merged(classifiers[name], SMALL.get(name, {})) for name in CLASSIFIERS}
    small["cnn"] = merged(
        small["cnn"], {"frames": 16, "layers": {"filters": [4], "dense": 4}, "training": {"epochs": 2}}
    )
    offline = {f"embeddings.{name}.weights.url": "file:///nowhere" for name in ("mobilenet_v2", "yamnet")}
    few = {
        "generators": {
            name: merged(content["generators"][name], {"clips": 20, "training": {"epochs": 1, "steps": 4}})
            for name in GANS
        },
        "denoisers": {name: content["denoisers"][name] for name in DENOISERS},
    }
    few["denoisers"]["mask"]["training"]["epochs"] = 1
    change_params(folder, {"dataset": "tiny", "classifiers": small} | few | offline, keep_comments=True)
    commit(folder, "tiny")
    return folder


def environment(**more):
    """That of the tests, without the user's own settings of git and of a make around, with this Python first."""
    who = {f"GIT_{who}_{what}": "test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "DVC_NO_ANALYTICS": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    outer = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return outer | who | own | more


def git(*arguments, cwd):
    command = ["git", *arguments]
    return subprocess.run(command, cwd=cwd, env=environment(), check=True, capture_output=True, text=True).stdout


def commit(folder, message):
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "--allow-empty", "--message", message, cwd=folder)


def dvc(folder, *arguments, status=0):
    """What `dvc ...` printed; its exit status must be as expected."""
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def ran(output):
    """The stages whose command ran, as DVC tells."""
    return set(re.findall(r"Running stage '([^']+)'", output))
