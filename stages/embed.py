"""DVC stage `embed@<name>`: a frozen network, run once over the features of every clip; `train@<name>` then trains
only a head on its embeddings, in seconds.

If the weights can be neither read nor downloaded, the stage and its classifier are not run. Once
embeddings.<name>.weights.path is set, it reruns; once the network is back, `dvc repro -fs embed@<name>` tries again.
"""

from sourcewise.compute.parallel import ComputeParams
from sourcewise.core import messages, params
from sourcewise.core.command import run
from sourcewise.core.errors import NotRun
from sourcewise.core.paths import EACH, EXTRACTED, FEATURES
from sourcewise.extraction.embed import embed
from sourcewise.models import entries
from sourcewise.storage.files import digest_of, fresh_folder, write_digest, write_json, write_text


def main(name):
    """Embeddings of all clips, or why there are none."""
    (module, p), folder = entries.embedding(name), fresh_folder(FEATURES / name)
    compute = params.load(ComputeParams, "compute")
    try:
        recognised = embed(name, module, p, folder, compute)
    except NotRun as reason:
        messages.info(f"{name} is not run: {reason}")
        write_json(fresh_folder(folder) / "not_run.json", {"reason": str(reason)})
        recognised = {}
    write_json(EACH / "embeddings" / f"{name}.json", recognised)
    write_digest(folder)
    write_text(EXTRACTED / f"{name}.txt", f"{digest_of(folder)}\n")


if __name__ == "__main__":
    run(main)
