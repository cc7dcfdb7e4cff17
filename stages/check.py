"""DVC stage `check`: checks every section of params.yaml and the dataset file before any work is done."""

from sourcewise import configuration, dependencies
from sourcewise.core.command import run
from sourcewise.core.paths import CHECKED, PER_FOLD, SETTINGS, TRAINING
from sourcewise.datasets.external import FILES
from sourcewise.storage.files import fresh_folder, write_json


def main():
    """Stop at the first error; write what other stages depend on: all parameters, those of training, the dataset files
    of external datasets, the generators to be trained for each fold, and the code that each stage runs."""
    content = configuration.check()
    fresh_folder(CHECKED)
    write_json(SETTINGS, configuration.settings(content))
    write_json(TRAINING, {name: content[name] for name in configuration.TRAINING})
    write_json(FILES, configuration.external_files(content))
    write_json(PER_FOLD, configuration.read_generators())
    dependencies.write(content)


if __name__ == "__main__":
    run(main)
