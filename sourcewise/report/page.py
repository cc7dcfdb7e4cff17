"""A folder with a page in it: what is put there, and the paths by which the page knows it."""

import json
import shutil
from importlib.resources import files
from pathlib import Path

import soundfile
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sourcewise.report import sounds
from sourcewise.storage.files import write_text

PAGES = Path(__file__).parent


class Page:
    """A folder with a page: what is put there, and the path that the page knows it by."""

    def __init__(self, folder):
        self.folder, self.path = folder, folder / "index.html"

    def draw(self, name, figure):
        """A figure as a script, which a page from the disk may load, where it may not read JSON."""
        text = json.dumps(figure, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        write_text(self.folder / "figures" / f"{name}.js", f"figure({json.dumps(name)}, {text});\n")

    def copy(self, path, name):
        """A picture, or anything else that is there already."""
        place = self.folder / "pictures" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
        return f"pictures/{name}"

    def sound(self, path, name):
        """A WAV file of ours as FLAC, which is half the size."""
        wave, sr = soundfile.read(path, dtype="int16")
        return sounds.flac(self.folder, name, wave, sr)

    def write(self, content):
        """The page, its style and its scripts."""
        env = Environment(
            loader=FileSystemLoader(PAGES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        write_text(self.path, env.get_template("report.html").render(content))
        shutil.copyfile(files("plotly") / "package_data" / "plotly.min.js", self.folder / "plotly.min.js")
        for name in ("report.css", "report.js"):
            shutil.copyfile(PAGES / name, self.folder / name)

    def megabytes(self):
        """What the folder holds, in 10^6 bytes."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file()) / 1e6
