"""Making the motion and the video of a clip."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch

from macedance.data.cascade_clips import CascadeClip, jpeg_of
from macedance.data.motion_clips import MOTION_FPS
from macedance.data.run_folder import RunFolder
from macedance.geometry.motion import Motion
from macedance.json_files import write_json
from macedance.lightning_modules.cascade_experts import CascadeExpert
from macedance.projection.projector import Projector
from macedance.projection.video_keypoints import probed
from macedance.render.video import probe_video
from macedance.render.video_renderer import Video
from macedance.whole_files import renamed_when_complete

FPS_TOLERANCE = 0.01
LENGTH_TOLERANCE_SECONDS = 0.5


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
    """Makes clips into a run's folder; those that are done stay as they are.

    Args:
        folder: Where to.
        motion: Makes the motions; None if videos need none.
        appearance: Makes the videos.
        settings: How.
        device: Where the experts work.
        metadata: Gives what the file of a clip's video shall tell of itself.
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
        """Make a clip, and its record at last; one that has its record is done.

        Raises:
            ValueError: An expert cannot make it, the real video has another frame rate, or what is done was made of
                another clip of this name; the clip is named.
        """
        made_of = {"clip": clip.digest, "motion": None, "appearance": self.appearance.fingerprint(clip.key)}
        if self.motion is not None:
            made_of["motion"] = self.motion.fingerprint(clip.key)
        if self.folder.clip_file(clip.key).is_file():
            self._require_same(clip.key, made_of)
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
        about = self._about(clip, num_frames, motion is not None, took)
        write_json(self.folder.clip_file(clip.key), {**about, "made_of": made_of})

    def _require_same(self, key: str, made_of: dict[str, str | None]) -> None:
        there = self.folder.read_clip(key)["made_of"]
        for part, digest in made_of.items():
            if there.get(part) != digest:
                what = (
                    "another clip of this name" if part == "clip" else f"another state of the {part} expert"
                )
                raise ValueError(
                    f"clip {key}: what lies in {self.folder.path} was made of {what}; give another output, or remove "
                    f"{self.folder.clip_file(key)} to make it anew"
                )

    def _keep_truth(self, clip: CascadeClip) -> None:
        """Write what the clip is made of and compared with, over what a run that failed may have left."""
        folder = self.folder
        with renamed_when_complete(folder.reference_file(clip.key)) as partial:
            partial.write_bytes(jpeg_of(clip.reference))
        dance, video = folder.motion_file(clip.key, truth=True), folder.video_file(clip.key, truth=True)
        dance.unlink(missing_ok=True)
        video.unlink(missing_ok=True)
        if clip.dance is not None:
            clip.dance.save(dance)
        if clip.video is None:
            return
        with renamed_when_complete(video) as partial:
            partial.write_bytes(clip.video)
            try:
                fps = float(probed(partial).fps)
            except ValueError as error:
                raise ValueError(str(error).replace(str(partial), "its real video")) from error
            if abs(fps - self.settings.fps) > FPS_TOLERANCE:
                raise ValueError(
                    f"its real video has {fps:g} fps, the cascade {self.settings.fps:g}; set fps to {fps:g}, or pack "
                    "the videos at the other rate"
                )

    def _motion(self, clip: CascadeClip) -> Motion | None:
        if self.motion is None:
            return None
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
        file = self.folder.motion_file(clip.key)
        motion.to("cpu").to_up_axis("y").save(file)
        return Motion.load(file)

    def _video(self, clip: CascadeClip, motion: Motion | None) -> int:
        """Make the video, and return its number of frames."""
        settings, name = self.settings, self.appearance.name
        renderer = self.appearance.for_clip(clip.key)
        needs_motion = getattr(renderer, "needs_motion", True)
        if motion is None and needs_motion:
            raise ValueError(
                f"appearance {name} makes videos of motions, and motion is null; name a Motion Expert"
            )
        if motion is not None and needs_motion:
            projector = getattr(renderer, "projector", None) or Projector()
            projector.project(
                motion, size_px=settings.size_px, fps=settings.fps, reference=clip.reference
            ).save(self.folder.poses_file(clip.key))
        file = self.folder.video_file(clip.key)
        with self.appearance.on(self.device, takes_turns=settings.takes_turns):
            video: Video = renderer.render(
                motion,
                clip.reference,
                size_px=settings.size_px,
                fps=settings.fps,
                generator=torch.Generator().manual_seed(clip.seed ^ 1),
            )
            video = _checked(video, clip, settings, name)
            video.save(
                file,
                audio=None if clip.sound is None else clip.sound.samples,
                sample_rate=None if clip.sound is None else clip.sound.sample_rate,
                metadata=self.metadata(clip),
            )
        info = probe_video(file)
        made = (info.num_frames, info.width, info.height)
        if made != (video.num_frames, *settings.size_px):
            file.unlink()
            raise ValueError(
                f"appearance expert {name} gave {made[0]} frames of {made[1]}x{made[2]}; it must give them as it "
                f"told and was asked, {video.num_frames} of {settings.size_px[0]}x{settings.size_px[1]}"
            )
        return int(info.num_frames)

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
    if abs(motion.num_frames - clip.num_frames) > LENGTH_TOLERANCE_SECONDS * MOTION_FPS:
        raise ValueError(
            f"motion expert {name} gave {motion.num_frames} frames for num_frames {clip.num_frames}; it must give as "
            "many as asked for"
        )


def _checked(video: Video, clip: CascadeClip, settings: ProductionSettings, name: str) -> Video:
    """The video, if it has the rate asked for and is not too short; one that is longer than the clip is cut."""
    if abs(video.fps - settings.fps) > FPS_TOLERANCE:
        raise ValueError(
            f"appearance expert {name} gave {video.fps:g} fps; it must give as many as asked for, {settings.fps:g}"
        )
    excess_seconds = video.num_frames / video.fps - clip.seconds
    if excess_seconds < -LENGTH_TOLERANCE_SECONDS:
        raise ValueError(
            f"appearance expert {name} gave {video.num_frames / video.fps:.2f} s for a clip of {clip.seconds:.2f} s; "
            "it must give the whole clip"
        )
    if excess_seconds <= LENGTH_TOLERANCE_SECONDS:
        return video
    num_frames = round(clip.seconds * video.fps)
    return Video(islice(video.frames, num_frames), num_frames, video.fps)
