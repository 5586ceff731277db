from __future__ import annotations

import json
import re
import shutil
import time
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import av
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
    names = (b"first-run", b"second-run", b"x264", b"Lavc")
    assert all(name in (tmp_path / "told.mp4").read_bytes() for name in names)
    bare = bare_video(tmp_path / "told.mp4")
    assert not any(name in bare for name in names)
    (tmp_path / "bare.mp4").write_bytes(bare)
    told, left = probe_video(tmp_path / "told.mp4"), probe_video(tmp_path / "bare.mp4")
    assert (left.num_frames, left.fps, left.video_seconds) == (15, 30, told.video_seconds)
    assert left.audio_seconds == pytest.approx(told.audio_seconds)
    for kind in ("video", "audio"):
        frames, others = (decoded(tmp_path / name, kind) for name in ("told.mp4", "bare.mp4"))
        assert len(frames) >= 15
        np.testing.assert_array_equal(frames, others)


def decoded(path: Path, kind: str) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray() for frame in container.decode(**{kind: 0})]


def write_coded(path: Path, codec: str, pixel_format: str) -> Path:
    """Five grey frames."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 64, pixel_format
        picture = np.full((64, 64, 3), 120, np.uint8)
        frames = [av.VideoFrame.from_ndarray(picture, format="rgb24") for _ in range(5)]
        for frame in (*frames, None):
            container.mux(stream.encode(frame))
    return path


@pytest.mark.parametrize("codec", ["libvpx-vp9", "libsvtav1"])
def test_other_videos_that_browsers_play_stay_as_they_are(codec: str, tmp_path: Path) -> None:
    if codec not in av.codecs_available:
        pytest.skip(f"PyAV has no {codec} here")
    path = write_coded(tmp_path / "told.mp4", codec, "yuv420p")
    (tmp_path / "bare.mp4").write_bytes(bare_video(path))
    assert probe_video(tmp_path / "bare.mp4").fps == 30
    np.testing.assert_array_equal(decoded(path, "video"), decoded(tmp_path / "bare.mp4", "video"))


@pytest.mark.parametrize("pixel_format", ["yuv444p", "yuv420p10le"])
def test_h264_that_not_every_browser_plays_is_refused(pixel_format: str, tmp_path: Path) -> None:
    path = write_coded(tmp_path / "a.mp4", "libx264", pixel_format)
    with pytest.raises(
        ValueError, match=rf"must hold H.264 of 8 bits as yuv420p.* holds {pixel_format}; write"
    ):
        bare_video(path)


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
    return downloaded(browser, folder), blue


def downloaded(browser: Any, folder: Path) -> Path:
    browser._call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    browser.click("#download")
    for _ in range(100):
        if files := list(folder.glob("votes-*.csv")):
            return files[0]
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


@pytest.mark.slow
def test_pairs_that_cannot_be_played_are_skipped_and_get_no_votes(
    study: PreferenceStudy, page: str, browser: Any, tmp_path: Path
) -> None:
    run, clip = study.runs[0], study.clips[0].code
    broken = re.sub(rf'(id="video-{clip}-{run}">)[^<]*', r"\1bm8gdmlkZW8=", page)
    assert broken != page
    (tmp_path / "study.html").write_text(broken, encoding="utf-8")
    browser.open(tmp_path / "study.html")
    browser.value_of("localStorage.clear()")
    browser.open(tmp_path / "study.html")
    browser.value_of("document.querySelector('#participant').value = 'bert'")
    browser.click("#join button")
    num_skipped = 0
    for number in range(1, study.num_trials + 1):
        assert f"Pair {number} of" in browser.value_of("document.querySelector('#place').textContent")
        browser.wait_until(
            "!document.querySelector('#skip').hidden || !document.querySelector('#choose-left').disabled"
        )
        if browser.value_of("document.querySelector('#skip').hidden"):
            for _ in QUESTIONS:
                browser.press("ArrowLeft")
        else:
            assert "cannot play this pair" in browser.value_of(
                "document.querySelector('#message').textContent"
            )
            browser.press("ArrowLeft")  # is no answer
            browser.click("#skip")
            num_skipped += 1
    assert num_skipped == 2
    browser.open(tmp_path / "study.html")  # what was skipped may play the next time, and the rest is done
    browser.click("#join button")
    for _ in range(2):
        browser.wait_until("!document.querySelector('#skip').hidden")
        browser.click("#skip")
    assert "4 of 6" in browser.value_of("document.querySelector('#summary').textContent")
    assert browser.value_of("document.querySelector('#more').hidden")
    votes, _ = read_votes([downloaded(browser, tmp_path)], study.key)
    assert len(votes) == 4 * len(QUESTIONS)
    name, key = study.key.runs[run], study.key.clips[clip]
    assert not any(vote.clip == key and name in (vote.left, vote.right) for vote in votes)
