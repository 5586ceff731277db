"""What ``macedance evaluate`` compares: beats for the dances, and what reports say about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from macedance.metrics.dance import Dance
    from macedance.metrics.filmed_dance import FilmedDance


def with_music(
    music: str | None, generated: list[Dance], reference: list[Dance], *, num_workers: int | None = None
) -> tuple[list[Dance], list[Dance]]:
    """Both sides with the beats of the songs; without songs, with their own or the real dances' of the same name."""
    from macedance.commands.clip_progress import clip_progress
    from macedance.data.dance_files import with_beats
    from macedance.data.song_beats import read_song_beats

    if not music:
        beats = {dance.key: dance.beats for dance in reference if len(dance.beats)}
        found = zip(generated, with_beats(generated, beats), strict=True)
        return [own if len(own.beats) else other for own, other in found], reference
    songs = check_songs(music, [dance.key for dance in (*generated, *reference)])
    with clip_progress("listening", len(songs)) as advance:
        beats = read_song_beats(songs, num_workers=num_workers, on_song=lambda: advance(1))
    return with_beats(generated, beats), with_beats(reference, beats)


def check_songs(music: str, keys: list[str]) -> dict[str, Path]:
    """The files of the songs that dances of these names belong to.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: None of its songs has the name of a dance.
    """
    from macedance.data.song_beats import needed_songs, song_files

    files = song_files(music)
    songs = needed_songs(files, keys)
    if not songs:
        raise ValueError(
            f"--music: no song in {music} has the name of a dance; the first are {min(files)!r} and {keys[0]!r}"
        )
    return songs


def about_dances(path: str, dances: list[Dance]) -> dict[str, Any]:
    """Where a side's dances come from, how many there are, their frame rates and length."""
    return _about(path, [dance.fps for dance in dances], [len(dance.joints) for dance in dances])


def about_videos(path: str, videos: list[FilmedDance]) -> dict[str, Any]:
    """The same of videos, and their sizes (width, height)."""
    about = _about(path, [video.fps for video in videos], [video.num_frames for video in videos])
    return about | {"size_px": sorted({video.size_px for video in videos})}


def in_words(about: dict[str, Any], one: str = "clip", many: str = "clips") -> str:
    """One line of what :func:`about_dances` or :func:`about_videos` tells."""
    rates = ", ".join(f"{rate:g}" for rate in about["fps"])
    sizes = "".join(f", {width}x{height}" for width, height in about.get("size_px", []))
    length = f"{about['median_seconds']:.1f} s in the median"
    what = one if about["num_clips"] == 1 else many
    return f"{about['num_clips']} {what} at {rates} fps{sizes}, {length}, of {about['path']}"


def _about(path: str, fps: list[float], num_frames: list[int]) -> dict[str, Any]:
    from statistics import median

    return {
        "path": path,
        "num_clips": len(fps),
        "fps": sorted(set(fps)),
        "median_seconds": median(count / rate for count, rate in zip(num_frames, fps, strict=True)),
    }
