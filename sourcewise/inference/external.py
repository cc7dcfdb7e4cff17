"""The recordings of an external dataset, decoded, freed of copies of this dataset, and predicted by all classifiers.

Nothing is fitted or chosen on them. Features are made in memory, some clips at a time and once for all classifiers
with the same recipe; nothing of them is stored. Predictions that lie there already are kept where all that they depend
on is the same: a change of one classifier makes those of that one anew.
"""

import logging
import shutil
import sys
from functools import partial
from io import StringIO

import pandas as pd

from sourcewise.audits import in_both, shift
from sourcewise.compute.parallel import each
from sourcewise.core import messages
from sourcewise.core.errors import NotRun, Stop, count
from sourcewise.core.paths import CLASSIFIERS, CLIPS, CODE_USED, MANIFEST, NOT_RUN, RAW, folds_of
from sourcewise.datasets import clips, fetch, manifest
from sourcewise.datasets.external import EXTERNAL, FACTS, PREDICTED, SAME, SCORED, matched
from sourcewise.datasets.ingest import decode_all
from sourcewise.evaluation import predictions
from sourcewise.inference.recipe import Recipe, same
from sourcewise.models import training
from sourcewise.models.ready import FINGERPRINT
from sourcewise.storage import fingerprints
from sourcewise.storage.files import Ragged, fresh_folder, sha256, write_json, write_text

SAMPLES = 1 << 23  # of the clips whose features are in memory
KEY = "key.txt"  # written last
MOST = 500  # clips whose features are in memory


def predict(one, names, task, *, ingest, audio, similarity, compute):
    """Write data/external/<dataset> of an External: predictions of each of the classifiers `names`, and what is known
    of its recordings, which are fetched where they are missing. ingest, audio: IngestParams, AudioParams; similarity:
    of `duplicates`; compute: ComputeParams."""
    folder = EXTERNAL / one.dataset
    if not (RAW / one.dataset).is_dir():
        fetch.recordings(one.dataset)
    try:
        table = decode_all(one.dataset, ingest, audio, folder).table
        values = _Values(folder, one.dataset)
        copies = values.copies(table, similarity, compute)
    except Stop as error:
        raise Stop(f"{one.dataset}: {error.sentence}") from None
    manifest.write(copies, folder / SAME)
    rows, facts = matched(table[~table["path"].isin(copies["path"])], task, one.rename)
    if rows.empty or not facts["common"]:
        raise Stop(
            f"{one.dataset}: no recording is left to be scored: {count(len(copies), 'copy', 'copies')} of this "
            f"dataset's and {count(facts['left_out'], 'recording')} with labels that are no class here are left out"
        )
    manifest.write(rows, folder / SCORED)
    write_json(folder / FACTS, facts | {"copies": len(copies), "shift": values.shift(rows, task)})
    for path in (folder / PREDICTED).glob("*"):
        if path.name not in names:
            shutil.rmtree(path)
    _predict(names, rows, values, task, folder / PREDICTED, compute)
    n = f"{count(rows['parent'].nunique(), 'recording')} of {count(rows['source'].nunique(), 'source')}"
    left = f"; left out are {count(len(copies), 'copy', 'copies')} of this dataset's recordings ({folder / SAME})"
    others = f"; {count(facts['left_out'], 'recording')} left out for their labels"
    messages.info(f"{one.dataset}: {n} predicted" + left * (len(copies) > 0) + others * (facts["left_out"] > 0))


