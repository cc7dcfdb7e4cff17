"""Corpora of the field, recognised by the shape of their files' names: what is the label, what the source, which split
is published, and what to be careful about. References are in each corpus' own documentation."""

import re
from typing import NamedTuple

NAME = "(?:^|/)"
ENOUGH = 0.9  # share of the files that must have such names; the others are left out
EACH = {"pattern": "(?s)^(.+)$"}

_RAVDESS = dict(
    zip(
        ("01", "02", "03", "04", "05", "06", "07", "08"),
        ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised"),
        strict=True,
    )
)
_CREMA_D = {"ANG": "anger", "DIS": "disgust", "FEA": "fear", "HAP": "happy", "NEU": "neutral", "SAD": "sad"}
_EMO_DB = {
    **{"W": "anger", "L": "boredom", "E": "disgust", "A": "fear"},
    **{"F": "happiness", "T": "sadness", "N": "neutral"},
}
_SAVEE = {
    **{"a": "anger", "d": "disgust", "f": "fear", "h": "happiness"},
    **{"n": "neutral", "sa": "sadness", "su": "surprise"},
}
_ESC = (
    *("dog", "rooster", "pig", "cow", "frog", "cat", "hen", "insects", "sheep", "crow", "rain", "sea_waves"),
    *("crackling_fire", "crickets", "chirping_birds", "water_drops", "wind", "pouring_water", "toilet_flush"),
    *("thunderstorm", "crying_baby", "sneezing", "clapping", "breathing", "coughing", "footsteps", "laughing"),
    *("brushing_teeth", "snoring", "drinking_sipping", "door_wood_knock", "mouse_click", "keyboard_typing"),
    *("door_wood_creaks", "can_opening", "washing_machine", "vacuum_cleaner", "clock_alarm", "clock_tick"),
    *("glass_breaking", "helicopter", "chainsaw", "siren", "car_horn", "engine", "train", "church_bells"),
    *("airplane", "fireworks", "hand_saw"),
)
_URBAN = (
    *("air_conditioner", "car_horn", "children_playing", "dog_bark", "drilling", "engine_idling", "gun_shot"),
    *("jackhammer", "siren", "street_music"),
)
_MEDLEY = (
    *("clarinet", "distorted_electric_guitar", "female_singer", "flute", "piano", "tenor_saxophone", "trumpet"),
    "violin",
)
_GENRES = "blues|classical|country|disco|hiphop|jazz|metal|pop|reggae|rock"
_SCENES = "airport|bus|metro|metro_station|park|public_square|shopping_mall|street_pedestrian|street_traffic|tram"


def _numbered(names):
    return {str(k): name for k, name in enumerate(names)}


class Corpus(NamedTuple):
    """title; shape: of its files' paths, a regular expression; label, source: Rules as in a dataset file, the label
    None where names do not hold it; split: of the published one, None where there is none of use; caution: a sentence.
    """

    title: str
    shape: str
    label: dict | None
    source: dict
    split: str | None
    caution: str


def _row(title, shape, label, source, caution, table=None, sources=None, split=None):
    """A Corpus of patterns; table, sources: what the text in the name stands for."""
    rules = [
        None if pattern is None else {"pattern": pattern} | ({"table": names} if names else {})
        for pattern, names in ((label, table), (source, sources))
    ]
    return Corpus(title, shape, rules[0], rules[1] or EACH, split, caution)


