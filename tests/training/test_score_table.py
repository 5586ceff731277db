from __future__ import annotations

import json
from pathlib import Path

import pytest
import score_table
from score_table import COLUMNS, score_all, selection_rows, table_lines, table_rows

from .tiny_training import refusal, run_script

ECHO = """\
import json, sys
if "broken" in sys.argv[1]:
    sys.exit("no such expert")
print(json.dumps({"arguments": sys.argv[1:]}))
"""


def row(value: float) -> dict[str, float]:
    return {**dict.fromkeys(COLUMNS, value), "bas_gap_low": value - 0.1, "bas_gap_high": value + 0.1}


def cells(line: str) -> dict[str, str]:
    name, *values = (cell.strip() for cell in line.strip("|").split(" | "))
    return {"name": name, **dict(zip(COLUMNS, values, strict=True))}


def test_seeds_of_a_variant_share_a_line() -> None:
    scores = {f"cross_attention-{seed}": row(value) for seed, value in enumerate((1.0, 2.0, 4.5))}
    for seed in scores.values():
        seed["bas_num_clips"] = 48.0
    head, rule, *lines = table_lines({"untrained": row(3.0), **scores})
    assert head.count("|") == rule.count("|") == lines[0].count("|") == len(COLUMNS) + 2
    untrained, variant = map(cells, lines)
    assert (untrained["name"], untrained["fid_k"], untrained["jerk"]) == ("untrained", "3.00", "3")
    assert untrained["bas_gap"] == "+3.000 (+2.900 … +3.100)"
    assert variant["name"] == "cross_attention (3 seeds)"
    assert variant["fid_g"] == "2.50 [1.00 … 4.50]"
    assert variant["bas_gap"] == "+2.500 [+1.000 … +4.500]"
    assert variant["bas_num_clips"] == "48"  # the same for all seeds


def test_clips_are_counted_in_their_column() -> None:
    head, _, line = table_lines({"default": {**row(3.0), "bas_num_clips": 96.0}})
    assert cells(head)["bas_num_clips"] == "clips"
    assert cells(line)["bas_num_clips"] == "96"


def test_the_truth_has_no_distance() -> None:
    truth = cells(table_lines({"ground truth": row(0.25)})[2])
    assert (truth["fid_k"], truth["fid_g"], truth["div_k"]) == ("–", "–", "0.25")


def test_a_name_with_numbers_stays_its_own_line() -> None:
    names = ["default, temperature 0.5", "default, temperature 1", "default"]
    assert [cells(line)["name"] for line in table_lines({name: row(1) for name in names})[2:]] == names


def test_the_runs_of_a_folder_have_rows(tmp_path: Path) -> None:
    for name in ("default", "bimamba-0", "bimamba-1", "mamba-0"):
        (tmp_path / name / "expert").mkdir(parents=True)
    (tmp_path / "mamba-1").mkdir()  # not exported yet
    rows = table_rows(tmp_path)
    assert list(rows)[-3:] == ["bimamba-0", "bimamba-1", "mamba-0"]
    as_before = ["--sampler", "ddim", "--steps", "50", "--temperature"]
    assert rows["mamba-0"] == [str(tmp_path / "mamba-0/expert"), *as_before, "0.75"]
    assert rows["ground truth"] == ["ground-truth"]
    assert {name for name in rows if rows[name][0] == "default"} == {
        "default, temperature 0.3",
        "default, temperature 0.5",
        "default, temperature 0.75",
        "default, temperature 1",
        "default, temperature 0.5, other music",
        "default, temperature 0.5, as recorded",
    }
    before = {name: row[1:] for name, row in rows.items() if row[0] == str(tmp_path / "default/expert")}
    assert before == {
        "before hearing, temperature 0.5": [*as_before, "0.5"],
        "before hearing, temperature 0.75": [*as_before, "0.75"],
        "before hearing, temperature 1": [*as_before, "1"],
        "before hearing, temperature 0.75, other music": [*as_before, "0.75", "--shuffled"],
        "untrained": [*as_before, "0.75", "--untrained"],
    }


def test_ways_to_sample_the_default_model_are_rows() -> None:
    rows = selection_rows()
    assert rows["dpm, 20 steps, temperature 0.5"] == [
        *("default", "--sampler", "dpm", "--steps", "20", "--temperature", "0.5")
    ]
    assert len({tuple(arguments) for arguments in rows.values()}) == len(rows) == 8


def test_every_row_is_scored_with_its_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "echo.py"
    script.write_text(ECHO)
    monkeypatch.setattr(score_table, "SCRIPT", script)
    monkeypatch.setattr(score_table.torch.cuda, "device_count", lambda: 0)
    common = ["--shards", "set", "--split", "val"]
    scores = score_all({"one": ["a"], "two": ["b", "--eta", "0"]}, "set", "val", num_jobs=1)
    assert scores == {
        "one": {"arguments": ["a", *common]},
        "two": {"arguments": ["b", "--eta", "0", *common]},
    }
    monkeypatch.setattr(score_table.torch.cuda, "device_count", lambda: 2)
    rows = {name: [name] for name in "abc"}
    devices = [row["arguments"][-1] for row in score_all(rows, "set", "val", num_jobs=2).values()]
    assert devices == ["cuda:0", "cuda:1", "cuda:0"]
    with pytest.raises(RuntimeError, match=r"echo.py broken --shards set(.|\n)*no such expert"):
        score_all({"one": ["a"], "two": ["broken"]}, "set", "val", num_jobs=1)


def test_stored_scores_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "scores.json"
    file.write_text(json.dumps({"mamba-0": row(1.0), "mamba-1": row(3.0)}))
    run_script(score_table.main, monkeypatch, "--table", file)
    assert capsys.readouterr().out.splitlines() == table_lines(json.loads(file.read_text()))


def test_rows_that_are_scored_already_are_not_scored_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mamba-0/expert").mkdir(parents=True)
    script, file = tmp_path / "score.py", tmp_path / "scores.json"
    script.write_text(f"import json\nprint(json.dumps({row(2.0)!r}))")
    monkeypatch.setattr(score_table, "SCRIPT", script)
    names = list(table_rows(tmp_path))
    known = {name: row(1.0) for name in reversed(names) if name not in ("untrained", "mamba-0")}
    file.write_text(json.dumps(known))
    arguments = [tmp_path, "--shards", "set", "--out", file, "--jobs", 1]
    run_script(score_table.main, monkeypatch, *arguments)
    scores = json.loads(file.read_text())
    assert list(scores) == names
    assert scores == {name: known.get(name, row(2.0)) for name in names}
    assert capsys.readouterr().out.splitlines() == table_lines(scores)

    script.unlink()  # nothing is left to score
    run_script(score_table.main, monkeypatch, *arguments)
    assert json.loads(file.read_text()) == scores


def test_nothing_to_score_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refusal(score_table.main, monkeypatch, capsys, tmp_path)
    assert said == "give the folder of the runs and --shards, or --table"
