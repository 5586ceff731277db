"""Making the motion and the video of a clip, each once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from macedance.data.cascade_clips import CascadeClip, jpeg_of
from macedance.data.motion_clips import MOTION_FPS
from macedance.data.run_folder import RunFolder
from macedance.geometry.motion import Motion
from macedance.json_files import write_json
from macedance.lightning_modules.cascade_experts import CascadeExpert
from macedance.projection.projector import Projector
from macedance.render.video import probe_video
from macedance.render.video_renderer import Video
from macedance.whole_files import renamed_when_complete

FPS_TOLERANCE = 0.01


@dataclass(frozen=True)
class ProductionSettings:
    """How clips are made.

    Attributes:
        size_px: (width, height) of the videos.
        fps: Of the videos.
        temperature: Of the motion; the expert's own if None.
        takes_turns: Whether the experts are on the device one at a time.
    """

    size_px: tuple[int, int]
    fps: float
    temperature: float | None = None
    takes_turns: bool = False


class ClipProduction:
    """Makes clips into a run's folder; what is there already stays as it is.

    Args:
        folder: Where to.
        motion: Makes the motions; None if videos need none.
        appearance: Makes the videos.
        settings: How.
        device: Where the experts work.
        metadata: Gives what the file of a video shall tell of itself, for the seed of its clip.
    """

    def __init__(
        self,
        folder: RunFolder,
        motion: CascadeExpert | None,
        appearance: CascadeExpert,
        settings: ProductionSettings,
        device: torch.device,
        metadata: Callable[[CascadeClip], Mapping[str, str]],
    ) -> None:
        self.folder, self.settings, self.device = folder, settings, device
        self.motion, self.appearance, self.metadata = motion, appearance, metadata

    def make(self, clip: CascadeClip) -> None:
        """Make what is missing of a clip, and its record at last.

        Raises:
            ValueError: An expert cannot make it, or the real video has another frame rate; the clip is named.
        """
        if self.folder.clip_file(clip.key).is_file():
            return
        try:
            self._keep_truth(clip)
            started = time.perf_counter()
            motion = self._motion(clip)
            danced = time.perf_counter()
            num_frames = self._video(clip, motion)
            took = {"motion": danced - started, "video": time.perf_counter() - danced}
        except ValueError as error:
            raise ValueError(f"clip {clip.key}: {error}") from error
        write_json(self.folder.clip_file(clip.key), self._about(clip, num_frames, motion is not None, took))

    def _keep_truth(self, clip: CascadeClip) -> None:
        folder = self.folder
        _write_once(folder.reference_file(clip.key), lambda: jpeg_of(clip.reference))
        if clip.dance is not None and not folder.motion_file(clip.key, truth=True).is_file():
            clip.dance.save(folder.motion_file(clip.key, truth=True))
        if clip.video is None:
            return
        file = folder.video_file(clip.key, truth=True)
        video = clip.video
        _write_once(file, lambda: video)
        fps = float(probe_video(file).fps)
        if abs(fps - self.settings.fps) > FPS_TOLERANCE:
            raise ValueError(
                f"its real video has {fps:g} fps, the cascade {self.settings.fps:g}; set fps to {fps:g}, or pack the "
                "videos at the other rate"
            )

    def _motion(self, clip: CascadeClip) -> Motion | None:
        if self.motion is None:
            return None
        file = self.folder.motion_file(clip.key)
        if not file.is_file():
            expert = self.motion.for_clip(clip.key)
            with self.motion.on(self.device, takes_turns=self.settings.takes_turns):
                motion = expert.generate(
                    clip.music,
                    num_frames=clip.num_frames,
                    genre=clip.genre,
                    temperature=self.settings.temperature,
                    generator=torch.Generator().manual_seed(clip.seed),
                )
            _check_motion(motion, clip, self.motion.name)
            motion.to("cpu").to_up_axis("y").save(file)
        return Motion.load(file)

    def _video(self, clip: CascadeClip, motion: Motion | None) -> int:
        """Make the video if there is none, and return its number of frames."""
        settings, file = self.settings, self.folder.video_file(clip.key)
        renderer = self.appearance.for_clip(clip.key)
        needs_motion = getattr(renderer, "needs_motion", True)
        if motion is None and needs_motion:
            raise ValueError(
                f"appearance {self.appearance.name} makes videos of motions, and motion is null; name a Motion Expert"
            )
        if motion is not None and needs_motion:
            projector = getattr(renderer, "projector", None) or Projector()
            projector.project(
                motion, size_px=settings.size_px, fps=settings.fps, reference=clip.reference
            ).save(self.folder.poses_file(clip.key))
        if not file.is_file():
            with self.appearance.on(self.device, takes_turns=settings.takes_turns):
                video: Video = renderer.render(
                    motion,
                    clip.reference,
                    size_px=settings.size_px,
                    fps=settings.fps,
                    generator=torch.Generator().manual_seed(clip.seed ^ 1),
                )
                video.save(
                    file,
                    audio=None if clip.sound is None else clip.sound.samples,
                    sample_rate=None if clip.sound is None else clip.sound.sample_rate,
                    metadata=self.metadata(clip),
                )
        return int(probe_video(file).num_frames)

    def _about(
        self, clip: CascadeClip, num_frames: int, has_motion: bool, took: dict[str, float]
    ) -> dict[str, Any]:
        return {
            "key": clip.key,
            "genre": clip.genre,
            "seed": clip.seed,
            "num_frames": num_frames,
            "fps": self.settings.fps,
            "seconds": num_frames / self.settings.fps,
            "music_beats": clip.beats.tolist(),
            "has_sound": clip.sound is not None,
            "has_motion": has_motion,
            "has_true_motion": clip.dance is not None,
            "has_true_video": clip.video is not None,
            "took_seconds": took,
        }


def _check_motion(motion: Motion, clip: CascadeClip, name: str) -> None:
    if motion.fps != MOTION_FPS:
        raise ValueError(
            f"motion expert {name} must give {MOTION_FPS} fps, gave {motion.fps:g}; resample it there"
        )
    if abs(motion.num_frames - clip.num_frames) > MOTION_FPS / 2:
        raise ValueError(
            f"motion expert {name} gave {motion.num_frames} frames for num_frames {clip.num_frames}; it must give as "
            "many as asked for"
        )


def _write_once(path: Any, content: Callable[[], bytes]) -> None:
    if not path.is_file():
        with renamed_when_complete(path) as partial:
            partial.write_bytes(content())
