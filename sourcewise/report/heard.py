"""What denoisers and generators left to be looked at and listened to, and figures of the corpus."""

from pathlib import Path

from sourcewise.core.paths import EACH, EXPLORED, SAMPLES
from sourcewise.storage.files import read_json


def denoiser(name, page):
    """Scores, and what was written to be listened to: clean, noisy, denoised."""
    scores, shown = read_json(EACH / "denoisers" / f"{name}.json"), []
    for picture in sorted((SAMPLES / "denoisers" / name).glob("*.png")):
        of = {
            part: page.sound(picture.with_name(f"{picture.stem}-{part}.wav"), f"{name}-{picture.stem}-{part}.flac")
            for part in ("clean", "noisy", "denoised")
        }
        shown.append({"clip": picture.stem, "picture": page.copy(picture, f"{name}-{picture.name}"), "sounds": of})
    return {"name": name, "scores": scores, "shown": shown}


def generator(name, page):
    """Scores, the pictures that its training left, and sounds of each class."""
    place = SAMPLES / "generators" / name
    pictures = {
        what: page.copy(place / f"{what}.png", f"{name}-{what}.png")
        for what in ("samples", "real_and_generated", "training")
        if (place / f"{what}.png").is_file()
    }
    heard = [
        (path.stem, page.sound(path, f"{name}-{path.stem}.flac")) for path in sorted((place / "wav").glob("*.wav"))
    ]
    return {
        "name": name,
        "scores": read_json(EACH / "generators" / f"{name}.json"),
        "pictures": pictures,
        "sounds": heard,
    }


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