#: The first whose shape fits is taken.
CORPORA = (
    _row(
        "RAVDESS",
        NAME + r"0[1-3]-0[12]-0[1-8]-0[12]-0[12]-0[12]-\d\d\.\w+$",
        NAME + r"\d\d-\d\d-(\d\d)-[^/]*$",
        r"-(\d\d)\.\w+$",
        "actors speak two sentences; a popular download holds every file twice",
        _RAVDESS,
    ),
    _row(
        "CREMA-D",
        NAME + r"1\d{3}_[A-Z]{3}_(?:ANG|DIS|FEA|HAP|NEU|SAD)_[A-Z]{2}\.\w+$",
        r"_([A-Z]{3})_[^/_]*$",
        NAME + r"(\d{4})_[^/]*$",
        "the label is what was to be acted; listeners recognised it in 41 % of the recordings (Cao et al. 2014)",
        _CREMA_D,
    ),
    _row(
        "EMO-DB",
        NAME + r"\d\d[ab]\d\d[WLEAFTN][a-z]?\.\w+$",
        NAME + r"\d\d[ab]\d\d([A-Z])[^/]*$",
        NAME + r"(\d\d)[ab]\d\d[^/]*$",
        "ten speakers, ten sentences: use folds, as a test part holds few speakers",
        _EMO_DB,
    ),
    _row(
        "SAVEE",
        NAME + r"(?:DC|JE|JK|KL)[_/](?:a|d|f|h|n|sa|su)\d\d\.\w+$",
        r"[_/]([a-z]+)\d\d\.\w+$",
        NAME + r"(DC|JE|JK|KL)[_/][a-z]+\d\d\.\w+$",
        "four speakers, all men: a test part holds one or two of them",
        _SAVEE,
    ),
    _row(
        "TESS",
        NAME + r"[OY]AF?_[A-Za-z']+_(?:angry|disgust|fear|happy|neutral|ps|sad)\.\w+$",
        r"_([a-z]+)\.\w+$",
        NAME + r"([OY])AF?_[^/]*$",
        "two speakers, so that it cannot be split by speaker: join it with another corpus",
        {name: name for name in ("angry", "disgust", "fear", "happy", "neutral", "sad")} | {"ps": "surprise"},
        {"O": "older", "Y": "younger"},
    ),
    _row(
        "Free Spoken Digit Dataset",
        NAME + r"\d_[a-z]+_\d{1,2}\.\w+$",
        NAME + r"(\d)_[a-z]+_\d+\.\w+$",
        NAME + r"\d_([a-z]+)_\d+\.\w+$",
        "the published test part, takes 0 to 4, has the speakers of the training part",
    ),
    _row(
        "Speech Commands",
        r"[^/]+/[0-9a-f]{8}_nohash_\d+\.\w+$",
        r"([^/]+)/[^/]*$",
        NAME + r"([0-9a-f]{8})_nohash_\d+\.\w+$",
        "the published parts are in validation_list.txt and testing_list.txt; other files are background noise",
    ),
    _row(
        "LibriSpeech",
        NAME + r"\d+-\d+-\d{4}\.\w+$",
        NAME + r"(\d+)-\d+-\d{4}\.\w+$",
        NAME + r"\d+-(\d+)-\d{4}\.\w+$",
        "classes are speakers, sources chapters; the published parts share no speaker. Sexes are in SPEAKERS.TXT",
    ),
    _row(
        "LibriTTS",
        NAME + r"\d+_\d+_\d{6}_\d{6}\.\w+$",
        NAME + r"(\d+)_\d+_\d{6}_\d{6}\.\w+$",
        NAME + r"\d+_(\d+)_\d{6}_\d{6}\.\w+$",
        "classes are speakers, sources chapters; the published parts share no speaker. Sexes are in speakers.tsv",
    ),
    _row(
        "VCTK",
        NAME + r"[ps]\d{3}_\d{3}(?:_mic[12])?\.\w+$",
        NAME + r"([ps]\d{3})_[^/]*$",
        NAME + r"([ps]\d{3}_\d{3})[^/]*$",
        "classes are speakers, sources utterances (of two microphones); each speaker was recorded in one session, so "
        "room and day tell speakers, too",
    ),
    _row(
        "Common Voice",
        NAME + r"common_voice_[A-Za-z-]+_\d+\.\w+$",
        None,
        None,
        "names hold no class: pass validated.tsv; client_id is the speaker, and gender is as speakers state it",
    ),
    _row(
        "ESC-50",
        NAME + r"[1-5]-\d+-[A-Z]-\d{1,2}\.\w+$",
        r"-(\d+)\.\w+$",
        NAME + r"[1-5]-(\d+)-[A-Z]-\d+\.\w+$",
        "five published folds keep the clips of a recording together; ESC-10 has ten of the classes",
        _numbered(_ESC),
        split=NAME + r"([1-5])-\d+-[A-Z]-\d+\.\w+$",
    ),
    _row(
        "UrbanSound8K",
        r"fold\d+/\d+-\d-\d+-\d+\.\w+$",
        NAME + r"\d+-(\d)-\d+-\d+\.\w+$",
        NAME + r"(\d+)-\d-\d+-\d+\.\w+$",
        "results are comparable on the ten published folds only; sources are Freesound's recordings",
        _numbered(_URBAN),
        split=r"fold(\d+)/[^/]*$",
    ),
    _row(
        "FSD50K",
        r"FSD50K\.\w+_audio/\d+\.\w+$",
        None,
        None,
        "names hold no class: pass FSD50K.ground_truth/dev.csv; clips of one uploader are not kept together",
    ),
    _row(
        "GTZAN",
        NAME + rf"(?:{_GENRES})\.\d{{5}}\.\w+$",
        NAME + rf"({_GENRES})\.\d{{5}}\.\w+$",
        None,
        "artists are not in the names, some recordings occur twice, and jazz.00054 is damaged (Sturm 2013)",
    ),
    _row(
        "Medley-solos-DB",
        NAME + r"Medley-solos-DB_(?:training|validation|test)-[0-7]_[0-9a-f-]{36}\.\w+$",
        r"_(?:training|validation|test)-(\d)_[^/]*$",
        None,
        "clips of a song are kept together by the published parts only: set split.method to given",
        _numbered(_MEDLEY),
        split=r"_(training|validation|test)-\d_[^/]*$",
    ),
    _row(
        "NSynth",
        NAME + r"[a-z]+(?:_lead)?_(?:acoustic|electronic|synthetic)_\d{3}-\d{3}-\d{3}\.\w+$",
        NAME + r"([a-z]+(?:_lead)?)_(?:acoustic|electronic|synthetic)_[^/]*$",
        NAME + r"([a-z_]+_\d{3})-\d{3}-\d{3}\.\w+$",
        "sources are instruments; of the published parts validation and test share instruments, train shares none",
        split=r"nsynth-(train|valid|test)/",
    ),
    _row(
        "TIMIT",
        r"(?i)DR[1-8]/[FM][A-Z]{3}\d/S[AIX]\d+\.(?:wav|sph|flac)(?:\.wav)?$",
        r"(?i)/([FM])[A-Z]{3}\d/[^/]*$",
        r"(?i)/([FM][A-Z]{3}\d)/[^/]*$",
        "classes are the sexes; all speakers say the same sentences SA1 and SA2",
        {"F": "female", "M": "male", "f": "female", "m": "male"},
        split=r"(?i)(?:^|/)(train|test)/",
    ),
    _row(
        "DCASE acoustic scenes",
        NAME + rf"(?:{_SCENES})-[a-z]+-\d+-\d+(?:-\w+)?\.\w+$",
        NAME + r"([a-z_]+)-[a-z]+-\d+-[^/]*$",
        NAME + r"[a-z_]+-([a-z]+-\d+)-[^/]*$",
        "sources are locations; files that differ only in their last part are one recording on several devices",
    ),
    _row(
        "xeno-canto (BirdCLEF)",
        r"[^/]+/XC\d+\.\w+$",
        r"([^/]+)/[^/]*$",
        None,
        "who recorded is not in the names: pass the table with the column author, or one recordist's birds are in "
        "several parts",
    ),
    _row(
        "FMA",
        NAME + r"(\d{3})/\1\d{3}\.mp3$",
        None,
        None,
        "names hold no class: make a CSV with path, genre and artist from fma_metadata/tracks.csv",
    ),
)


def of_names(paths):
    """(the Corpus that the paths look like, those of them that do); None where they look like none."""
    for corpus in CORPORA:
        search = re.compile(corpus.shape).search
        fit = [path for path in paths if search(path)]
        if fit and len(fit) >= ENOUGH * len(paths):
            return corpus, fit
    return None
