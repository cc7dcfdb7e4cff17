"""DVC stage `compare`: classifiers, denoisers and generators compared; the summary for `dvc metrics diff`."""

from sourcewise.core import params
from sourcewise.core.command import run
from sourcewise.core.paths import METRICS
from sourcewise.datasets import dataset_file, manifest
from sourcewise.report.comparison import compare, remove_others
from sourcewise.storage.files import write_json, write_text


def main():
    """Compare the entries of params.yaml, whatever else the folder holds."""
    entries = {name: params.load(dict[str, dict], name) for name in ("classifiers", "denoisers", "generators")}
    for section, names in entries.items():
        remove_others(section, names)
    denoiser = params.load(str, "denoise.apply")
    title = dataset_file.chosen()
    title += "" if denoiser == "none" else f", its features from clips denoised by {denoiser}"
    summary, plotted, pairs, diagram, text = compare(title, **entries)
    write_json(METRICS / "summary.json", summary)
    for name, table in plotted.items():
        manifest.write(table, METRICS / f"{name}.csv")
    manifest.write(pairs, METRICS / "pairs.csv")
    write_text(METRICS / "critical_difference.svg", diagram)
    write_text(METRICS / "comparison.md", text)
    print(text)


if __name__ == "__main__":
    run(main)
