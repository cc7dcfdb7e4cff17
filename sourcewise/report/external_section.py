"""The section of external datasets in the report: scores, and misclassified recordings with image and sound."""

from sourcewise.core.paths import CLIPS
from sourcewise.datasets import manifest
from sourcewise.datasets.external import EXTERNAL
from sourcewise.evaluation import external
from sourcewise.evaluation.metrics import headline_keys
from sourcewise.report import sounds
from sourcewise.report.classifier import misclassified
from sourcewise.report.external import described


def sections(page, others, task, longest_s, listed, mel_image=sounds.mel_image):
    """Of each external dataset, for the page: its name, sentences, scores and the first `listed` recordings that the
    chosen classifier misclassifies, with image and sound."""
    each = []
    for name, of in others.items():
        chosen = of["chosen"]["name"]
        section = {"name": name, "sentences": described(name, of), "scores": of["scores"], "chosen": chosen}
        each.append(section | _wrong(page, name, of, task, longest_s, listed, mel_image))
    return each


def _wrong(page, name, of, task, longest_s, listed, mel_image):
    """The misclassified recordings, the most confident first, and their number."""
    chosen, scored = of["chosen"]["name"], external.scored(name, task)
    if "not_run" in of["chosen"]:
        return {"wrong": [], "n_wrong": 0, "key": None}
    there = external.narrowed(external.of_recordings(name, chosen, scored.rows, task), task, scored)
    wrong = misclassified(scored.task, there)
    file = page.folder / "misclassified" / f"{chosen}-{name}.csv"
    manifest.write(wrong.drop(columns="recording"), file)
    where = {"store": EXTERNAL / name / CLIPS.name, "prefix": f"{name}-", "mel_image": mel_image}
    recordings = sounds.Recordings(scored.rows, page.folder, longest_s, **where)
    first = [row | recordings.media(row["recording"]) for row in wrong.head(listed).to_dict("records")]
    return {"wrong": first, "n_wrong": len(wrong), "key": headline_keys(of["chosen"]["test"])[0]}
