"""Which recordings one trains, validates and tests on."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

SPLITS = ("train", "val", "test")
HELD_OUT_FRACTION = 0.05


def hashed_splits(groups: Mapping[str, str]) -> dict[str, str]:
    """A split for each recording: about 90 % train, 5 % val, 5 % test, of the groups, by their names' hashes.

    Recordings of one group, those to the same music, stay together. From three groups on, no split is empty;
    of two, one is ``val``.

    Args:
        groups: The group of each recording, by the recording's name.

    >>> hashed_splits({"a": "song", "b": "song", "c": "tune"})
    {'a': 'train', 'b': 'train', 'c': 'val'}
    """
    ordered = sorted(set(groups.values()), key=lambda group: hashlib.sha256(group.encode()).digest())
    num_held_out = max(1, round(HELD_OUT_FRACTION * len(ordered)))
    split_of = dict.fromkeys(ordered, "train")
    if len(ordered) > 1:
        split_of |= dict.fromkeys(ordered[:num_held_out], "val")
    if len(ordered) > 2:
        split_of |= dict.fromkeys(ordered[num_held_out : 2 * num_held_out], "test")
    return {name: split_of[group] for name, group in groups.items()}


def read_splits(path: str | Path, known: Collection[str]) -> dict[str, str]:
    """The split of each recording that a file lists.

    Args:
        path: JSON such as ``{"train": [names], "val": [], "test": []}``, or text with ``NAME SPLIT`` in each line.
        known: The recordings that there are.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is neither of these, lists a name twice, or one that there is not.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"split-file: there is no file {str(path)!r}")
    try:
        text = path.read_text(encoding="utf-8")
        pairs = _pairs_of_json(json.loads(text)) if text.lstrip()[:1] == "{" else _pairs_of_lines(text)
    except ValueError as error:
        raise ValueError(
            f"split-file: {str(path)!r} must be JSON {{split: [names]}} or lines 'NAME SPLIT' ({error})"
        ) from error
    counts = Counter(name for name, _ in pairs)
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        raise ValueError(f"split-file: {str(path)!r} lists {_some(twice)} twice; leave one of them")
    unknown = sorted(counts.keys() - set(known))
    if unknown:
        raise ValueError(
            f"split-file: {str(path)!r} lists {_some(unknown)}, which the source does not hold; "
            f"its names are like {_some(sorted(known))}"
        )
    return dict(pairs)


def _pairs_of_json(content: Any) -> list[tuple[str, str]]:
    if not all(isinstance(names, list) for names in content.values()):
        raise ValueError("each split must be a list of names")
    return [(str(name), _split(split)) for split, names in content.items() for name in names]


def _pairs_of_lines(text: str) -> list[tuple[str, str]]:
    pairs = []
    for line in filter(None, map(str.strip, text.splitlines())):
        words = line.rsplit(maxsplit=1)
        if len(words) != 2:
            raise ValueError(f"the line {line!r} is not 'NAME SPLIT'")
        pairs.append((words[0], _split(words[1])))
    return pairs


def _split(name: str) -> str:
    if name not in SPLITS:
        raise ValueError(f"{name!r} is none of {', '.join(SPLITS)}")
    return name


def _some(names: list[str]) -> str:
    """The first few of many names."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
