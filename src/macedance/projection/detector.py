"""Finding the key-points of a person in pictures. Axis letters: F frames, K key-points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

import numpy as np
import PIL.Image
import torch

from macedance.hub_loading import hub_loading
from macedance.projection.keypoint_formats import to_body_points

PERSON_LABEL = "person"
LEAST_PERSON_SCORE = 0.3
BATCH_FRAMES = 16


class KeypointDetector(Protocol):
    """Anything that finds a person's key-points."""

    def __call__(self, frames: Sequence[np.ndarray]) -> np.ndarray:
        """Key-points (F, K, 3), x, y in pixels and confidence, of pictures uint8 (H, W, 3).

        K tells their names: COCO's 17, ViTPose's 25, the whole body's 133, or Wan's 20.
        """
        ...


class VideoKeypointDetector(KeypointDetector, Protocol):
    """A detector that also takes the frames of a video as they come.

    Its ``name`` tells it, and the weights it uses, from others, so that what it found need not be found again.
    """

    name: str

    def track(self, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Key-points (K, 3) of each of the frames uint8 (H, W, 3), which follow each other."""
        ...


def keypoints_of_image(image: PIL.Image.Image, detector: KeypointDetector) -> np.ndarray:
    """The 20 points (20, 3) of the person in a picture, in its pixels."""
    return to_body_points(np.asarray(detector([np.asarray(image.convert("RGB"))])))[0]


class VitPoseDetector:
    """ViTPose on the box of the person that RT-DETR finds; both come from transformers.

    Args:
        pose: Folder or hub id of a VitPoseForPoseEstimation, such as ``usyd-community/vitpose-base-simple``.
        person: Folder or hub id of an RTDetrForObjectDetection that knows persons, such as
            ``PekingU/rtdetr_r50vd_coco_o365``; None takes the whole picture for the person's box.
        device: Where they run.

    Attributes:
        name: Tells these two models from others.

    Raises:
        FileNotFoundError: There is no such model.
        ValueError: The model for persons does not know them.
    """

    def __init__(self, pose: str, person: str | None = None, *, device: str | torch.device = "cpu") -> None:
        from transformers import RTDetrForObjectDetection, VitPoseForPoseEstimation
        from transformers.models.rt_detr.image_processing_pil_rt_detr import RTDetrImageProcessorPil
        from transformers.models.vitpose.image_processing_pil_vitpose import VitPoseImageProcessorPil

        self.name = f"vitpose {pose}" if person is None else f"vitpose {pose}, persons by {person}"
        self._device = torch.device(device)
        self._pose_processor = _load(VitPoseImageProcessorPil, "pose", pose)
        self._pose = _load(VitPoseForPoseEstimation, "pose", pose).to(self._device).eval()
        self._person = self._person_processor = None
        if person is not None:
            self._person_processor = _load(RTDetrImageProcessorPil, "person", person)
            self._person = _load(RTDetrForObjectDetection, "person", person).to(self._device).eval()
            self._person_label = _person_label(self._person.config.id2label, person)

    @torch.inference_mode()
    def __call__(self, frames: Sequence[np.ndarray]) -> np.ndarray:
        """Key-points (F, K, 3) of pictures uint8 (H, W, 3); where no person is found, all confidences are 0."""
        found = [
            self._of_batch(frames[start : start + BATCH_FRAMES])
            for start in range(0, len(frames), BATCH_FRAMES)
        ]
        return np.concatenate(found)

    def track(self, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Key-points (K, 3) of each frame; frames are looked at alone, a batch at a time."""
        frames = iter(frames)
        while batch := list(islice(frames, BATCH_FRAMES)):
            yield from self(batch)

    def _of_batch(self, frames: Sequence[np.ndarray]) -> np.ndarray:
        boxes = self._boxes(frames)
        inputs = self._pose_processor(
            list(frames), boxes=[[box[:4].tolist()] for box in boxes], return_tensors="pt"
        ).to(self._device)
        if getattr(self._pose.config.backbone_config, "num_experts", 1) > 1:
            inputs["dataset_index"] = torch.zeros(len(frames), dtype=torch.int64, device=self._device)
        outputs = self._pose(**inputs)
        people = self._pose_processor.post_process_pose_estimation(
            outputs, boxes=[[box[:4].tolist()] for box in boxes]
        )
        found = np.stack([_triples(person[0]) for person in people])
        found[..., 2] *= boxes[:, 4, None] >= LEAST_PERSON_SCORE
        return found

    @torch.inference_mode()
    def _boxes(self, frames: Sequence[np.ndarray]) -> np.ndarray:
        """Left, top, width, height and score of the surest person in each frame, (F, 5)."""
        boxes = np.array([[0, 0, frame.shape[1], frame.shape[0], 1.0] for frame in frames])
        if self._person is None or self._person_processor is None:
            return boxes
        inputs = self._person_processor(list(frames), return_tensors="pt").to(self._device)
        sizes = [frame.shape[:2] for frame in frames]
        results = self._person_processor.post_process_object_detection(
            self._person(**inputs), target_sizes=sizes, threshold=0.0
        )
        for row, result in enumerate(results):
            is_person = result["labels"] == self._person_label
            boxes[row, 4] = 0.0
            if is_person.any():
                best = int(torch.where(is_person, result["scores"], -1.0).argmax())
                left, top, right, bottom = result["boxes"][best].tolist()
                boxes[row] = left, top, right - left, bottom - top, float(result["scores"][best])
        return boxes


def _load(kind: Any, argument: str, path: str) -> Any:
    with hub_loading(argument, kind, path):
        return kind.from_pretrained(path)


def _person_label(names: dict[int, str], path: str) -> int:
    for label, name in names.items():
        if name.lower() == PERSON_LABEL:
            return int(label)
    raise ValueError(f"person: {path!r} must detect persons, but knows only {', '.join(names.values())}")


def _triples(person: dict[str, Any]) -> np.ndarray:
    keypoints, scores = np.asarray(person["keypoints"]), np.asarray(person["scores"])
    return np.concatenate([keypoints, np.clip(scores, 0.0, 1.0)[:, None]], axis=1)
