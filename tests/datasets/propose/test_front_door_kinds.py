"""Odd kinds of input that people bring, a row a kind: from raw files to data/manifest.csv. Labels and sources are
literal; where no source is known, each recording is its own."""

import io
import json

import pandas as pd
import pytest

N = 12
LABEL = ["dog" if k % 2 == 0 else "cat" for k in range(N)]
WHO = [("ann", "bob", "cid")[k // 4] for k in range(N)]
NAMES = [f"r{k:02d}" for k in range(N)]
AUDIO = {f"audio/{name}.wav": None for name in NAMES}
ROWS = [(f"{NAMES[k]}.wav", LABEL[k], WHO[k]) for k in range(N)]
OWN = None  # as the sources: each recording is its own


def _lines(titles, row, n=N, end="\n", **more):
    """Titles, and a row for each recording; of `more`, texts by the number of the recording."""
    rows = [
        row.format(name=NAMES[k], label=LABEL[k], who=WHO[k], k=k, **{key: of[k % len(of)] for key, of in more.items()})
        for k in range(n)
    ]
    return end.join([titles, *rows] if titles else rows) + end


def _list(titles, row, name="list.csv", audio=AUDIO, end="\n", encoding="utf-8", **more):
    return audio | {name: _lines(titles, row, end=end, **more).encode(encoding)}, name


def _json(text):
    return AUDIO | {"list.json": text}, "list.json"


def _parquet():
    content = io.BytesIO()
    content.close = lambda: None
    table = pd.DataFrame(ROWS, columns=["file", "label", "speaker"])
    table.to_parquet(content, engine="fastparquet")
    return AUDIO | {"list.parquet": content.getvalue()}, "list.parquet"


YOUTUBE = [f"{'-_aB'[k % 4]}x{'-_'[k % 2]}yZ{k:02d}{'_q-9'[k % 4]}w1K" for k in range(N)]
MIDS = ("/m/09x0r,/m/05zppz", "/m/0bt9lr", "/m/09x0r", "/t/dd00003,/m/0bt9lr")
SEGMENTS = "# Segments csv created Sun Mar  5 10:54:31 2017\n# num_ytids=12, num_segs=12, num_unique_labels=4\n"
SEGMENTS += "# YTID, start_seconds, end_seconds, positive_labels\n"


def _audioset(form, seconds=0.5):
    starts = [30 * (k % 4) for k in range(N)]
    files = {
        "audio/" + form.format(id=one, s=s, ms=1000 * s, end_ms=1000 * s + 10_000): seconds
        for one, s in zip(YOUTUBE, starts, strict=True)
    }
    lines = [
        f'{one}, {s}.000, {s + 10}.000, "{MIDS[k % 4]}"' for k, (one, s) in enumerate(zip(YOUTUBE, starts, strict=True))
    ]
    return files | {"balanced_train_segments.csv": SEGMENTS + "\n".join(lines) + "\n"}, "balanced_train_segments.csv"


MID_LABELS = ["|".join(sorted(MIDS[k % 4].split(","))) for k in range(N)]
PART = ["train"] * 4 + ["valid"] * 4 + ["test"] * 4
CELLS = ("['dog', 'rain']", "['dog']", "['cat', 'rain']", "['rain']")
DEEP = [f"{c}/wav/{w}_{k}x.wav" for c in ("cat", "dog") for w in ("ann", "bob", "cid") for k in range(2)]
SEVERAL = [("dog|rain", "dog", "cat|rain", "rain")[k % 4] for k in range(N)]
EMPTY = ("dog", "", "cat", "cat")
CLASSES = [("01", "02", "10")[k % 3] for k in range(N)]

#: kind: ((files, target), labels, sources), each a list in the order of the recordings.
KINDS = {
    "file URLs": (_list("file,label,speaker", "file://<root>/audio/{name}.wav,{label},{who}"), LABEL, WHO),
    "Windows, below another folder": (
        _list("Filename;Class;Subject", "D:\\data\\study 1\\audio\\{name}.WAV;{label};{who}", end="\r\n"),
        *(LABEL, WHO),
    ),
    "absolute, of a container": (_list("path,label,speaker", "/workspace/data/{name}.wav,{label},{who}"), LABEL, WHO),
    "home of someone": (_list("path,label,speaker", "~/birds/audio/{name}.wav,{label},{who}"), LABEL, WHO),
    "blanks around cells": (_list("file , label , speaker", " audio/{name}.wav , {label} , {who} "), LABEL, WHO),
    "capitals without a suffix": (
        _list("file,label,speaker", "{name},{label},{who}", audio={f"A/{n.upper()}.WAV": None for n in NAMES}),
        *(LABEL, WHO),
    ),
    "numbers that lost their zeros": (
        _list("id,label,speaker", "{k},{label},{who}", audio={f"audio/{k:04d}.wav": None for k in range(N)}),
        *(LABEL, WHO),
    ),
    "numbers in names that lost their zeros": (
        _list("recording,label,speaker", "{k},{label},{who}", audio={f"rec_{k:03d}.wav": None for k in range(N)}),
        *(LABEL, WHO),
    ),
    "names made of two columns": (
        _list(
            "speaker,take,label",
            "{who},{take},{label}",
            audio={f"{WHO[k]}_{k % 4}.wav": None for k in range(N)},
            take="0123",
        ),
        *(LABEL, WHO),
    ),
    "names made of three columns": (
        _list(
            "speaker,label,take",
            "{who},{label},{take}",
            audio={f"w/{WHO[k]}-{LABEL[k]}-{k % 4}.wav": None for k in range(N)},
            take="0123",
        ),
        *(LABEL, WHO),
    ),
    "an index column and a column a class": (
        _list(
            ",file,dog,cat,rain,site",
            "{k},{name}.wav,{a},{who}",
            a=("1,0,1", "1,0,0", "0,1,1", "0,0,1"),
        ),
        *(SEVERAL, WHO),
    ),
    "a column a class, decimals": (
        _list("file,dog,cat,rain", "{name}.wav,{a}", a=("1.0,0.0,1.0", "1.0,0.0,0.0", "0.0,1.0,1.0", "0.0,0.0,1.0")),
        *(SEVERAL, OWN),
    ),
    "a column a class, and one of them without a recording": (
        _list("file,dog,cat,rain,snow", "{name}.wav,{a},0", a=("1,0,1", "1,0,0", "0,1,1", "0,0,1")),
        *(SEVERAL, OWN),
    ),
    "JSON lines, the path further in": (
        _json(
            "\n".join(json.dumps({"audio": {"path": p, "sr": 8000}, "label": c, "speaker_id": w}) for p, c, w in ROWS)
        ),
        *(LABEL, WHO),
    ),
    "JSON with a list inside": (
        _json(json.dumps({"version": 1, "data": [{"wav": f"/x/{p}", "labels": c, "spk": w} for p, c, w in ROWS]})),
        *(LABEL, WHO),
    ),
    "JSON of columns": (_json(pd.DataFrame(ROWS, columns=["file", "label", "speaker"]).to_json()), LABEL, WHO),
    "JSON of lists": (
        _json(json.dumps(pd.DataFrame(ROWS, columns=["file", "label", "speaker"]).to_dict("list"))),
        *(LABEL, WHO),
    ),
    "JSON from path to label": (_json(json.dumps({f"audio/{p}": c for p, c, _ in ROWS})), LABEL, OWN),
    "the first column without a title": (_list(",label,speaker", "{name}.wav,{label},{who}"), LABEL, WHO),
    "semicolons, decimal commas": (
        _list("file;duration;label;speaker", "{name}.wav;0,{k}5;{label};{who}", end="\r\n"),
        *(LABEL, WHO),
    ),
    "a column of parts": (
        _list(
            "path,label,speaker,split",
            "{name}.wav,{label},{who},{part}",
            part=["train"] * 4 + ["valid"] * 4 + ["test"] * 4,
        ),
        *(LABEL, WHO),
    ),
    "an XLSX with a line above the titles": (
        (
            AUDIO
            | {
                "list.xlsx": [
                    ["Recordings of 2021"],
                    [],
                    ["file", "label", "speaker"],
                    *map(list, zip([f"{n}.wav" for n in NAMES], LABEL, WHO, strict=True)),
                ]
            },
            "list.xlsx",
        ),
        *(LABEL, WHO),
    ),
    "category": (_list("filename,category", "{name}.wav,{label}"), LABEL, OWN),
    "emotion": (_list("Path,Emotion,Actor", "{name}.wav,{label},{who}"), LABEL, WHO),
    "species and recordist": (
        _list("file,species,recordist,rating", "{name}.wav,{label},{who},{r}.5", r="34"),
        LABEL,
        WHO,
    ),
    "primary_label": (
        _list(
            "primary_label,secondary_labels,latitude,author,rating,filename",
            "{label},\"['owl']\",{k}.25,{who},4.0,{label}/{name}.wav",
            audio={f"train_audio/{LABEL[k]}/{NAMES[k]}.wav": None for k in range(N)},
        ),
        *(LABEL, WHO),
    ),
    "UTF-16 of Excel, tabs": (
        _list("file\tlabel\tspeaker", "{name}.wav\t{label}\t{who}", "list.txt", end="\r\n", encoding="utf-16"),
        *(LABEL, WHO),
    ),
    "Common Voice": (
        _list(
            "client_id\tpath\tsentence\tup_votes\tdown_votes\tage\tgender\taccents\tlocale\tsegment",
            '{who}f00ba7\tcommon_voice_en_{k}.mp3\tSay "it" {k}.\t2\t0\t\t{sex}\t\ten\t',
            "validated.tsv",
            audio={f"clips/common_voice_en_{k}.mp3": None for k in range(N)},
            sex=("male", "female"),
        ),
        [("male", "female")[k % 2] for k in range(N)],
        [f"{who}f00ba7" for who in WHO],
    ),
    "some labels empty": (
        _list("file,label,speaker", "{name}.wav,{l},{who}", l=EMPTY),
        [EMPTY[k % 4] or None for k in range(N)],
        WHO,
    ),
    "some labels nan": (
        _list("file,label,speaker", "{name}.wav,{l},{who}", l=[label or "nan" for label in EMPTY]),
        [EMPTY[k % 4] or None for k in range(N)],
        WHO,
    ),
    "lists of Python": (
        _list(
            "file,labels,speaker",
            '{name}.wav,"{l}",{who}',
            l=CELLS,
        ),
        *(SEVERAL, WHO),
    ),
    "classes with zeros in front": (
        _list("file,class,speaker", "{name}.wav,{c},{who}", c=("01", "02", "10")),
        *(CLASSES, WHO),
    ),
    "Parquet": (_parquet(), LABEL, WHO),
    "a tab at the end of titles": (
        _list("file\tlabel\tspeaker\t", "{name}.wav\t{label}\t{who}", "list.tsv"),
        LABEL,
        WHO,
    ),
    "a label in the folder above": (
        (dict.fromkeys(DEEP), "."),
        *([path[:3] for path in DEEP], [path.split("/")[2][:3] for path in DEEP]),
    ),
    "one text for all labels": (
        _list("file,label,speaker", "{name}.wav,{l},{who}", l=["dog; rain", "dog", "cat; rain", "rain"]),
        *(SEVERAL, WHO),
    ),
    "addresses": (
        _list("url,label,speaker", "https://example.org/sets/1/{name}.wav?download=1,{label},{who}"),
        *(LABEL, WHO),
    ),
    "blanks as %20": (
        _list(
            "file,label,speaker",
            "a/my%20take%20{k}.wav,{label},{who}",
            audio={f"a/my take {k}.wav": None for k in range(N)},
        ),
        *(LABEL, WHO),
    ),
    "a shared folder of Windows": (_list("file,label,speaker", "\\\\srv\\x\\{name}.wav,{label},{who}"), LABEL, WHO),
    "Excel's truth in German": (
        _list(
            "Datei;Sprecher;dog;cat;rain",
            "{name}.wav;{who};{a}",
            a=("WAHR;FALSCH;WAHR", "WAHR;FALSCH;FALSCH", "FALSCH;WAHR;WAHR", "FALSCH;FALSCH;WAHR"),
        ),
        *(SEVERAL, WHO),
    ),
    "folds with a word": (_list("file,label,speaker,fold", "{name}.wav,{label},{who},fold{f}", f="123"), LABEL, WHO),
    "empty lists": (
        _list("file,labels,speaker", '{name}.wav,"{l}",{who}', l=("['dog']", "[]", "['cat', 'dog']", "['cat']")),
        [("dog", None, "cat|dog", "cat")[k % 4] for k in range(N)],
        WHO,
    ),
    "a row with the total": (
        _list("file,label,speaker", "{name}.wav,{label},{who}{more}", more=[""] * 11 + ["\nTotal,12,"]),
        *(LABEL, WHO),
    ),
    "ASVspoof": (
        _list("", "{who}_0069 {name} - A{a} {l}", "protocol.txt", a=("01", "02", "03"), l=("spoof", "bonafide")),
        [("spoof", "bonafide")[k % 2] for k in range(N)],
        [f"{who}_0069" for who in WHO],
    ),
    "two lines above the titles": (
        _list("My study,,\n made by me,,\n,,\nfile,label,speaker", "{name}.wav,{label},{who}"),
        *(LABEL, WHO),
    ),
    "a patient's data": (
        _list(
            "file,subject_id,gender,age,diagnosis", "{name}.wav,{who},{g},{a},{d}", g="MMF", a="456", d=("ill", "well")
        ),
        [("ill", "well")[k % 2] for k in range(N)],
        WHO,
    ),
    "FSD50K": (
        _list(
            "fname,labels,mids,split",
            '1{k:03d},"{l}","/m/0{k}",{part}',
            "FSD50K.ground_truth/dev.csv",
            audio={f"FSD50K.dev_audio/1{k:03d}.wav": None for k in range(N)},
            l=("Bark,Dog,Animal", "Meow,Cat,Animal", "Rain"),
            part=("train", "val"),
        ),
        [("Animal|Bark|Dog", "Animal|Cat|Meow", "Rain")[k % 3] for k in range(N)],
        OWN,
    ),
    "UrbanSound8K": (
        _list(
            "slice_file_name,fsID,start,end,salience,fold,classID,class",
            "{who}-{k}-0-0.wav,{who},0.0,0.3175,1,{f},{c},{label}",
            "metadata/UrbanSound8K.csv",
            audio={f"audio/fold{k % 3 + 1}/{WHO[k]}-{k}-0-0.wav": None for k in range(N)},
            f="123",
            c="01",
        ),
        *(LABEL, WHO),
    ),
    "folders of speakers": (
        (
            {f"speaker_{w}/{c}_{k}.wav": None for w in ("ann", "bob", "cid") for c in ("cat", "dog") for k in range(2)},
            ".",
        ),
        ["cat", "cat", "dog", "dog"] * 3,
        [f"speaker_{who}" for who in WHO],
    ),
    "speakers first in the names": (
        ({f"{w}-{c}-{k}.wav": None for w in ("ann", "bob", "cid") for c in ("cat", "dog") for k in range(2)}, "."),
        *(["cat", "cat", "dog", "dog"] * 3, WHO),
    ),
    "a nested folder of the same name": (
        (
            {
                f"{part}{c}/{w}_{k}.wav": None
                for part in ("Set/", "Set/Set/")
                for w in "abc"
                for c in ("cat", "dog")
                for k in (1, 2)
            },
            ".",
        ),
        ["cat", "cat", "dog", "dog"] * 6,
        [who for _ in range(2) for who in "abc" for _ in range(4)],
    ),
    "AudioSet": (_audioset("{id}.wav"), MID_LABELS, OWN),
    "AudioSet, a Y in front": (_audioset("Y{id}.wav"), MID_LABELS, OWN),
    "AudioSet, start in the name": (_audioset("{id}_{s}.wav"), MID_LABELS, OWN),
    "AudioSet, start and end in ms": (_audioset("{id}_{ms}_{end_ms}.flac"), MID_LABELS, OWN),
    "AudioSet, start as in the list": (_audioset("{id}_{s}.000.wav"), MID_LABELS, OWN),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_becomes_a_manifest(arrived, kind):
    (files, target), labels, sources = KINDS[kind]
    table, printed = arrived(files, target)
    recordings = [name for name, content in files.items() if content is None or isinstance(content, float)]
    expected = {
        path: (labels[k], None if sources is None else sources[k])
        for k, path in enumerate(recordings)
        if labels[k] is not None
    }
    assert {row.path: (row.labels, sources and row.source) for row in table.itertuples()} == expected, printed
    if sources is OWN:
        assert table["source"].is_unique


def test_rows_of_recordings_that_were_not_downloaded_are_left_out(arrived):
    files, name = _audioset("{id}.wav")
    absent = {f"audio/{one}.wav" for one in YOUTUBE[1::3] + YOUTUBE[2::3]}
    table, printed = arrived({path: content for path, content in files.items() if path not in absent}, name)
    expected = {f"audio/{one}.wav": MID_LABELS[3 * k] for k, one in enumerate(YOUTUBE[::3])}
    assert dict(zip(table["path"], table["labels"], strict=True)) == expected
    assert "# 8 rows of recordings that are not there" in printed and "left out 8 rows of data/raw/own/" in printed


def test_a_recording_beside_the_folders_of_classes_is_left_out(arrived):
    table, printed = arrived(dict.fromkeys([*DEEP, "intro.wav"]))
    assert sorted(table["path"]) == sorted(DEEP) and "left out: 1 file in no folder" in printed


def test_times_that_are_in_no_known_unit_are_named(arrived):
    rows = _lines(
        "file,first_sample,start,end,label", "{name}.wav,{k},{k}0001,{k}0900,{label}\n{name}.wav,{k},5,9000,{label}"
    )
    table, printed = arrived(AUDIO | {"list.csv": rows}, "list.csv")
    assert "WARNING: start and end are no times within the files, and are not used" in printed and len(table) == N
