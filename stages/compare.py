"""DVC stage `compare`: all classifiers in one table, the leakage gap above it; one summary for `dvc metrics diff`."""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.paths import METRICS
from sourcewise.datasets import dataset_file, manifest
from sourcewise.report.comparison import compare, forget_others
from sourcewise.storage.files import write_json, write_text


def main():
    """Of what params.yaml names, never of what happens to lie in the folder."""
    named = {kind: params.load(dict[str, dict], kind) for kind in ("classifiers", "denoisers", "generators")}
    for kind, names in named.items():
        forget_others(kind, names)
    denoiser = params.load(str, "denoise.apply")
    title = dataset_file.chosen()
    title += "" if denoiser == "none" else f", its features from clips that {denoiser} has denoised"
    summary, plotted, pairs, picture, text = compare(title, **named)
    write_json(METRICS / "summary.json", summary)
    for name, table in plotted.items():
        manifest.write(table, METRICS / f"{name}.csv")
    manifest.write(pairs, METRICS / "pairs.csv")
    write_text(METRICS / "critical_difference.svg", picture)
    write_text(METRICS / "comparison.md", text)
    print(text)


if __name__ == "__main__":
    run(main)
