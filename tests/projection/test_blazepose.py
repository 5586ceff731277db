from __future__ import annotations

import os
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from macedance.projection import BlazePoseDetector
from macedance.projection.keypoint_formats import VITPOSE_NAMES
from macedance.render.video import read_frames

FOLDER, VIDEO = os.environ.get("MACEDANCE_BLAZEPOSE"), os.environ.get("MACEDANCE_REAL_VIDEO")


@pytest.mark.parametrize(
    ("there", "message"),
    [
        ([], "person: there is no pose_detection.tflite in .*modules/pose_detection; put it there"),
        (
            ["pose_detection.tflite"],
            "landmarks: there is no pose_landmark_full.tflite .*modules/pose_landmark;",
        ),
    ],
)
def test_a_missing_file_is_named_with_where_to_get_it(tmp_path: Path, there: list[str], message: str) -> None:
    for name in there:
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(FileNotFoundError, match=message):
        BlazePoseDetector.of_folder(tmp_path)


@pytest.fixture
def no_networks(tmp_path: Path) -> Path:
    """A folder with files of the right names."""
    for name in ("pose_detection", "pose_landmark_lite", "pose_landmark_heavy"):
        (tmp_path / f"{name}.tflite").write_bytes(name.encode())
    return tmp_path


def test_a_file_that_is_no_network_is_named(no_networks: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    with pytest.raises(ValueError, match=r"pose_detection.tflite must be a network of LiteRT"):
        BlazePoseDetector.of_folder(no_networks)


def test_without_litert_the_command_to_install_it_is_told(
    no_networks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'macedance\[litert\]'"):
        BlazePoseDetector.of_folder(no_networks)


def test_the_most_exact_file_is_taken_and_the_name_tells_the_files(
    no_networks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []
    monkeypatch.setattr(
        "macedance.projection.blazepose._load", lambda path, *others: loaded.append(path.name)
    )
    name = BlazePoseDetector.of_folder(no_networks).name
    assert loaded == ["pose_detection.tflite", "pose_landmark_heavy.tflite"]
    assert name.startswith("blazepose-")
    assert BlazePoseDetector.of_folder(no_networks).name == name
    (no_networks / "pose_landmark_heavy.tflite").unlink()
    assert BlazePoseDetector.of_folder(no_networks).name != name


@pytest.mark.real_data
@pytest.mark.skipif(
    not (FOLDER and VIDEO),
    reason="MACEDANCE_BLAZEPOSE is no folder with the networks, or MACEDANCE_REAL_VIDEO no video of a dancer",
)
def test_a_dancer_is_found_upright_and_upside_down() -> None:
    detector = BlazePoseDetector.of_folder(str(FOLDER))
    frames = list(islice(read_frames(str(VIDEO)), 20))
    height, width = frames[0].shape[:2]
    found = detector(frames)
    assert (found[..., 2] > 0.5).mean() > 0.6
    point = {name: np.median(found[:, index, :2], axis=0) for index, name in enumerate(VITPOSE_NAMES)}
    assert point["nose"][1] < point["left_hip"][1] < point["left_ankle"][1]
    assert ((found[..., :2] > 0) & (found[..., :2] < (width, height))).mean() > 0.9
    turned = detector([np.rot90(frame, 2).copy() for frame in frames])
    back = (width, height) - turned[..., :2]
    assert np.median(np.linalg.norm(back - found[..., :2], axis=-1)) < 0.02 * height
