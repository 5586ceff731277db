"""Measuring the videos of a run's clips, each once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from macedance.data.run_folder import RunFolder
from macedance.data.run_scoring import VideoScoring
from macedance.hashes import config_hash, file_hash
from macedance.metrics.compared_video import ComparedVideo
from macedance.metrics.extractors import AppearanceExtractors
from macedance.metrics.filmed_dance import FilmedDance
from macedance.metrics.measure_video import VideoSettings
from macedance.metrics.measurement_files import load_measurements, save_measurements
from macedance.metrics.scores import GENERATED, GROUND_TRUTH
from macedance.projection.detector import VideoKeypointDetector, keypoints_of_image
from macedance.projection.pose_sequence import PoseSequence
from macedance.projection.reference import Reference
from macedance.projection.video_keypoints import keypoints_of_video, probed


class ClipMeasuring:
    """Looks at the videos of clips, and keeps what metrics need of them.

    Args:
        folder: Where the clips are.
        extractors: Networks that look.
        detector: Finds the dancers' key-points; None leaves out what needs them.
        device: Where what needs no network is computed.
        compares_frames: Whether generated videos are to equal the real ones frame by frame.
        identity: What the extractors were made of, in words, so that the measurements of others are not reused.
    """

    def __init__(
        self,
        folder: RunFolder,
        extractors: AppearanceExtractors,
        detector: VideoKeypointDetector | None,
        device: str,
        *,
        compares_frames: bool,
        identity: Any,
    ) -> None:
        self.folder, self.extractors, self.detector = folder, extractors, detector
        self.compares_frames = compares_frames
        self.settings = VideoSettings("frame" if detector is None else "person", device=device)
        self.measured_by = config_hash(
            {
                "extractors": identity,
                "names": extractors.names(),
                "detector": None if detector is None else detector.name,
                "compares_frames": compares_frames,
                "settings": {**dataclasses.asdict(self.settings), "device": None},
            }
        )

    def scoring(self) -> VideoScoring:
        """How what was measured is to be scored."""
        names = self.extractors.names()
        detector = None if self.detector is None else self.detector.name
        return VideoScoring(
            names if detector is None else {**names, "pck": detector},
            self.extractors.num_features(),
            self.measured_by,
            detector,
        )

    def measure(self, key: str) -> None:
        """Measure a clip's video, and the real one if there is one, unless that is done.

        Raises:
            ValueError: A video cannot be read, or compared with the real one.
        """
        real_file, poses = self.folder.video_file(key, truth=True), self.folder.poses_file(key)
        real = self._filmed(key, real_file) if real_file.is_file() else None
        if real is not None:
            self._measure(key, truth=True, video=lambda: ComparedVideo(GROUND_TRUTH, real, shown=real))

        def generated() -> ComparedVideo:
            made = dataclasses.replace(
                self._filmed(key, self.folder.video_file(key)),
                driving=PoseSequence.load(poses) if poses.is_file() else None,
                person=self._person(key),
            )
            video = ComparedVideo(GENERATED, made, truth=real if self.compares_frames else None, shown=real)
            video.check()
            return video

        self._measure(key, truth=False, video=generated, also_of=(real_file, poses))

    def _measure(
        self, key: str, *, truth: bool, video: Callable[[], ComparedVideo], also_of: tuple[Path, ...] = ()
    ) -> None:
        """Measure a video, unless it was measured as it is now."""
        looked_at = (self.folder.video_file(key, truth=truth), *also_of, self.folder.reference_file(key))
        digests = [file_hash(path) if path.is_file() else None for path in looked_at]
        measured_of = config_hash({"files": digests})
        file, by = self.folder.measured_file(key, truth=truth), self.measured_by
        if load_measurements(file, measured_by=by, measured_of=measured_of) is None:
            measured = video().measure(self.extractors, self.settings)
            save_measurements(file, measured, measured_by=by, measured_of=measured_of)

    def _filmed(self, key: str, file: Path) -> FilmedDance:
        info = probed(file)
        detected = None
        if self.detector is not None:
            detected = keypoints_of_video(file, self.detector).pose_sequence()
        return FilmedDance(
            key, file, float(info.fps), (info.width, info.height), info.num_frames, detected=detected
        )

    def _person(self, key: str) -> Reference:
        reference = Reference.load(self.folder.reference_file(key))
        if self.detector is None:
            return reference
        return Reference(reference.image, keypoints_of_image(reference.image, self.detector))
