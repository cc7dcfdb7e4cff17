"""When the labels of clips are heard, from data/events.csv."""

import numpy as np

from sourcewise.core.paths import EVENTS
from sourcewise.datasets import manifest


def read(clips, task):
    """For each clip, a row of `clips.table`, an array (n_events, 3): onset and offset as shares of the clip's duration,
    and the number of the class; None for a clip whose times are unknown, such as an augmented copy.

    None instead of the list where no times are known, or clips have one label each, which holds for all of the clip.
    """
    if task.one_label:
        return None
    table = manifest.read(EVENTS)
    if table.empty:
        return None
    number = {name: k for k, name in enumerate(task.classes)}
    rows = table.assign(label=table["label"].map(number)).astype({"onset_s": float, "offset_s": float})
    of_clip = {name: group.to_numpy() for name, group in rows.groupby("clip_id")[["onset_s", "offset_s", "label"]]}
    return [
        None if origin else of_clip.get(name, np.zeros((0, 3))) / [float(duration), float(duration), 1]
        for name, duration, origin in clips[["clip_id", "duration_s", "origin"]].itertuples(index=False)
    ]
