"""DVC stage `extract@<name>`: one representation of every clip, in manifest order, then of every augmented copy.

If `denoise.apply` names a denoiser, it is applied to each clip first. Features that a dataset without sound cannot
give are not run, nor are their classifiers.
"""

from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import params, registry
from sourcewise.core.command import run
from sourcewise.core.errors import Stop
from sourcewise.core.params import AudioParams
from sourcewise.core.paths import EXTRACTED, FEATURES
from sourcewise.datasets import clips
from sourcewise.extraction import precomputed
from sourcewise.extraction.extract import extract
from sourcewise.models.denoising.applied import applied
from sourcewise.storage.files import digest_of, write_text


def main(name):
    """A dataset without sound brings its own features."""
    module, denoiser = registry.module("features", name), params.load(str, "denoise.apply")
    p, compute = params.load(module.Params, f"features.{name}"), params.load(ComputeParams, "compute")
    table = clips.table()
    if clips.modality() == "sound":
        audio, min_s = params.load(AudioParams, "audio"), params.load(float, "ingest.min_s")
        extract(name, module, p, table, audio=audio, min_s=min_s, denoiser=applied(denoiser), compute=compute)
    elif denoiser == "none":
        precomputed.write(name, table, p, compute)
    else:
        raise Stop(f"denoise.apply is {denoiser!r}, but {clips.NO_SOUND[clips.modality()]}: set it to none")
    write_text(EXTRACTED / f"{name}.txt", f"{digest_of(FEATURES / name)}\n")


if __name__ == "__main__":
    run(main)
