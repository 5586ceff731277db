from __future__ import annotations

import json
import re
import shutil
import time
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macedance.data.preference_study import PreferenceStudy, plan_study
from macedance.data.study_questions import QUESTIONS
from macedance.data.study_runs import read_study_runs
from macedance.data.study_votes import read_votes
from macedance.render.bare_video import bare_video
from macedance.render.study_page import check_study_size, study_page
from macedance.render.video import probe_video, write_video

from ..tiny_run import write_tiny_run

KEYS = ("waltz-clip", "jive-clip")
BLUE = """[...document.querySelectorAll("video")].map((video) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  canvas.getContext("2d").drawImage(video, 0, 0, 1, 1);
  return canvas.getContext("2d").getImageData(0, 0, 1, 1).data[2];
})"""
RUNS = ("first-run", "second-run", "truth")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> PreferenceStudy:
    """Three runs with two clips of 0.4 s."""
    folder = tmp_path_factory.mktemp("runs")
    write_tiny_run(folder / "first-run", keys=KEYS, seconds=0.4, size_px=32, has_motion=False)
    shutil.copytree(folder / "first-run", folder / "second-run")
    paths = [folder / "first-run", folder / "second-run", folder / "first-run" / "truth"]
    return plan_study(read_study_runs([str(path) for path in paths]), title="Which <b>dance</b>?")


@pytest.fixture(scope="module")
def page(study: PreferenceStudy) -> str:
    return study_page(study)


def test_the_page_tells_no_names_and_loads_nothing(page: str) -> None:
    assert not any(name in page for name in (*KEYS, *RUNS))
    assert "<b>" not in page
    assert not re.search(r"https?:|url\(|@import|\bfetch\(", page)
    assert "default-src 'none'" in page
    assert "unsafe" not in page


def test_a_video_loses_what_its_file_tells_and_nothing_else(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 8000)
    frames = np.random.default_rng(1).integers(0, 255, (15, 32, 32, 3), dtype=np.uint8)
    about = {"title": "first-run", "model": "second-run"}
    write_video(tmp_path / "told.mp4", frames, fps=30, audio=noise, sample_rate=16_000, metadata=about)
    assert b"first-run" in (tmp_path / "told.mp4").read_bytes()
    bare = bare_video(tmp_path / "told.mp4")
    assert b"first-run" not in bare
    assert b"second-run" not in bare
    (tmp_path / "bare.mp4").write_bytes(bare)
    told, left = probe_video(tmp_path / "told.mp4"), probe_video(tmp_path / "bare.mp4")
    assert (left.num_frames, left.fps, left.video_seconds) == (15, 30, told.video_seconds)
    assert left.audio_seconds == pytest.approx(told.audio_seconds)


def test_a_study_that_is_too_large_tells_how_many_clips_fit(study: PreferenceStudy) -> None:
    num_bytes = sum(video.stat().st_size for clip in study.clips for video in clip.videos)
    check_study_size(study, num_bytes)
    with pytest.raises(ValueError, match=r"the 6 videos have .* MB; give --clips 1$"):
        check_study_size(study, num_bytes - 1)


@pytest.fixture(scope="module")
def voted(
    page: str, browser: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, list[list[float]]]:
    """The votes of one who always prefers the left video, but sees the dances alike, and how blue they were."""
    folder = tmp_path_factory.mktemp("voted")
    (folder / "study.html").write_text(page, encoding="utf-8")
    browser.open(folder / "study.html")
    browser.value_of("localStorage.clear()")
    browser.open(folder / "study.html")
    browser.value_of("document.querySelector('#participant').value = 'anna'")
    browser.click("#join button")
    browser.wait_until("document.querySelector('#play').textContent === 'Play again'")
    browser.value_of(
        "document.querySelector('#left').addEventListener('play', () => (window.wasReplayed = true))"
    )
    browser.press(" ")
    browser.wait_until("window.wasReplayed")
    blue = [vote_on_pair(browser) for _ in range(2)]
    browser.open(folder / "study.html")  # as after the tab was closed
    assert browser.value_of("document.querySelector('#participant').value") == "anna"
    assert "answers to 2 pairs" in browser.value_of("document.querySelector('#stored').textContent")
    browser.click("#join button")
    blue += [vote_on_pair(browser) for _ in range(4)]
    assert "6 of 6" in browser.value_of("document.querySelector('#summary').textContent")
    browser._call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    browser.click("#download")
    for _ in range(100):
        if files := list(folder.glob("votes-*.csv")):
            return files[0], blue
        time.sleep(0.1)
    raise AssertionError("no file was downloaded")


def vote_on_pair(browser: Any) -> list[float]:
    browser.wait_until("!document.querySelector('#choose-left').disabled")
    assert browser.value_of("[...document.querySelectorAll('video')].map((v) => v.muted)") == [False, True]
    blue = browser.value_of(BLUE)
    for question in QUESTIONS:
        assert browser.value_of("document.querySelector('#question').textContent") == question.text
        has_picture = browser.value_of("!document.querySelector('#person').hidden")
        assert has_picture == (question.name == "identity")
        if question.name == "dance_quality":
            browser.click("#choose-same")
        else:
            browser.press("ArrowLeft")
    return blue


@pytest.mark.slow
def test_votes_by_clicks_and_keys_are_read_as_they_were_given(
    study: PreferenceStudy, voted: tuple[Path, list[list[float]]]
) -> None:
    file, blue = voted
    votes, num_dropped = read_votes([file], study.key)
    assert (len(votes), num_dropped) == (6 * len(QUESTIONS), 0)
    assert {vote.participant for vote in votes} == {"anna"}
    assert {(vote.question, vote.choice) for vote in votes} == {
        (question.name, "same" if question.name == "dance_quality" else "left") for question in QUESTIONS
    }
    assert [vote.trial for vote in votes] == [1 + number // 6 for number in range(36)]
    shown = {(vote.clip, vote.left, vote.right) for vote in votes}
    for pair in combinations(RUNS, 2):
        seen = [(clip, left) for clip, left, right in shown if {left, right} == set(pair)]
        assert sorted(clip for clip, _ in seen) == sorted(KEYS)
        assert sorted(left for _, left in seen) == sorted(pair)
    for vote in votes:  # the real videos are the bluer ones
        left, right = blue[vote.trial - 1]
        assert (left - right > 20, right - left > 20) == (vote.left == "truth", vote.right == "truth")


@pytest.mark.slow
def test_the_browser_has_nothing_to_complain_of(voted: object, browser: Any) -> None:
    assert browser.complaints == []
    assert browser.requests == []


@pytest.mark.slow
def test_orders_are_balanced_from_the_start_and_differ_between_participants(
    voted: object, browser: Any
) -> None:
    made_up = {"study": "s", "runs": list("PQRS"), "clips": [{"code": str(n)} for n in range(5)]}
    orders = [
        [
            (trial["clip"]["code"], trial["left"], trial["right"])
            for trial in browser.value_of(f"orderOfTrials({json.dumps(made_up)}, 'p{number}')")
        ]
        for number in range(40)
    ]
    for order in orders:
        assert len({(clip, frozenset(sides)) for clip, *sides in order}) == len(order) == 30
        for num_seen in (6, 12):
            pairs = Counter(frozenset(sides) for _, *sides in order[:num_seen])
            assert set(pairs.values()) == {num_seen // 6}
        lefts = Counter((left, right) for _, left, right in order[:12])
        assert set(lefts.values()) == {1}
    assert len({tuple(order) for order in orders}) == 40
    first_lefts = Counter(order[0][1] for order in orders)
    assert set(first_lefts) == set("PQRS")
