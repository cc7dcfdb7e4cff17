"""DVC stage `augment`: augmented copies of the train clips, by the recipes of params.yaml; never of other clips."""

from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.params import AudioParams
from sourcewise.core.paths import SPLIT
from sourcewise.datasets import manifest
from sourcewise.datasets.augment import AugmentParams, augment


def main():
    """Write the copies in the order of recipes and clips, and their rows as in the manifest."""
    p, audio = params.load(AugmentParams, "augment"), params.load(AudioParams, "audio")
    train = manifest.read(SPLIT).query("split == 'train'")
    augment(train, p, audio, params.load(ComputeParams, "compute"))


if __name__ == "__main__":
    run(main)
