"""Sounds and images of denoisers and generators, and the figures of the dataset."""

from pathlib import Path

from sourcewise.core.paths import EACH, EXPLORED, FOLD, SAMPLES
from sourcewise.storage.files import read_json


def denoiser(name, page):
    """Scores, and clips to listen to: clean, noisy, denoised."""
    scores, clips = read_json(EACH / "denoisers" / f"{name}.json"), []
    for image in sorted((SAMPLES / "denoisers" / name).glob("*.png")):
        sounds = {
            part: page.sound(image.with_name(f"{image.stem}-{part}.wav"), f"{name}-{image.stem}-{part}.flac")
            for part in ("clean", "noisy", "denoised")
        }
        clips.append({"clip": image.stem, "image": page.copy(image, f"{name}-{image.name}"), "sounds": sounds})
    return {"name": name, "scores": scores, "clips": clips}


def generator(name, page):
    """Scores, the images of its training, and sounds of each class."""
    folder = SAMPLES / "generators" / name / FOLD.format(0)
    images = {
        key: page.copy(folder / f"{key}.png", f"{name}-{key}.png")
        for key in ("samples", "real_and_generated", "training")
        if (folder / f"{key}.png").is_file()
    }
    sounds = [
        (path.stem, page.sound(path, f"{name}-{path.stem}.flac")) for path in sorted((folder / "wav").glob("*.wav"))
    ]
    return {"name": name, "scores": read_json(EACH / "generators" / f"{name}.json"), "images": images, "sounds": sounds}


def explored(page, recordings, split):
    """The figures of data/explored by group, those of a clip with its sound."""
    parent, groups = split.set_index("clip_id")["parent"], {}
    for entry in read_json(EXPLORED / "figures.json"):
        name = f"explore-{Path(entry['file']).stem}"
        page.draw(name, read_json(EXPLORED / entry["file"]))
        group = groups.setdefault(entry["group"], {"figures": [], "media": None})
        group["figures"].append(entry | {"name": name})
        if entry.get("clip_id"):
            group["media"] = recordings.media(parent[entry["clip_id"]])
    return groups
