"""DVC stage `augment`: augmented copies of the clips that train in some fold, by the recipes of params.yaml."""

from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.params import AudioParams
from sourcewise.datasets.augment import AugmentParams, augment
from sourcewise.datasets.folds import Split


def main():
    """Write the copies in the order of recipes and clips, and their rows as in the manifest."""
    p, audio = params.load(AugmentParams, "augment"), params.load(AudioParams, "audio")
    split = Split.read()
    augment(split.clips[split.is_in("train")], p, audio, params.load(ComputeParams, "compute"))


if __name__ == "__main__":
    run(main)
