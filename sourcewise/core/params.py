"""Reading params.yaml and dataset files strictly: an unknown, missing or wrong key stops the run with its name."""

import math
import re
from contextlib import suppress
from copy import deepcopy
from functools import lru_cache
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sourcewise.core.errors import Stop, available
from sourcewise.core.paths import PARAMS

LARGEST = 300_000  # bytes of such a file: some seconds of reading
HIGHEST = 2**32 - 1  # of all numbers: the highest seed that scikit-learn takes
MOST = 1_000_000  # characters and values in it once aliases are followed
DEEPEST = 1000  # characters that may open a level; with more the slower parser reads, as libyaml would crash


def _from_and_to(values):
    if len(values) != 2 or values[0] > values[1]:
        raise ValueError("must be two numbers, the smaller one first")
    return values


Number = TypeVar("Number")
#: Two numbers, from and to.
Range = Annotated[list[Number], AfterValidator(_from_and_to)]
#: A fraction from 0 to below 1.
Share = Annotated[float, Field(ge=0, lt=1)]


class Section(BaseModel):
    """Base of every section: frozen, no unknown keys, no silent conversion, no NaN or infinity, no number beyond
    HIGHEST."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _within_reason(cls, value):
        for number in value if isinstance(value, list) else [value]:
            if isinstance(number, int | float) and HIGHEST < abs(number) < math.inf:
                raise ValueError(f"must lie from {-HIGHEST} to {HIGHEST}")
        return value


class Entry(Section):
    """The keys that every entry of `classifiers`, `generators` and `embeddings` has: its module and the features that
    it reads."""

    model: str
    features: str


class AudioParams(Section):
    """`audio`: the sample rate that all clips are resampled to, in Hz; how recordings are cut into clips."""

    sr: int = Field(ge=1000, le=192_000)
    segment_s: Annotated[float, Field(gt=0, le=3600)] | None
    hop_s: PositiveFloat | None
    pad: Literal["zeros", "repeat", "reflect", "none"]

    @model_validator(mode="after")
    def _fit_together(self):
        if self.hop_s is not None and self.segment_s is None:
            raise ValueError(f"hop_s is {self.hop_s:g}, but segment_s is null: set both, or neither")
        if self.hop_s is not None and self.hop_s > self.segment_s:
            raise ValueError(
                f"hop_s is {self.hop_s:g}, must not be above segment_s ({self.segment_s:g}): sound would be left out"
            )
        if self.segment_s is not None and min(self.segment, self.hop) < 1:
            raise ValueError(f"segment_s and hop_s must each be at least one sample, 1 / {self.sr} s")
        return self

    @property
    def segment(self):
        """Samples of a clip; None where a clip is a whole recording."""
        return None if self.segment_s is None else round(self.segment_s * self.sr)

    @property
    def hop(self):
        """Samples from the start of a clip to that of the next; None likewise."""
        return self.segment if self.hop_s is None else round(self.hop_s * self.sr)


def read_yaml(path):
    """The mapping in a YAML 1.2 file (so that 1e-05 is a number), without running any tag."""
    if not path.is_file():
        raise Stop(f"{path} does not exist")
    if path.stat().st_size > LARGEST:
        raise Stop(f"{path} is larger than {LARGEST} bytes: a list of recordings belongs into a CSV")
    try:
        content = parsed(path.read_text(encoding="utf-8"))
    except (YAMLError, ValueError, LookupError, RecursionError) as error:  # of values that are not what their tag says
        raise Stop(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise Stop(f"{path} must hold keys and values")
    return deepcopy(content)  # each text is parsed once, and callers may change what they get


@lru_cache
def parsed(text):
    """The content of a YAML 1.2 text, not to be changed: cached for all sections, as parsing takes ten times as long as
    all else that a section needs. Raises YAMLError, ValueError, LookupError or RecursionError."""
    content = _loaded(text)
    _refuse_unusable(content)
    return content


def _loaded(text):
    """By libyaml, which is three times as fast; by ruamel's own parser where libyaml fails: on `{root: C:/sounds}`,
    which YAML 1.2 allows, and on errors, which ruamel explains better."""
    if sum(map(text.count, "[{-?")) <= DEEPEST:
        with suppress(YAMLError, ValueError, LookupError):
            return YAML(typ="safe").load(text)
    return YAML(typ="safe", pure=True).load(text)


def _refuse_unusable(content):
    """Raises ValueError where aliases make it endless or huge, or where a text holds characters that no name has."""
    left, n = [content], 0
    while left and n <= MOST:
        value = left.pop()
        n += len(value) if isinstance(value, str) else 1
        if isinstance(value, dict):
            left += [*value, *value.values()]
        elif isinstance(value, list | tuple | set):
            left += value
        elif isinstance(value, str) and re.search("[\0\ud800-\udfff]", value):
            raise ValueError(f"{value[:100]!r} holds a character that no name can have")
    if n > MOST:
        raise ValueError("its aliases make it endless, or too large")


def check(model, content, where):
    """`content` as `model` (a Section, or any type that pydantic knows); every fault is named with `where`."""
    try:
        return TypeAdapter(model).validate_python(content)
    except ValidationError as error:
        faults = _by_key(error, where).items()
        raise Stop("; ".join(_sentence(key, of_key, model) for key, of_key in faults)) from None


def load(model, key, path=PARAMS):
    """Section `key` of params.yaml as `model`. Dots go down: load(Svm, "classifiers.svm")."""
    return check(model, section(read_yaml(path), key, path), f"{path}: {key}")


def section(content, key, path=PARAMS):
    """The value under a dotted key in the content of a file. Raises Stop, with `path`, if it is missing."""
    for part in key.split("."):
        if not isinstance(content, dict) or part not in content:
            raise Stop(f"{path}: section {key!r} is missing")
        content = content[part]
    return content


def _by_key(error, where):
    """The faults of each key, without what pydantic adds to a key for the members of a union."""
    faults = {}
    first = ": " if where.endswith((".yaml", ".json")) else "."
    for fault in error.errors():
        own = r"constrained-|literal\[|list\[|\[key\]"  # of the validator
        parts = [str(part) for part in fault["loc"] if not re.match(own, str(part))]
        inner = ".".join(part if part.isprintable() else ascii(part) for part in parts)
        key = f"{where}{first}{inner}" if inner else where
        faults.setdefault(key, []).append(fault)
    return faults


def _known(model, location):
    """The keys beside the one at `location` in a Section; none where another type is in between."""
    for part in location[:-1]:
        field = getattr(model, "model_fields", {}).get(part)
        members = (field.annotation, *get_args(field.annotation)) if field else ()
        model = next((member for member in members if hasattr(member, "model_fields")), None)
    return list(getattr(model, "model_fields", ()))


def _sentence(key, faults, model):
    types = {fault["type"] for fault in faults}
    if types == {"missing"}:
        return f"{key} is missing"
    if types == {"extra_forbidden"}:
        known, name = _known(model, faults[0]["loc"]), str(faults[0]["loc"][-1])
        return f"{key} is not a known key{available(name, known) if known else ''}"
    message = " or ".join(_message(fault) for fault in faults)
    value = faults[0]["input"]
    return f"{key}: {message}" if isinstance(value, dict | Section) else f"{key} is {_short(_shown(value))}: {message}"


def _shown(value):
    """A value as in YAML."""
    if value is None or isinstance(value, bool):
        return {None: "blank", True: "true", False: "false"}[value]
    return repr(value)


def _short(text):
    return text if len(text) <= 200 else f"{text[:200]}..."


#: How the validator says it (regular expressions), and how we do.
PLAIN = {
    r"a valid dictionary(?: or (?:object|instance)\b.*)?": "keys and values",
    r"a valid integer(?:, .*)?": "a whole number",
    r"a valid string": "a text",
    r"a valid boolean": "true or false",
    r"a valid (list|number)": r"a \1",
    r"greater than or equal to": "at least",
    r"less than or equal to": "at most",
    r"(?:List|Dictionary|String) should have": "must have",
    r"None": "blank",
}


def _message(fault):
    message = fault["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    for words, plain in PLAIN.items():
        message = re.sub(words, plain, message)
    return message[:1].lower() + message[1:]
