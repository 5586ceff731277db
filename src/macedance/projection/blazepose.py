"""BlazePose: finding the key-points of a dancer fast, without a GPU. Axis letters: F frames, K key-points (25)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from macedance.projection.blazepose_tracking import Network, track_body

PERSON_FILE = "pose_detection.tflite"
LANDMARK_FILES = ("pose_landmark_heavy.tflite", "pose_landmark_full.tflite", "pose_landmark_lite.tflite")
"""From the most exact to the fastest."""
_WHERE_FROM = (
    "mediapipe's wheels have it (0.10.21: a zip; 'pip download --no-deps mediapipe==0.10.21')"
    " in mediapipe/modules/{module}"
)


class BlazePoseDetector:
    """MediaPipe's pose networks, run by LiteRT, on frames that follow each other.

    It follows one person, the surest of the first frame with people. Key-points are ViTPose's 25; the top of the
    head, which BlazePose does not know, has a confidence of 0 throughout.

    Args:
        person: The file ``pose_detection.tflite``.
        landmarks: ``pose_landmark_full.tflite``, or its lite or heavy form.
        num_threads: On which they run.

    Attributes:
        name: Tells these two files from others.

    Raises:
        FileNotFoundError: One of the files is not there.
        ModuleNotFoundError: LiteRT is not installed.
        ValueError: A file is no such network.
    """

    def __init__(self, person: str | Path, landmarks: str | Path, *, num_threads: int = 1) -> None:
        person, landmarks = Path(person), Path(landmarks)
        _check_file("person", person, "pose_detection")
        _check_file("landmarks", landmarks, "pose_landmark")
        self._person = _load(person, num_threads, (1, 224, 224, 3))
        self._landmarks = _load(landmarks, num_threads, (1, 256, 256, 3))
        content = hashlib.sha256(person.read_bytes() + landmarks.read_bytes())
        self.name = f"blazepose-{content.hexdigest()[:16]}"

    @classmethod
    def of_folder(cls, folder: str | Path, *, num_threads: int = 1) -> BlazePoseDetector:
        """The detector of a folder's files; of several for landmarks, the heavy one, else the full one.

        Raises:
            FileNotFoundError: A file is not there.
            ModuleNotFoundError: LiteRT is not installed.
            ValueError: A file is no such network.
        """
        there = [name for name in LANDMARK_FILES if (Path(folder) / name).is_file()]
        landmarks = Path(folder) / (there[0] if there else "pose_landmark_full.tflite")
        return cls(Path(folder) / PERSON_FILE, landmarks, num_threads=num_threads)

    def __call__(self, frames: Sequence[np.ndarray]) -> np.ndarray:
        """Key-points (F, K, 3) of pictures uint8 (H, W, 3) that follow each other; nobody there, confidences of 0."""
        return np.stack(list(self.track(frames)))

    def track(self, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Key-points (K, 3) of each frame, found as they come; every call begins with nobody known."""
        return track_body(frames, self._person, self._landmarks)


def _check_file(argument: str, path: Path, module: str) -> None:
    if not path.is_file():
        where_from = _WHERE_FROM.format(module=module)
        raise FileNotFoundError(
            f"{argument}: there is no {path.name} in {path.parent}; {where_from}; put it there"
        )


def _load(path: Path, num_threads: int, input_shape: tuple[int, ...]) -> Network:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "BlazePose runs on LiteRT, which is not installed; pip install 'macedance[litert]'"
        ) from error
    try:
        interpreter = Interpreter(model_path=str(path), num_threads=num_threads)
    except (ValueError, RuntimeError) as error:
        raise ValueError(f"{path} must be a network of LiteRT (.tflite): {error}") from error
    interpreter.allocate_tensors()
    (taken,) = interpreter.get_input_details()
    if tuple(taken["shape"]) != input_shape:
        raise ValueError(
            f"{path} must take {input_shape}, takes {tuple(map(int, taken['shape']))}; it is another network"
        )
    outputs = [output["index"] for output in interpreter.get_output_details()]

    def network(pixels: np.ndarray) -> list[np.ndarray]:
        interpreter.set_tensor(taken["index"], pixels)
        interpreter.invoke()
        return [interpreter.get_tensor(index) for index in outputs]

    return network
