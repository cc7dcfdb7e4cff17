"""DVC stage `denoise@<name>`: one denoiser, fitted on noisy train clips, stored, and scored on noisy test clips."""

from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import messages, params
from sourcewise.core.command import run
from sourcewise.core.errors import NotRun
from sourcewise.core.params import AudioParams
from sourcewise.core.paths import DENOISERS, EACH, SAMPLES
from sourcewise.models import entries
from sourcewise.models.denoising.scoring import ScoreParams, denoise
from sourcewise.storage.files import fresh_folder, write_json


def main(name):
    """Without sound, the stage writes why it did not run, and the others run."""
    (module, p), score = entries.denoiser(name), params.load(ScoreParams, "denoise.score")
    try:
        denoise(name, module, p, score, params.load(AudioParams, "audio"), params.load(ComputeParams, "compute"))
    except NotRun as reason:
        messages.info(f"{name} is not run: {reason}")
        for folder in (DENOISERS / name, SAMPLES / "denoisers" / name):
            write_json(fresh_folder(folder) / "not_run.json", {"reason": str(reason)})
        write_json(EACH / "denoisers" / f"{name}.json", {"not_run": str(reason)})


if __name__ == "__main__":
    run(main)
