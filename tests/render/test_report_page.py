from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from macedance.data.run_folder import RunFolder
from macedance.geometry.motion import Motion
from macedance.render import three_js as three_js_module
from macedance.render.clip_scores import (
    better,
    columns_of,
    first_choice,
    order_of_interest,
    read_clip_scores,
)
from macedance.render.report_page import report_page
from macedance.render.report_tables import tables_html
from macedance.render.three_js import three_js

from ..browser import Browser
from ..page_elements import PageElements, json_of
from ..tiny_run import write_tiny_run

EVIL = "</script><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
KEYS = ("first", EVIL, "third <i>")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Three clips whose words look like HTML."""
    return write_tiny_run(tmp_path_factory.mktemp("run"), keys=KEYS, name=EVIL, genre=EVIL)


@pytest.fixture(scope="module")
def page(run: RunFolder) -> str:
    return report_page(run)


def test_every_clip_is_listed_with_its_scores_and_can_be_played(page: str) -> None:
    index = json_of(page, "index")
    assert {clip["key"] for clip in index["clips"]} == set(KEYS)
    assert index["first"] == "bas_gap"
    assert [column["better"] for column in index["columns"] if column["name"] in ("bas_gap", "pfc")] == [
        "higher",
        "",
    ]
    for clip in index["clips"]:
        assert clip["scores"]["generated"]["bas_own"][1] == f"{0.6 - 0.05 * KEYS.index(clip['key']):.3f}"
        assert "psnr" not in clip["scores"]["generated"]
        data = json_of(page, f"clip-{clip['place']}")
        assert {"video", "trueVideo", "peaks", "person"} <= data.keys()
        assert set(data["motions"]) == {"generated", "truth"}
        assert data["absent"] == []


def test_nothing_of_the_run_is_markup(page: str) -> None:
    elements = PageElements(page)
    assert len(elements.named("script")) == 2 + 2 + len(KEYS)
    assert not any("onerror" in attributes for _, attributes in elements.tags)
    assert "third <i>" not in page
    assert elements.text.count(EVIL) >= 3  # the title, the heading and the configuration


def test_nothing_comes_from_elsewhere(page: str) -> None:
    for tag, attributes in PageElements(page).tags:
        for name in ("src", "href", "style"):
            assert attributes.get(name) is None, (tag, name)
    policy = PageElements(page).named("meta")[1]["content"]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


def test_tables_tell_the_truth_first_with_protocol_number_and_intervals(run: RunFolder) -> None:
    tables = tables_html(run.read_scores())
    assert "default protocol at 30 fps; n = 3; 95 % intervals" in tables
    assert tables.index("ground truth") < tables.index("generated")
    assert "<td>0.550<small>0.400 … 0.700</small></td>" in tables
    assert "FID_g" not in tables  # it is unknown
    assert "The Fréchet distances say little" not in tables_html([])


def test_the_configuration_and_the_experts_are_told(page: str) -> None:
    text = PageElements(page).text
    assert "seed: 0" in text
    assert "0123456789abcdef" * 4 in text
    assert "fedcba9876543210" * 4 in text
    assert "Three.js Authors" in text
    assert "Permission is hereby granted" in text


def test_the_best_and_the_worst_are_kept_where_room_is_short(run: RunFolder) -> None:
    page = report_page(run, max_clips=2)
    places = {clip["key"]: clip["place"] for clip in json_of(page, "index")["clips"]}
    assert places == {KEYS[0]: 0, KEYS[2]: 1, KEYS[1]: None}
    assert "2 of 3 clips can be played here" in page


def test_a_page_keeps_to_its_size(run: RunFolder, page: str) -> None:
    sizes = [len(page) - size for size in (100_000, 250_000)]
    smaller = [report_page(run, max_megabytes=size / 1e6) for size in sizes]
    assert all(len(one) < size + 60_000 for one, size in zip(smaller, sizes, strict=True))
    assert "The real video is left out to keep the page small." in smaller[0]
    assert report_page(run, max_megabytes=1e-6).count('id="clip-') == 0


@pytest.mark.parametrize(
    ("lacking", "words", "fields"),
    [
        ("has_sound", "It has no sound.", {"peaks"}),
        ("has_motion", "It was made without a motion in three dimensions.", set()),
        ("has_truth", "The real dance is not known.", {"trueVideo"}),
        ("has_scores", "", set()),
    ],
)
def test_what_a_run_lacks_is_left_out_and_told(
    tmp_path: Path, lacking: str, words: str, fields: set[str]
) -> None:
    run = write_tiny_run(tmp_path, keys=("a",), seconds=1.0, **{lacking: False})
    page = report_page(run)
    data = json_of(page, "clip-0")
    assert " ".join(data["absent"]) == words
    assert {"video", "trueVideo", "peaks"} - data.keys() == fields
    assert ("generated" in data["motions"]) == (lacking != "has_motion")
    assert ("not been scored yet" in page) == (lacking == "has_scores")


def test_interesting_clips_are_the_best_and_worst_then_some_between() -> None:
    scores = {key: {"generated": {"bas_gap": number / 10}} for number, key in enumerate("abcdefghi")}
    assert order_of_interest([*"abcdefghi", "x"], scores) == list("iahbgcfdex")
    low = {key: {"generated": {"lpips[random]": number / 10}} for number, key in enumerate("abc")}
    assert order_of_interest(list("abc"), low) == ["a", "c", "b"]


def test_scores_of_the_image_plane_have_columns_of_their_own() -> None:
    scores = {"a": {"generated": {"bas_gap_2d": 0.5, "ssim": 0.9}}}
    assert [column.title for column in columns_of(scores)] == ["SSIM", "BAS own − other, image plane"]
    assert first_choice(scores) == "bas_gap_2d"
    assert better("bas_gap_2d") == "higher"
    assert better("bas_own") == "", "noise has a high one with any music"


def test_damaged_scores_are_refused(tmp_path: Path) -> None:
    run = write_tiny_run(tmp_path, keys=("a",), seconds=0.5, has_motion=False, has_truth=False)
    run.clip_scores_file().write_text("key,set,pfc\na,generated,high\n")
    with pytest.raises(ValueError, match=r"clips\.csv is damaged .*'high'"):
        read_clip_scores(run)


def test_three_js_defines_one_global_and_needs_nothing() -> None:
    script = three_js()
    assert "Three.js Authors" in script[:100]
    assert script.endswith("}));")
    assert "</script" not in script
    assert "GLTFLoader=" not in script


def test_a_trimesh_without_three_js_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(three_js_module, "TEMPLATES", Path("resources", "nowhere"))
    with pytest.raises(ModuleNotFoundError, match=r"does not carry three\.js; install .*trimesh==5"):
        three_js()
    monkeypatch.setattr(three_js_module, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"needs three\.js from trimesh; install"):
        three_js()


def placed(joints: Any) -> np.ndarray:
    """Joints about the pelvis, which pages move."""
    joints = np.asarray(joints)
    return joints - joints[:1]


@pytest.mark.slow
def test_a_clip_plays_and_scrubs_in_a_browser(
    page: str, run: RunFolder, tmp_path: Path, browser: Browser
) -> None:
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    browser.open(tmp_path / "page.html")
    state = browser.value_of("reportState()")
    assert (state["key"], state["shown"], state["seconds"]) == ("first", "both", 0)
    for name, truth in (("generated", False), ("truth", True)):
        motion = Motion.load(run.motion_file("first", truth=truth))
        assert np.abs(placed(state["joints"][name]) - placed(motion.joints()[0])).max() < 1e-3

    browser.click(".plot", 0.5)
    scrubbed = browser.value_of("reportState()")
    assert scrubbed["seconds"] == pytest.approx(1.0, abs=0.02)
    expected = Motion.load(run.motion_file("first")).joints()[round(scrubbed["seconds"] * 30)]
    assert np.abs(placed(scrubbed["joints"]["generated"]) - placed(expected)).max() < 0.03
    browser.press("ArrowLeft")
    assert browser.value_of("reportState().seconds") == pytest.approx(scrubbed["seconds"] - 0.5)

    video = "document.querySelector('.generated video')"
    browser.wait_until(f"{video}.readyState === 4")
    browser.press(" ")
    browser.wait_until(f"{video}.currentTime > 0.8 && reportState().isPlaying")
    assert browser.value_of(f"{video}.webkitAudioDecodedByteCount") > 0
    browser.wait_until("!reportState().isPlaying && reportState().seconds === 2")
    assert browser.value_of(f"{video}.currentTime") == pytest.approx(2, abs=0.1)

    browser.click("[data-show=truth]")
    assert list(browser.value_of("reportState().joints")) == ["truth"]
    assert browser.value_of("getComputedStyle(document.querySelector('.video.generated')).display") == "none"
    browser.click("[data-show=both]")
    yaw = "document.querySelector('.label.truth').style.transform"
    before = browser.value_of(yaw)
    browser.drag(".body canvas", (0.4, 0.5), (0.6, 0.5))
    assert browser.value_of(yaw) != before

    browser.click(f"#list li:nth-child(1) [data-key={json.dumps(KEYS[2])}]")
    browser.wait_until(f"reportState().key === {json.dumps(KEYS[2])}")
    assert browser.value_of("document.title") == EVIL
    assert browser.complaints == []
    assert browser.requests == []


SHOWN = "[...document.querySelectorAll('.legend li')].filter((item) => !item.hidden).map((item) => item.textContent)"
NUM_TEAL = """(() => {
  const canvas = document.querySelector(".plot canvas, canvas.plot");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let num = 0;
  for (let at = 0; at < data.length; at += 4) num += data[at] < 60 && data[at + 1] > 100 && data[at + 2] < 160;
  return num;
})()"""


@pytest.mark.slow
def test_the_legend_names_the_curves_that_are_drawn(tmp_path: Path, browser: Browser) -> None:
    run = write_tiny_run(tmp_path / "run", keys=("a",), seconds=0.5)
    run.motion_file("a").unlink()
    (tmp_path / "page.html").write_text(report_page(run), encoding="utf-8")
    browser.open(tmp_path / "page.html")
    assert browser.value_of("reportState().shown") == "both"
    assert "speed of the ground truth" not in browser.value_of(SHOWN)
    assert "body speed" in browser.value_of(SHOWN)
    assert browser.value_of(NUM_TEAL) > 50
    assert "music beat" in browser.value_of(SHOWN)
    browser.click("[data-show=generated]")
    assert "body speed" not in browser.value_of(SHOWN)
    assert browser.value_of(NUM_TEAL) == 0


@pytest.mark.slow
def test_clips_without_truth_motion_or_sound_play_in_a_browser(tmp_path: Path, browser: Browser) -> None:
    run = write_tiny_run(
        tmp_path / "run", keys=("a",), seconds=0.5, has_sound=False, has_motion=False, has_truth=False
    )
    (tmp_path / "page.html").write_text(report_page(run), encoding="utf-8")
    browser.open(tmp_path / "page.html")
    hidden = "getComputedStyle(document.querySelector('{}')).display === 'none'"
    assert all(browser.value_of(hidden.format(name)) for name in (".body", ".video.truth", ".switch"))
    assert "It has no sound." in browser.value_of("document.querySelector('.absent').textContent")
    browser.click(".play")
    browser.wait_until("!reportState().isPlaying && reportState().seconds === 0.5")
    assert browser.complaints == []
