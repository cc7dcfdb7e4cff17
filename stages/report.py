"""DVC stage `report`: metrics/report/index.html, one page that needs no server and no network: what was in the data,
what was learned, and whether to believe it.

The folder may be zipped and mailed. Figures are drawn when they come into view, sounds are read when they are played.
"""

import json
import shutil
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from plotly.offline import get_plotlyjs
from pydantic import NonNegativeInt, PositiveFloat
from ruamel.yaml import YAML

from stages.core import card, manifest, params
from stages.core.command import run
from stages.core.manifest import DUPLICATES, SPLIT
from stages.core.params import Section
from stages.core.progress import progress
from stages.core.storage import fresh_folder, read_json, write_text
from stages.core.task import Task
from stages.pages import figures, provenance, sounds
from stages.pages.claims import CLAIMED
from stages.scoring.recordings import by_recording

REPORT = Path("metrics/report")
METRICS, EXPLORED = Path("metrics"), Path("data/explore")
PREDICTIONS, HEARD, GENERATED = Path("data/predictions"), Path("data/denoised"), Path("data/generated")
PAGES = Path(__file__).parent / "pages"
REJECTED_SHOWN = 50


class ReportParams(Section):
    """`report`: how many misclassified recordings of each classifier, and how many of each of the audit's findings, can
    be seen and heard; how much of a longer recording, in seconds."""

    listed: NonNegativeInt
    longest_s: PositiveFloat


def main():
    """Gather, draw, write."""
    p = params.load(ReportParams, "report")
    folder = fresh_folder(REPORT)
    page = Page(folder)
    split, task = manifest.read(SPLIT), Task.read()
    recordings = sounds.Recordings(split, folder, p.longest_s)
    audit = read_json(METRICS / "audit.json")
    names = list(params.load(dict[str, dict], "classifiers"))
    each = {name: read_json(METRICS / "each" / f"{name}.json") for name in names}
    ran = {name: scores for name, scores in each.items() if "not_run" not in scores}
    key = "micro_f1" if not task.one_label else "accuracy"
    order = sorted(ran, key=lambda name: (-ran[name]["validation"][key]["value"], name))
    models = [
        _classifier(name, ran[name], page, task, split, recordings, p)
        for name in progress(order, total=len(order), what="report", unit="classifier")
    ]
    if order:
        page.copy(METRICS / "critical_difference.svg", "critical_difference.svg")
        page.draw("intervals", figures.intervals([(name, ran[name]["test"]["accuracy"]) for name in order]))
    rejected = manifest.read(Path("data/rejected.csv"))
    content = {
        "title": card.load(params.dataset()).title,
        "dataset": params.dataset(),
        "task": task,
        "key": key,
        "order": order,
        "tied": [name for name in order[1:] if ran[name]["validation"][key]["value"] == ran[order[0]]["validation"][key]["value"]],
        "each": ran,
        "not_run": {name: scores["not_run"] for name, scores in each.items() if "not_run" in scores},
        "models": models,
        "claimed": CLAIMED,
        "audit": audit,
        "rejected": rejected.head(REJECTED_SHOWN).to_dict("records"),
        "n_rejected": len(rejected),
        "n": _counts(split),
        "duplicates": _duplicates(page, recordings, split, p.listed),
        "mislabels": _mislabels(recordings, p.listed),
        "carriers": _carriers(audit, recordings, split, p.listed),
        "parts": manifest.read(METRICS / "audit" / "split.csv").to_dict("records"),
        "denoisers": [_denoiser(name, page) for name in params.load(dict[str, dict], "denoisers")],
        "generators": [_generator(name, page) for name in params.load(dict[str, dict], "gans")],
        "explored": _explored(page, recordings, split),
        "made_of": _made_of(),
    }
    page.write(content)
    print(f"report: {REPORT / 'index.html'}: {sum(f.stat().st_size for f in folder.rglob('*') if f.is_file()) / 1e6:.0f} MB")


