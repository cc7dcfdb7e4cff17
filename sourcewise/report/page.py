"""The page of the report, with the folder of its figures, images and sounds."""

import json
import shutil
from importlib.resources import files
from pathlib import Path

import soundfile
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sourcewise.core.errors import count
from sourcewise.report import sounds
from sourcewise.storage.files import write_text

PAGES = Path(__file__).parent


class Page:
    """A page and its folder; files are added to the folder and referred to by their paths in it."""

    def __init__(self, folder):
        self.folder, self.path = folder, folder / "index.html"

    def draw(self, name, figure):
        """Write a figure as a script, as a page opened from the disk may load scripts but not JSON."""
        text = json.dumps(figure, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        write_text(self.folder / "figures" / f"{name}.js", f"figure({json.dumps(name)}, {text});\n")

    def copy(self, path, name):
        """Copy an image; returns its path in the folder."""
        copy = self.folder / "images" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        return f"images/{name}"

    def sound(self, path, name):
        """Convert a WAV file to FLAC, half the size; returns its path in the folder."""
        wave, sr = soundfile.read(path, dtype="int16")
        return sounds.flac(self.folder, name, wave, sr)

    def write(self, content):
        """Write the page, its style and its scripts."""
        env = Environment(
            loader=FileSystemLoader(PAGES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        write_text(self.path, env.get_template("report.html").render(content, count=count))
        shutil.copyfile(files("plotly") / "package_data" / "plotly.min.js", self.folder / "plotly.min.js")
        for name in ("report.css", "report.js"):
            shutil.copyfile(PAGES / name, self.folder / name)

    def megabytes(self):
        """The size of the folder in 10^6 bytes."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file()) / 1e6
