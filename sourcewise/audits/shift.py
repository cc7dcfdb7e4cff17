"""The shift between two datasets: in which measures their recordings differ, the largest difference first."""

import numpy as np
import pandas as pd

from sourcewise.audits.cues import CUES, measure
from sourcewise.compute.parallel import each
from sourcewise.evaluation.intervals import rounded

#: In this order where they differ equally.
MEASURES = ("bandwidth_hz", "sr_original", "rms_db", "floor_db", "duration_s")
SAMPLED = 500  # recordings of a dataset, evenly spaced in its order
CLASSES = "classes"
FAR = 0.3  # a distance from which on it is mentioned


def measured(table, store):
    """{measure: (n,)} of SAMPLED recordings. table: a manifest; store: the Ragged of its samples."""
    ends = table.assign(stop=table["start"] + table["n_samples"]).groupby("parent", sort=False)
    rows = ends.agg(start=("start", "min"), stop=("stop", "max"), sr=("sr", "first"), of=("sr_original", "first"))
    rows = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, min(SAMPLED, len(rows))).round().astype(int))]
    sr = int(rows["sr"].iloc[0])
    waves = store.between(rows["start"].to_numpy(), rows["stop"].to_numpy())
    of_each = list(each(lambda y: measure(y, sr=sr), waves, title="measure", unit="recording"))
    values = {name: np.array([of[name] for of in of_each]) for name in ("bandwidth_hz", "rms_db", "floor_db")}
    duration_s = ((rows["stop"] - rows["start"]) / sr).to_numpy()
    return values | {"duration_s": duration_s, "sr_original": rows["of"].to_numpy()}


def shift(own, other, own_shares, other_shares):
    """[{measure, distance, own, external}], the largest distance first; own and external are medians, or of `classes`
    {class: share}.

    own, other: as `measured` gives them, {} without sound; the shares: {class: share of the recordings}. distance: of
    a measure the magnitude of Cliff's delta (N. Cliff, Psychological Bulletin 114, 1993), from 0 where a recording of
    either dataset is as likely to have the larger value to 1 where the values do not overlap; of the classes the total
    variation distance, from 0 to 1.
    """
    rows = [
        {
            "measure": name,
            "distance": rounded(_distance(own[name], other[name])),
            "own": rounded(np.median(own[name])),
            "external": rounded(np.median(other[name])),
        }
        for name in MEASURES
        if name in own and name in other
    ]
    apart = sum(abs(own_shares[name] - other_shares.get(name, 0)) for name in own_shares) / 2
    rows.append({"measure": CLASSES, "distance": rounded(apart), "own": own_shares, "external": other_shares})
    return sorted(rows, key=lambda row: -row["distance"])


def shares(targets, classes):
    """{class: its share of the labels} of boolean targets (n, n_classes)."""
    n = targets.sum(axis=0)
    return {name: rounded(share) for name, share in zip(classes, n / max(n.sum(), 1), strict=True)}


def title(measure):
    """A measure in words."""
    return "the class shares" if measure == CLASSES else CUES[measure].name


def phrase(row):
    """A row of `shift` in words."""
    if row["measure"] == CLASSES:
        name = max(row["own"], key=lambda name: abs(row["own"][name] - row["external"][name]))
        return f"the share of class {name} ({row['external'][name]:.0%}, here {row['own'][name]:.0%})"
    value = CUES[row["measure"]].value
    return f"{title(row['measure'])} (median {value.format(row['external'])}, here {value.format(row['own'])})"


def _distance(x, y):
    ranks = pd.Series(np.concatenate([x, y])).rank()
    above = ranks[: len(x)].sum() - len(x) * (len(x) + 1) / 2
    return abs(2 * above / (len(x) * len(y)) - 1)
