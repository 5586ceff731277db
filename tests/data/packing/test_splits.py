from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from macedance.data.packing.keys import unique_keys
from macedance.data.packing.splits import SPLITS, hashed_splits, read_splits

KNOWN = ["a", "b c", "d/e"]


def test_about_nine_tenths_train_and_one_song_is_in_one_split() -> None:
    groups = {f"dance{number}": f"song{number % 100}" for number in range(1000)}
    splits = hashed_splits(groups)
    assert splits.keys() == groups.keys()
    assert Counter(splits.values()) == {"train": 900, "val": 50, "test": 50}
    assert len({(groups[name], split) for name, split in splits.items()}) == 100
    assert splits == hashed_splits(dict(reversed(groups.items())))


@pytest.mark.parametrize(
    ("num_groups", "expected"), [(1, {"train"}), (2, {"train", "val"}), (3, set(SPLITS))]
)
def test_few_groups_fill_as_many_splits_as_they_can(num_groups: int, expected: set[str]) -> None:
    assert set(hashed_splits({str(n): str(n) for n in range(num_groups)}).values()) == expected


@pytest.mark.parametrize("form", ["json", "lines"])
def test_split_files_of_both_kinds(tmp_path: Path, form: str) -> None:
    path = tmp_path / "splits"
    content = json.dumps({"train": ["a"], "test": ["b c"]}) if form == "json" else "a train\n\n b c  test\n"
    path.write_text(content)
    assert read_splits(path, KNOWN) == {"a": "train", "b c": "test"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            '{"train": ["a", "x", "y"]}',
            r"lists x, y, which the source does not hold; its names are like a, b c, d/e",
        ),
        ('{"training": ["a"]}', "'training' is none of train, val, test"),
        ('{"train": "a"}', "must be a list"),
        ("{", "must be JSON"),
        ("a", "the line 'a' is not 'NAME SPLIT'"),
        ("a train\na test", "lists a twice"),
    ],
)
def test_wrong_split_files_are_one_clear_error(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "splits.txt"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        read_splits(path, KNOWN)


def test_an_absent_split_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="split-file: there is no file"):
        read_splits(tmp_path / "none.json", KNOWN)


def test_keys_have_no_dots_and_stay_apart() -> None:
    names = ["a/b.c", "a__b_c", "a__B_c", "x y", "Tänzer/1"]
    keys = unique_keys(names)
    assert len({key.lower() for key in keys.values()}) == len(names)
    assert all(set(key).isdisjoint("./\\ ") for key in keys.values())
    assert keys["Tänzer/1"] == "Tänzer__1"