class _Values:
    """The samples, frames or bytes of an external dataset's clips, or its rows, and those of this dataset."""

    def __init__(self, folder, name):
        self._modality, self._name = clips.modality(), name
        if self._modality == "table":
            own = clips.rows().set_index("clip_id")
            rows = pd.read_csv(folder / CLIPS.name / clips.ROWS.name, **predictions.TEXT).set_index("clip_id")
            self._own, self._other = _numbers(own), _numbers(in_both.aligned(rows, list(own.columns), name))
        else:
            self._own, self._other = Ragged.open(CLIPS), Ragged.open(folder / CLIPS.name)
            self._stop_if_other_bands()

    def _stop_if_other_bands(self):
        own, other = (store[0].shape[1:] for store in (self._own, self._other))
        if own != other:
            raise Stop(f"its arrays have {other[0]} mel bands, those of this dataset {own[0]}")

    def copies(self, table, similarity, compute):
        """As `in_both.of_clips`."""
        own = manifest.read(MANIFEST)
        if self._modality == "table":
            return in_both.of_rows(own, self._own.loc[own["clip_id"]], table, self._other.loc[table["clip_id"]])
        values = _of_rows(self._own, own), _of_rows(self._other, table)
        options = {"similarity": similarity, "compute": compute} if self._modality == "sound" else {}
        return in_both.of_clips(own, values[0], table, values[1], **options)

    def shift(self, rows, task):
        """As `shift.shift`."""
        own = manifest.read(MANIFEST)
        is_sound = self._modality == "sound"
        measures = [
            shift.measured(table, store) if is_sound else {} for table, store in ((own, self._own), (rows, self._other))
        ]
        recordings = [table.groupby("parent")["labels"].agg("|".join) for table in (own, rows)]
        return shift.shift(*measures, *(shift.shares(task.targets(labels), task.classes) for labels in recordings))

    def features(self, recipe, rows, compute):
        """The features of some clips, by a Recipe, for the `predict` of its models."""
        if self._modality == "table":
            return self._other.loc[rows["clip_id"]].reset_index(drop=True)
        work = partial(each, title="external", compute=compute)
        return recipe.joined(list(work(recipe.of_clip, _of_rows(self._other, rows))))


def _numbers(rows):
    """Rows of texts as `read_features` reads the numbers."""
    return pd.read_csv(StringIO(rows.to_csv(index=False, lineterminator="\n"))).set_index(rows.index)


def _of_rows(store, rows):
    starts = rows["start"].to_numpy()
    return store.between(starts, starts + rows["n_samples"].to_numpy())


def _predict(names, rows, values, task, folder, compute):
    """Write the predictions of the classifiers, recipe by recipe."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of many networks in one process
    of_recipe, keys = {}, {}
    for name in names:
        reason = predictions.not_run(CLASSIFIERS / name)
        if reason:
            write_json(fresh_folder(folder / name) / NOT_RUN, {"reason": reason})
            continue
        keys[name] = _key(name, folder.parent / SCORED)
        if not _is_there(folder / name, keys[name]):
            fresh_folder(folder / name)
            of_recipe.setdefault(same(CLASSIFIERS / name), []).append(name)
    for members in of_recipe.values():
        try:
            recipe = Recipe(CLASSIFIERS / members[0])
            for block in _blocks(rows):
                x = values.features(recipe, block, compute)
                for name in members:
                    _append(name, x, block, task, folder / name)
                    _forget_networks()
        except NotRun as reason:
            for name in members:
                write_json(fresh_folder(folder / name) / NOT_RUN, {"reason": str(reason)})
            continue
        for name in members:
            write_text(folder / name / KEY, f"{keys[name]}\n")


def _key(name, scored):
    """20 hex digits of all that the predictions of a classifier depend on. scored: a file with the hash of each clip
    that is predicted."""
    model = (CLASSIFIERS / name / FINGERPRINT).read_text(encoding="utf-8")
    return fingerprints.digest(model, sha256(scored), sha256(CODE_USED / "external.txt"))


def _is_there(folder, key):
    file = folder / KEY
    return file.is_file() and file.read_text(encoding="utf-8").strip() == key


def _blocks(rows):
    """The rows, some at a time."""
    first, n_samples = 0, 0
    for row, n in enumerate(rows["n_samples"].tolist()):
        if row > first and (n_samples + n > SAMPLES or row - first == MOST):
            yield rows.iloc[first:row]
            first, n_samples = row, 0
        n_samples += n
    yield rows.iloc[first:]


def _append(name, x, rows, task, folder):
    """Append the probabilities of some clips, by the model of each fold, to the file of a classifier."""
    columns = [f"p({of_class})" for of_class in task.classes]
    file = folder / predictions.PROBABILITIES
    for fold, of_fold in enumerate(folds_of(CLASSIFIERS / name)):
        table = pd.DataFrame(training.load(of_fold).predict(x).round(6), columns=columns)
        table.insert(0, "clip_id", rows["clip_id"].to_numpy())
        table.insert(1, "fold", fold)
        table.to_csv(file, mode="a", header=not file.is_file(), index=False, lineterminator="\n", encoding="utf-8")
    shutil.copyfile(CLASSIFIERS / name / predictions.THRESHOLDS, folder / predictions.THRESHOLDS)


def _forget_networks():
    """Let Keras, where it was imported, hold no network."""
    if "keras" in sys.modules:
        sys.modules["keras"].backend.clear_session(free_memory=False)  # the interpreter does it when it is needed
