from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import torch

from macedance.geometry.body_model import BodyModel
from macedance.geometry.camera import Camera
from macedance.projection import (
    POINT_NAMES,
    Projector,
    Reference,
    RenderedProjector,
    VitPoseDetector,
    keypoints_of_image,
)
from macedance.projection.detector import _person_label

SIZE = (96, 160)


@pytest.fixture(scope="module")
def pose_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ViTPose of random weights."""
    from transformers import VitPoseBackboneConfig, VitPoseConfig, VitPoseForPoseEstimation
    from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

    torch.manual_seed(0)
    backbone = VitPoseBackboneConfig(
        image_size=[64, 48], hidden_size=16, num_hidden_layers=1, num_attention_heads=2, out_indices=[1]
    )
    config = VitPoseConfig(backbone_config=backbone, id2label={index: str(index) for index in range(17)})
    folder = tmp_path_factory.mktemp("vitpose")
    VitPoseForPoseEstimation(config).save_pretrained(folder)
    VitPoseImageProcessorPil(size={"height": 64, "width": 48}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def person_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An RT-DETR of random weights."""
    from transformers import RTDetrConfig, RTDetrForObjectDetection, RTDetrResNetConfig
    from transformers.models.rt_detr.image_processing_pil_rt_detr import RTDetrImageProcessorPil

    torch.manual_seed(0)
    resnet = RTDetrResNetConfig(
        embedding_size=8, hidden_sizes=[8, 8, 8, 8], depths=[1, 1, 1, 1], layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )  # fmt: skip
    config = RTDetrConfig(
        backbone_config=resnet, encoder_hidden_dim=16, encoder_in_channels=[8, 8, 8], encoder_layers=1,
        encoder_ffn_dim=16, encoder_attention_heads=2, d_model=16, num_queries=12, decoder_layers=1,
        decoder_in_channels=[16, 16, 16], decoder_ffn_dim=16, decoder_attention_heads=2, num_denoising=0,
        id2label={0: "person", 1: "dog"},
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("rtdetr")
    RTDetrForObjectDetection(config).save_pretrained(folder)
    RTDetrImageProcessorPil(size={"height": 64, "width": 64}).save_pretrained(folder)
    return folder


def noise(num_frames: int) -> list[np.ndarray]:
    return list(np.random.default_rng(0).integers(0, 256, (num_frames, 160, 96, 3), dtype=np.uint8))


def test_vitpose_finds_points_in_the_whole_picture(pose_model: Path) -> None:
    found = VitPoseDetector(str(pose_model))(noise(18))
    assert found.shape == (18, 17, 3)
    assert np.isfinite(found).all()
    assert ((found[..., 2] >= 0) & (found[..., 2] <= 1)).all()
    # it looks at a box a quarter larger than the picture, 150 by 200 pixels
    middle = np.median(found[..., :2], axis=(0, 1))
    np.testing.assert_allclose(middle, (48, 80), atol=40)
    assert (np.ptp(found[..., :2], axis=(0, 1)) > (75, 100)).all()


def test_frames_are_found_one_by_one_as_together(pose_model: Path) -> None:
    detector = VitPoseDetector(str(pose_model))
    frames = noise(3)
    together = detector(frames)
    np.testing.assert_allclose(together[2], detector(frames[2:])[0], atol=0.05)


def test_frames_of_a_video_are_found_as_they_come_and_models_have_names(pose_model: Path) -> None:
    detector, frames = VitPoseDetector(str(pose_model)), noise(18)
    found = np.stack(list(detector.track(iter(frames))))
    np.testing.assert_allclose(found, detector(frames), atol=0.05)
    assert detector.name == f"vitpose {pose_model}"


def test_the_persons_box_is_looked_at(
    pose_model: Path, person_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector = VitPoseDetector(str(pose_model), str(person_model))
    boxes = detector._boxes(noise(2))
    assert boxes.shape == (2, 5)
    assert (boxes[:, 2:4] > 0).all()
    lower_half = np.array([[0.0, 80.0, 60.0, 80.0, 0.9], [0.0, 80.0, 60.0, 80.0, 0.1]])
    monkeypatch.setattr(detector, "_boxes", lambda frames: lower_half[: len(frames)])
    found = detector(noise(2))
    assert np.median(found[..., 1]) > 80
    assert (found[0, :, 2] > 0).any()
    assert (found[1, :, 2] == 0).all()  # too unsure that it is a person


def test_the_points_of_an_image_are_ordered_as_wans(pose_model: Path) -> None:
    detector = VitPoseDetector(str(pose_model))
    image = PIL.Image.fromarray(noise(1)[0])
    points = keypoints_of_image(image, detector)
    raw = detector([np.asarray(image)])[0]
    assert points.shape == (20, 3)
    np.testing.assert_array_equal(points[POINT_NAMES.index("right_wrist")], raw[10])
    assert (points[-2:, 2] == 0).all()


def test_models_that_are_not_there_or_know_no_persons_are_named(pose_model: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="pose: there is no VitPoseImageProcessorPil at"):
        VitPoseDetector(str(tmp_path / "none"))
    with pytest.raises(ValueError, match="must detect persons, but knows only dog"):
        _person_label({0: "dog"}, "dogs")


def brightest(frames: Sequence[np.ndarray]) -> np.ndarray:
    """A detector that tells the middle of what is not background, as all of COCO's points."""
    found = np.ones((len(frames), 17, 3))
    for row, frame in enumerate(frames):
        mask = frame.astype(int).max(axis=-1) > 230
        y, x = np.nonzero(mask)
        found[row, :, :2] = x.mean(), y.mean()
    return found


@pytest.fixture
def white_body() -> BodyModel:
    body = copy.copy(BodyModel())
    body.colors = np.ones((body.num_vertices, 3))
    return body


def test_a_rendered_body_is_seen_where_the_joints_are_projected(pose_of, white_body) -> None:
    walking = pose_of(num_frames=3)
    walking.trans[:, 0] = torch.tensor([-0.6, 0.0, 0.6])
    joints = Projector().project(walking, size_px=SIZE).points[..., 0].mean(axis=1)
    seen = RenderedProjector(brightest, body=white_body).project(walking, size_px=SIZE)
    assert seen.points.shape == (3, 20, 3)
    np.testing.assert_allclose(seen.points[:, 0, 0], joints, atol=4)


def test_a_rendered_body_takes_the_place_of_the_person(pose_of, white_body, camera: Camera) -> None:
    person = Projector(camera=camera).project(pose_of(), size_px=SIZE).points[0] * (0.6, 0.6, 1) + (30, 40, 0)
    reference = Reference(PIL.Image.new("RGB", SIZE), person)
    seen = RenderedProjector(brightest, body=white_body).project(pose_of(), size_px=SIZE, reference=reference)
    np.testing.assert_allclose(seen.points[0, 0, 0], person[:, 0].mean(), atol=4)