class Page:
    """A folder with a page: what is put there, and the path that the page knows it by."""

    def __init__(self, folder):
        self.folder = folder

    def draw(self, name, figure):
        """A figure as a script, which a page from the disk may load, where it may not read JSON."""
        text = json.dumps(figure, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        write_text(self.folder / "figures" / f"{name}.js", f"figure({json.dumps(name)}, {text});\n")

    def copy(self, path, name):
        """A picture, or anything else that is there already."""
        place = self.folder / "pictures" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
        return f"pictures/{name}"

    def sound(self, path, name):
        """A WAV file of ours as FLAC, which is half the size."""
        wave, sr = soundfile.read(path, dtype="int16")
        return sounds.flac(self.folder, name, wave, sr)

    def write(self, content):
        """The page, its style and its scripts."""
        env = Environment(
            loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        write_text(self.folder / "index.html", env.get_template("report.html").render(content))
        write_text(self.folder / "plotly.min.js", get_plotlyjs())
        for name in ("report.css", "report.js"):
            shutil.copyfile(PAGES / name, self.folder / name)


def _counts(split):
    parts = {part: table for part, table in split.groupby("split")}
    return {
        "clips": len(split),
        "recordings": split["parent"].nunique(),
        "sources": split["source"].nunique(),
        "parts": {part: (len(parts[part]), parts[part]["source"].nunique()) for part in manifest.SPLITS if part in parts},
    }


def _classifier(name, scores, page, task, split, recordings, p):
    """What the page tells of one classifier; its figures drawn."""
    truth, decided, probabilities, rows = _test(name, task, split)
    drawn = {
        "roc": figures.roc(truth, probabilities, task.classes),
        "precision_recall": figures.precision_recall(truth, probabilities, task.classes),
        "calibration": figures.calibration(scores["probabilities"]["calibration"]["bins"]),
    }
    if task.one_label:
        drawn = {"confusion": figures.confusion(scores["confusion"], task.classes)} | drawn
    if "history" in scores:
        drawn["learning"] = figures.learning(scores["history"])
    for what, figure in drawn.items():
        page.draw(f"{name}-{what}", figure)
    wrong = _wrong(task, truth, decided, probabilities, rows, scores["thresholds"])
    manifest.write(wrong.drop(columns="recording"), page.folder / "misclassified" / f"{name}.csv")
    listed = [row | recordings.media(row["recording"]) for row in wrong.head(p.listed).to_dict("records")]
    return {
        "name": name,
        "scores": scores,
        "figures": list(drawn),
        "wrong": listed,
        "n_wrong": len(wrong),
        "params": _yaml(params.load(dict[str, dict], "classifiers")[name]),
    }


def _test(name, task, split):
    """truth, decided, probabilities of the test recordings, and a row of the split table for each."""
    table = pd.read_csv(
        PREDICTIONS / name / "probabilities.csv", dtype={"clip_id": str}, keep_default_na=False, lineterminator="\n"
    )
    table = table[table["split"] == "test"]
    clips = split.set_index("clip_id").loc[table["clip_id"]]
    of_clips = clips["source"], task.targets(clips["labels"]), table.iloc[:, 2:].to_numpy(float)
    _, truth, probabilities = by_recording(clips["parent"], *of_clips)
    thresholds = read_json(PREDICTIONS / name / "thresholds.json")
    decided = task.decide(probabilities, [thresholds[c] for c in task.classes])
    return truth, decided, probabilities, clips.drop_duplicates("parent").sort_values("parent")


def _wrong(task, truth, decided, probabilities, rows, thresholds):
    """The misclassified recordings, the most confident first: how far a wrong class is from its threshold."""
    away = np.abs(probabilities - [thresholds[name] for name in task.classes])
    away = np.where(truth != decided, away, 0).max(axis=1)
    wrong = (truth != decided).any(axis=1).nonzero()[0]
    wrong = wrong[np.argsort(-away[wrong], kind="stable")]
    names = np.array(task.classes, dtype=object)
    return pd.DataFrame(
        {
            "recording": rows["parent"].to_numpy()[wrong],
            "path": rows["path"].to_numpy()[wrong],
            "source": rows["source"].to_numpy()[wrong],
            "actual": ["|".join(names[truth[k]]) for k in wrong],
            "predicted": ["|".join(names[decided[k]]) for k in wrong],
            "probability": [round(float(probabilities[k][decided[k]].max(initial=0)), 3) for k in wrong],
        }
    )


def _duplicates(page, recordings, split, most):
    pairs = manifest.read(DUPLICATES)
    parent = split.set_index("clip_id")["parent"]
    found = []
    for line, pair in enumerate(pairs.head(most).to_dict("records"), start=2):
        drawn = DUPLICATES.parent / f"{line:05d}.png"
        pair["picture"] = page.copy(drawn, f"duplicates-{line}.png") if drawn.is_file() else None
        pair["both"] = [(clip, recordings.media(parent[clip])) for clip in (pair["clip_id"], pair["other"])]
        found.append(pair)
    return {"n": len(pairs), "shown": found}


def _mislabels(recordings, most):
    table = manifest.read(METRICS / "audit" / "mislabels.csv")
    shown = [row | recordings.media(row["clip_id"]) for row in table.head(most).to_dict("records")]
    return {"n": len(table), "shown": shown}


def _carriers(audit, recordings, split, most):
    """Of each shortcut that surely is one, the clips that metrics/audit/shortcuts.csv names."""
    table, parent = manifest.read(METRICS / "audit" / "shortcuts.csv"), split.set_index("clip_id")["parent"]
    surely = [cue for cue, found in audit["shortcuts"].items() if found["surely"]]
    found = {}
    for cue in surely:
        rows = table[table["cue"] == cue].head(most).to_dict("records")
        found[cue] = [row | recordings.media(parent[row["clip_id"]]) for row in rows]
    return found


def _denoiser(name, page):
    """Scores, and what was written to be listened to: clean, noisy, denoised."""
    scores, shown = read_json(METRICS / "denoise" / f"{name}.json"), []
    for picture in sorted((HEARD / name).glob("*.png")):
        of = {
            part: page.sound(picture.with_name(f"{picture.stem}-{part}.wav"), f"{name}-{picture.stem}-{part}.flac")
            for part in ("clean", "noisy", "denoised")
        }
        shown.append({"clip": picture.stem, "picture": page.copy(picture, f"{name}-{picture.name}"), "sounds": of})
    return {"name": name, "scores": scores, "shown": shown}


def _generator(name, page):
    """Scores, the pictures that its training left, and sounds of each class."""
    place = GENERATED / name
    pictures = {
        what: page.copy(place / f"{what}.png", f"{name}-{what}.png")
        for what in ("samples", "real_and_generated", "training")
        if (place / f"{what}.png").is_file()
    }
    heard = [(path.stem, page.sound(path, f"{name}-{path.stem}.flac")) for path in sorted((place / "wav").glob("*.wav"))]
    return {"name": name, "scores": read_json(METRICS / "gan" / f"{name}.json"), "pictures": pictures, "sounds": heard}


def _explored(page, recordings, split):
    """The figures of data/explore by group, those of a clip with its sound."""
    parent, groups = split.set_index("clip_id")["parent"], {}
    for entry in read_json(EXPLORED / "figures.json"):
        name = f"explore-{Path(entry['file']).stem}"
        page.draw(name, read_json(EXPLORED / entry["file"]))
        group = groups.setdefault(entry["group"], {"figures": [], "media": None})
        group["figures"].append(entry | {"name": name})
        if entry.get("clip_id"):
            group["media"] = recordings.media(parent[entry["clip_id"]])
    return groups


def _made_of():
    every = params.read_yaml(params.PARAMS)
    content = {key: value for key, value in every.items() if key != "compute"}  # no result depends on that one
    files = [Path("stages"), params.PARAMS, params.card_path(params.dataset()), Path("dvc.yaml"), Path("requirements.txt")]
    return {
        "contents": provenance.contents(files),
        "packages": provenance.packages(),
        "corpus": provenance.corpus(),
        "params": _yaml(content),
    }


def _yaml(content):
    text, writer = StringIO(), YAML()
    writer.width = 100
    writer.dump(content, text)
    return text.getvalue()


if __name__ == "__main__":
    run(main)
