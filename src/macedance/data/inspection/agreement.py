"""Whether the members of one sample fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from macedance.data.inspection.report import ClipFacts
from macedance.data.motion_clips import MOTION_FPS
from macedance.data.music_features import MUSIC_FPS
from macedance.data.video_clips import KEYPOINTS, MOVIES

SOUND_TOLERANCE_SECONDS = 0.05


def contradictions(facts: ClipFacts, frames: Mapping[str, int], sound_seconds: float | None) -> list[str]:
    """Where the members of a sample do not fit its json, or each other.

    Args:
        facts: What the json tells, or the motion or video where it does not.
        frames: Length of each member that has one.
        sound_seconds: Length of the sound, if there is some.
    """
    reasons = [
        *_other_numbers_of_frames(facts, frames),
        *_other_durations(facts, sound_seconds),
    ]
    if "motion.npz" in frames and facts.fps not in (None, MOTION_FPS):
        reasons.append(f"motion.npz must be at {MOTION_FPS} fps, json tells {facts.fps:g}")
    return reasons


def _other_numbers_of_frames(facts: ClipFacts, frames: Mapping[str, int]) -> Iterator[str]:
    for name, num_frames in frames.items():
        if name == "music.npy" and "motion.npz" not in frames and facts.fps != MUSIC_FPS:
            # Beside a video of another rate, music keeps its own.
            if facts.seconds is not None and abs(num_frames - facts.seconds * MUSIC_FPS) > 1:
                yield f"music.npy has {num_frames} frames at {MUSIC_FPS} fps, the clip lasts {facts.seconds:.2f} s"
            continue
        is_at_video_rate = name in (*MOVIES, KEYPOINTS) and facts.num_video_frames is not None
        expected = facts.num_video_frames if is_at_video_rate else facts.num_frames
        if expected not in (None, num_frames):
            yield f"{name} has {num_frames} frames, the clip has {expected}"


def _other_durations(facts: ClipFacts, sound_seconds: float | None) -> Iterator[str]:
    if facts.seconds is None:
        return
    if facts.fps and facts.num_frames and abs(facts.num_frames / facts.fps - facts.seconds) > 1 / facts.fps:
        yield (
            f"{facts.num_frames} frames at {facts.fps:g} fps last {facts.num_frames / facts.fps:.2f} s, "
            f"the clip {facts.seconds:.2f} s"
        )
    if sound_seconds is not None and abs(sound_seconds - facts.seconds) > SOUND_TOLERANCE_SECONDS:
        yield f"audio.flac lasts {sound_seconds:.2f} s, the clip {facts.seconds:.2f} s"
