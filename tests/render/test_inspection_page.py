from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macedance.data.inspection import InspectionReport, Problem, choose_clips, inspect_shards
from macedance.data.shards import encode_sample, write_shard
from macedance.geometry.motion import Motion
from macedance.render.clip_curves import figure, sample_music_beats, sound_peaks, speed_and_beats
from macedance.render.inspection_page import inspection_page
from macedance.render.video import write_video

from ..page_elements import PageElements, json_of

EVIL = "</script><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
FPS, NUM_FRAMES = 30, 60


def swing() -> dict[str, np.ndarray]:
    poses = np.zeros((NUM_FRAMES, 24, 3), np.float32)
    poses[:, 16, 2] = np.cos(np.pi * (np.arange(NUM_FRAMES) - 0.5) / 15)
    return {"poses": poses, "trans": np.zeros((NUM_FRAMES, 3), np.float32), "betas": np.zeros(10, np.float32)}


def about(genre: str | None = "Jazz", **more: Any) -> dict[str, Any]:
    return {"fps": FPS, "num_frames": NUM_FRAMES, "genre": genre, "beats_seconds": [0.5, 1.0], **more}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> InspectionReport:
    """Clips with motion alone, with sound, with a video, and with words that look like HTML."""
    folder = tmp_path_factory.mktemp("shards")
    shades = np.linspace(0, 255, NUM_FRAMES).astype(np.uint8)
    write_video(
        folder / "clip.mp4",
        np.broadcast_to(shades[:, None, None, None], (NUM_FRAMES, 32, 48, 3)),
        fps=FPS,
    )
    sound = (np.sin(np.arange(16000) / 9).astype(np.float32), 8000)
    samples = [
        encode_sample("silent", about(EVIL, subset=EVIL), motion=swing()),
        encode_sample("heard", about(), motion=swing(), audio=sound),
        encode_sample("seen", about(None), files={"video.mp4": (folder / "clip.mp4").read_bytes()}),
        encode_sample("<i>key", about("Wei & 'Kun'"), motion=swing(), audio=sound),
    ]
    write_shard(folder / "train-000000.tar", samples)
    return inspect_shards(folder)


@pytest.fixture(scope="module")
def page(report: InspectionReport) -> str:
    bad = InspectionReport(report.path, report.shards, report.clips, (Problem(EVIL, EVIL, EVIL),))
    return inspection_page(bad, choose_clips(report.clips, 12))


def test_every_clip_has_a_card_and_data(page: str, report: InspectionReport) -> None:
    assert report.problems == ()
    elements = PageElements(page)
    assert len([card for card in elements.named("article") if card["class"] == "card"]) == 4
    assert len(json_of(page, "data")["clips"]) == 4
    for key in ("silent", "heard", "seen", "<i>key"):
        assert key in elements.text
    assert [
        sorted(clip.keys() & {"sound", "video", "figure"}) for clip in json_of(page, "data")["clips"]
    ] == [
        ["figure"],
        ["figure", "sound"],
        ["video"],
        ["figure", "sound"],
    ]
    assert {attributes["value"] for attributes in elements.named("option")} >= {
        "*",
        "train",
        "Jazz",
        "",
        EVIL,
    }


def test_nothing_of_the_data_is_markup(page: str) -> None:
    elements = PageElements(page)
    assert len(elements.named("script")) == 2
    assert len(elements.named("img")) == 4
    assert not any("onerror" in attributes for _, attributes in elements.tags)
    assert page.count("<i>key") == 0
    assert elements.text.count(EVIL) >= 3


def test_nothing_comes_from_elsewhere(page: str) -> None:
    assert not re.search(r"https?:|url\(|@import|\bfetch\(", page)
    for tag, attributes in PageElements(page).tags:
        for name in ("src", "href"):
            assert attributes.get(name) is None or str(attributes[name]).startswith("data:"), (tag, name)


def test_the_policy_allows_the_pages_own_script(page: str) -> None:
    policy = PageElements(page).named("meta")[1]["content"]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_what_would_be_too_large_is_left_out_and_told(report: InspectionReport) -> None:
    page = inspection_page(report, choose_clips(report.clips, 12), max_bytes=60_000)
    shown = len(json_of(page, "data")["clips"])
    assert 0 < shown < 4
    assert f"Here are {shown} of 4 clips" in page
    assert page.count("the page would become larger than 0.06 MB") == 4 - shown
    assert len(page) < 100_000


def test_a_page_without_clips(report: InspectionReport) -> None:
    assert json_of(inspection_page(report, []), "data")["clips"] == []


def test_the_figure_keeps_the_joints() -> None:
    motion = Motion(**swing())
    data = figure(motion)
    steps = np.frombuffer(base64.b64decode(data["joints"]), "<i2").reshape(NUM_FRAMES, 24, 3)
    joints = motion.joints().numpy()
    assert np.abs(steps * data["unit"] - joints - (steps[0, 0] * data["unit"] - joints[0, 0])).max() < 1e-4
    assert (steps[..., 1].min() * data["unit"]) == pytest.approx(0.02, abs=1e-3)


def test_motion_beats_lie_where_the_arm_turns_round() -> None:
    data = speed_and_beats(Motion(**swing()))
    assert len(data["speed"]) == NUM_FRAMES - 1
    assert data["motionBeats"] == pytest.approx([0.5, 1.0, 1.5], abs=0.04)


def test_peaks_are_relative_to_the_loudest() -> None:
    peaks = sound_peaks(np.concatenate([np.zeros(4800), np.full(4800, -0.5)]).astype(np.float32))
    assert peaks[:240] == [0] * 240
    assert peaks[240:] == [100] * 240
    assert set(sound_peaks(np.zeros((10, 2), np.float32))) == {0}


def test_beats_come_from_the_json_or_the_features() -> None:
    features = np.zeros((60, 35), np.float32)
    features[15, 34] = 1
    assert sample_music_beats({"json": {"beats_seconds": [0.25]}, "music.npy": features}) == [0.25]
    assert sample_music_beats({"json": {}, "music.npy": features}) == [0.5]
    assert sample_music_beats({"json": {}}) == []


@pytest.mark.slow
def test_clips_play_in_a_browser(page: str, tmp_path: Path, browser: Any) -> None:
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    browser.open(tmp_path / "page.html")
    drawn = "(c) => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean)"
    assert browser.value_of(f"[...document.querySelectorAll('canvas')].every({drawn})")
    for number in range(3):  # by timer, sound and video
        button, slider = (f"document.querySelector('#clip-{number} {name}')" for name in ("button", "input"))
        browser.value_of(f"{button}.click()")
        browser.wait_until(f"{button}.textContent === 'Pause' && Number({slider}.value) > 0.1")
        browser.wait_until(f"{button}.textContent === 'Play' && {slider}.value === '2'")
    genre = "document.querySelector('#genre')"
    browser.value_of(f"{genre}.value = 'Jazz'; {genre}.dispatchEvent(new Event('change'))")
    assert browser.value_of("document.querySelectorAll('.card:not([hidden])').length") == 1
    assert browser.value_of("document.title") != "ran"
    assert (
        browser.value_of("[...document.querySelectorAll('.message')].map((m) => m.textContent).join('')")
        == ""
    )
    assert browser.complaints == []
