from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from macedance.cli import main
from macedance.data.study_key import StudyKey
from macedance.data.study_votes import COLUMNS

from ..tiny_run import write_tiny_run

ROW = {"participant": "anna", "trial": "1", "question": "creativity", "choice": "left", "seconds": "2.5"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with its truth, a plain folder with one clip less, and such as do not go together with them."""
    folder = tmp_path_factory.mktemp("runs")
    sizes = {"seconds": 0.2, "size_px": 32, "has_motion": False, "has_scores": False}
    write_tiny_run(folder / "ours", keys=("a", "b", "c"), **sizes)
    shutil.copytree(folder / "ours" / "videos", folder / "plain")
    (folder / "plain" / "c.mp4").unlink()
    write_tiny_run(folder / "other", keys=("x",), has_truth=False, has_sound=False, **sizes)
    shutil.copytree(folder / "other" / "videos", folder / "silent")
    write_tiny_run(folder / "long", keys=("a",), has_truth=False, **{**sizes, "seconds": 0.8})
    (folder / "bad").mkdir()
    (folder / "bad" / "a.mp4").write_bytes(b"no video")
    (folder / "empty" / "videos").mkdir(parents=True)
    return folder


@pytest.fixture
def in_runs(runs: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(runs)
    return runs


def make(*arguments: str) -> int:
    return main(["study", "--runs", *arguments])


def test_a_study_is_written_with_its_key(
    in_runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make("ours", "theirs=plain", "ours/truth", "--out", str(tmp_path)) == 0
    printed = capsys.readouterr().out
    assert "note: left out: 1 clip that not all runs have" in printed
    assert "2 clips of 3 runs make 6 pairs" in printed
    key = StudyKey.load(tmp_path / "key.json")
    assert sorted(key.runs.values()) == ["ours", "theirs", "truth"]
    assert sorted(key.clips.values()) == ["a", "b"]
    page = (tmp_path / "study.html").read_text()
    assert key.study in page
    assert all(page.count(f'id="video-{clip}-{run}"') == 1 for clip in key.clips for run in key.runs)
    assert "theirs" not in page
    assert json.loads(page.split('id="data">')[1].split("</script>")[0])["clips"][0]["picture"] is True


def test_it_is_the_same_again_and_another_one_with_another_seed(
    in_runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("ours", "plain", "--clips", "1", "--out", str(tmp_path))
    assert make(*arguments) == 0
    page = (tmp_path / "study.html").read_bytes()
    assert make(*arguments) == 0
    assert (tmp_path / "study.html").read_bytes() == page
    assert make(*arguments, "--seed", "1") == 2
    assert "must not hold another study" in capsys.readouterr().err
    assert (tmp_path / "study.html").read_bytes() == page


def test_questions_that_cannot_be_answered_are_left_out_and_told(
    in_runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make("silent", "again=silent", "--out", str(tmp_path)) == 0
    printed = capsys.readouterr().out
    assert "x: no video has sound, so it is not asked which dance fits the music" in printed
    assert "x: no run has references/KEY.jpg, so it is not asked who is more like the person" in printed
    page = (tmp_path / "study.html").read_text()
    (clip,) = json.loads(page.split('id="data">')[1].split("</script>")[0])["clips"]
    assert (clip["sound"], clip["soundOf"], clip["picture"]) == (False, [], False)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ours"], "at least two folders"),
        (["ours", "plain/../ours"], "different names, got 'ours' twice"),
        (["ours", "other"], "clips in common, and have none; ours has for example 'a', other 'x'"),
        (["ours", "long"], "clip a has 0.20 s in ours and 0.80 s in long"),
        (["ours", "bad"], "a.mp4 must be a video, and cannot be read as one"),
        (["ours", "empty"], "empty must hold videos and has none"),
        (["ours", "gone"], "there is no such folder"),
        (["ours", "=plain"], "must have a name before the sign"),
        (["ours", "plain", "--clips", "0"], "--clips must be at least 1, got 0"),
        (["ours", "plain", "--title", "Is Ours better?"], "must not tell participants the name of a run"),
        (["ours", "plain", "--key", "key.json"], "--key has no effect with --runs"),
    ],
)
def test_wrong_runs_are_told_in_one_line(
    arguments: list[str], told: str, in_runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make(*arguments, "--out", str(tmp_path / "out")) == 2
    error = capsys.readouterr().err.strip()
    assert told in error
    assert "\n" not in error
    assert not (tmp_path / "out" / "study.html").exists()


@pytest.fixture
def key(tmp_path: Path) -> StudyKey:
    key = StudyKey("5eed", "Which?", 0, {"r1": "ours", "r2": "[red]theirs"}, {"c1": "waltz"})
    key.save(tmp_path / "key.json")
    return key


def write_rows(path: Path, *changes: dict[str, Any], columns: tuple[str, ...] = COLUMNS) -> str:
    about = {"study": "5eed", "clip": "c1", "left": "r1", "right": "r2", **ROW}
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(columns)
        for change in changes:
            row = {**about, **change}
            writer.writerow([row[column] for column in COLUMNS])
    return str(path)


def test_votes_are_counted(tmp_path: Path, key: StudyKey, capsys: pytest.CaptureFixture[str]) -> None:
    anna = write_rows(tmp_path / "votes" / "anna.csv", {}, {"question": "identity", "choice": "same"})
    bert = {"participant": "bert", "left": "r2", "right": "r1"}
    again = write_rows(tmp_path / "votes" / "bert.csv", bert, {**bert, "choice": "right"})
    assert main(["study", "--score", anna, again, "--json", str(tmp_path / "scores.json")]) == 0
    printed = capsys.readouterr().out
    assert "3 votes of 2 participant(s) on 1 clip(s), of which participants are taken as indep" in printed
    assert "95 % intervals: Wilson's, widened by how much participants differ" in printed
    assert "sign-flip test, which turns all judgements of one of the participants round together" in printed
    assert "1 votes were there more than once; the last of each counts" in printed
    assert "[red]theirs" in printed
    assert "2, 0, 0" in printed
    assert "warning: there are 2 participants" in printed
    assert "warning: identity: there are votes of one participant alone on ours, [red]theirs" in printed
    found = json.loads((tmp_path / "scores.json").read_text())
    assert found["scores"]["creativity"]["win_rates"] == {"ours": 1.0, "[red]theirs": 0.0}
    assert found["scores"]["overall"]["win_rates"]["ours"] == pytest.approx(2.5 / 3)
    assert found["scores"]["identity"]["intervals"]["ours"] == [None, None]
    assert found["scores"]["identity"]["pairs"][0]["p_value"] is None
    assert found["units"] == "participants"
    assert "Wilson" in found["interval_method"]
    assert "sign-flip" in found["p_value_method"]


@pytest.mark.parametrize("name", ["key.json", "votes/votes.json", "votes/../linked.json"])
@pytest.mark.parametrize("is_key_named", [True, False])
def test_what_votes_say_is_never_written_over_the_key_or_the_votes(
    name: str, is_key_named: bool, tmp_path: Path, key: StudyKey, capsys: pytest.CaptureFixture[str]
) -> None:
    votes = write_rows(tmp_path / "votes" / "votes.json", {})
    (tmp_path / "linked.json").symlink_to(tmp_path / "key.json")
    before = (tmp_path / name).read_bytes()
    arguments = ["--key", str(tmp_path / "key.json")] if is_key_named else []
    assert main(["study", "--score", votes, *arguments, "--json", str(tmp_path / name)]) == 2
    assert "--json must not be a folder or the input itself" in capsys.readouterr().err
    assert (tmp_path / name).read_bytes() == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"study": "0ther"}, "line 3: the vote belongs to another study than --key"),
        ({"participant": "=cmd()"}, "line 3: the participant must be a code of letters and digits"),
        ({"choice": "both"}, "line 3: choice must be one of left, same, right, got 'both'"),
        ({"left": "r3"}, "line 3: left must be one of r1, r2, got 'r3'"),
        ({"right": "r1"}, "line 3: right must be one of r2, got 'r1'"),
        ({"clip": "waltz"}, "line 3: clip must be one of c1"),
        ({"question": "\x1b[31m"}, "line 3: question must be one of"),
        ({"trial": "-1"}, "line 3: trial must be a number from 1 on"),
        ({"seconds": "nan"}, "line 3: seconds must be a length of time"),
    ],
)
def test_damaged_votes_are_told_in_one_line(
    change: dict[str, str], told: str, tmp_path: Path, key: StudyKey, capsys: pytest.CaptureFixture[str]
) -> None:
    votes = write_rows(tmp_path / "votes.csv", {}, change)
    assert main(["study", "--score", votes]) == 2
    error = capsys.readouterr().err
    assert f"must hold votes as the study's page wrote them: {told}" in error
    assert "\x1b" not in error


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "its first line is not study,participant"),
        (b"\xff\xfe\x00", "must hold votes as the study's page wrote them"),
        (b'"' + ",".join(COLUMNS).encode(), "must hold votes as the study's page wrote them"),
        (",".join(COLUMNS).encode() + b"\r\n5eed\r\n", "line 2: it has 1 cells, not 9"),
        (",".join(COLUMNS).encode() + b"\r\n", "there is none in"),
    ],
)
def test_files_that_hold_no_votes_are_told(
    content: bytes, told: str, tmp_path: Path, key: StudyKey, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "votes.csv").write_bytes(content)
    assert main(["study", "--score", str(tmp_path / "votes.csv")]) == 2
    assert told in capsys.readouterr().err


def test_the_key_must_be_there_and_be_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    votes = write_rows(tmp_path / "deep" / "er" / "votes.csv", {})
    assert main(["study", "--score", votes]) == 2
    assert "give --key FILE" in capsys.readouterr().err
    (tmp_path / "wrong.json").write_text("[]")
    assert main(["study", "--score", votes, "--key", str(tmp_path / "wrong.json")]) == 2
    assert "wrong.json is not one" in capsys.readouterr().err
