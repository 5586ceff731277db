"""A video beside what it is compared with. Axis letters: P points (20), R pictures, H height, W width."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from macedance.metrics.extractors import AppearanceExtractors
from macedance.metrics.filmed_dance import FilmedDance
from macedance.metrics.functional.structural_similarity import WINDOW_PX
from macedance.metrics.measure_video import VideoSettings, measure_video
from macedance.metrics.person_regions import Region, region_of
from macedance.metrics.pose_fidelity import pose_fidelity
from macedance.metrics.video_measurements import VideoMeasurements

Change = Callable[[Iterator[np.ndarray]], Iterator[np.ndarray]]


@dataclass(frozen=True, eq=False)
class ComparedVideo:
    """A video to score.

    Attributes:
        set_name: Which set it belongs to.
        dance: The video.
        truth: The real one that it should equal, frame by frame; None if there is none.
        shown: A real one that shows its person; None if there is none.
        change: What is done to its frames first; None for nothing.
    """

    set_name: str
    dance: FilmedDance
    truth: FilmedDance | None = None
    shown: FilmedDance | None = None
    change: Change | None = None

    def check(self) -> None:
        """Refuse a video that cannot be compared with its truth, before it is looked at.

        Raises:
            ValueError: The sizes differ, or are smaller than the window of SSIM.
        """
        if self.truth is None:
            return
        (width, height), (true_width, true_height) = self.dance.size_px, self.truth.size_px
        with self._named():
            if (width, height) != (true_width, true_height):
                raise ValueError(
                    f"the video must have the size of its truth, but is {width}x{height} and the truth "
                    f"{true_width}x{true_height}; scale one of them"
                )
            if min(width, height) < WINDOW_PX:
                raise ValueError(
                    f"the video must be at least {WINDOW_PX} px high and wide, but is {width}x{height}"
                )

    def measure(
        self,
        extractors: AppearanceExtractors,
        settings: VideoSettings,
        on_frames: Callable[[int], None] = lambda num_frames: None,
    ) -> VideoMeasurements:
        """What metrics take in of it.

        Raises:
            ValueError: It cannot be decoded, or compared; set and video are named.
        """
        frames = iter(self.dance.frames())
        with self._named():
            measured = measure_video(
                frames if self.change is None else self.change(frames),
                extractors,
                truth=None if self.truth is None else self.truth.frames(),
                person=self._person(settings.identity_region),
                points=None if self.dance.detected is None else self.dance.detected.points,
                settings=settings,
                on_frames=on_frames,
            )
            return self._with_pose_fidelity(measured)

    def _with_pose_fidelity(self, measured: VideoMeasurements) -> VideoMeasurements:
        found, driving = self.dance.detected, self.dance.driving
        if driving is None and self.truth is not None:
            driving = self.truth.detected
        if self.change is not None or found is None or driving is None:
            return measured
        return measured.with_value("pck", pose_fidelity(found, driving))

    def _person(self, region: Region) -> Tensor | None:
        """Pictures (R, 3, H, W) of who should be seen: the given one, or the first real frame that shows them."""
        if self.change is not None and region != "frame":
            return None  # the key-points are those of the unchanged frames
        if self.dance.person is not None:
            picture, points = _picture(np.asarray(self.dance.person.image)), self.dance.person.keypoints
            if points is None and region == "person":
                return picture  # of that person alone, one may suppose
            return region_of(picture, None if points is None else points[None], region)
        if self.shown is None:
            return None
        found = None if self.shown.detected is None else self.shown.detected.points
        for index, frame in enumerate(self.shown.frames()):
            own = None if found is None else found[index : index + 1]
            shown = region_of(_picture(frame), own, region)
            if len(shown):
                return shown
        return None

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Name set and video in what is raised about it."""
        try:
            yield
        except ValueError as error:
            raise ValueError(f"{self.set_name}, video {self.dance.path.name}: {error}") from error


def _picture(pixels: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(pixels)).movedim(-1, 0)[None]
