"""``macedance keypoints``: where the dancers of videos are."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from macedance.commands.keypoint_detectors import add_detector_arguments, load_detector
from macedance.video_suffixes import VIDEO_SUFFIXES

if TYPE_CHECKING:
    from macedance.projection import VideoKeypoints

SHEET_PICTURES = 18

EXAMPLE = """\
Of every video, the key-points of one person are found in each frame and written
beside it: dance.mp4 gets dance.keypoints.json. A video whose file is there, of
the same detector and the same video, is left as it is. Look at what was found
with --overlay and --sheet. See docs/keypoints.md.

examples:
  macedance keypoints dance.mp4 --blazepose blazepose/ --sheet sheets/
  macedance keypoints videos/ --blazepose blazepose/ --overlay overlays/
  macedance keypoints videos/ --detector usyd-community/vitpose-plus-base \\
      --person-detector PekingU/rtdetr_r50vd_coco_o365"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "videos", nargs="+", metavar="VIDEO", help=f"videos, or folders of them ({', '.join(VIDEO_SUFFIXES)})"
    )
    add_detector_arguments(parser)
    parser.add_argument("--overwrite", action="store_true", help="find what was found before anew")
    parser.add_argument("--overlay", metavar="DIR", help="write each video with its key-points drawn on it")
    parser.add_argument(
        "--sheet", metavar="DIR", help="write a picture of each video's fastest moments with key-points"
    )


def run(args: argparse.Namespace) -> int:
    """Find the key-points of one video after the other."""
    from macedance.commands.clip_progress import clip_progress
    from macedance.commands.output_files import check_apart, check_output_folder
    from macedance.projection.video_keypoints import keypoints_of_video

    videos = _videos(args.videos)
    for folder in sorted({str(video.parent) for video in videos}):
        check_output_folder("the folder of VIDEO", folder)
    for option, name in (("--overlay", args.overlay), ("--sheet", args.sheet)):
        if name:
            check_apart(option, name, map(str, videos))
            check_output_folder(option, name)
    if args.overlay or args.sheet:
        _check_names(videos)
    detector = load_detector(args)
    if detector is None:
        raise ValueError("nothing is named that finds key-points; give --blazepose DIR or --detector MODEL")
    lines = []
    with clip_progress("finding key-points", _num_frames(videos), unit="frames") as advance:
        for video in videos:
            found = keypoints_of_video(video, detector, on_frames=advance, overwrite=args.overwrite)
            lines.append(_in_words(video, found))
            _show(args, video, found)
    print("\n".join(lines))
    return 0


def _videos(names: Sequence[str]) -> list[Path]:
    """The videos named, and those of the folders named, each once.

    Raises:
        FileNotFoundError: One is not there.
        ValueError: A folder has none, or two videos would have the same file.
    """
    from macedance.projection.keypoint_cache import cache_path

    videos: dict[Path, Path] = {}
    for name in names:
        for video in _videos_of(Path(name)):
            other = videos.setdefault(cache_path(video).resolve(), video)
            if other.resolve() != video.resolve():
                raise ValueError(
                    f"VIDEO must be one of a name in a folder, but {other} and {video} both have "
                    f"{cache_path(video).name}; rename one"
                )
    return list(videos.values())


def _videos_of(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise FileNotFoundError(f"VIDEO: there is no file or folder {path}")
    found = sorted(
        file
        for file in path.iterdir()
        if file.suffix.lower() in VIDEO_SUFFIXES and not file.name.startswith(".")
    )
    if not found:
        raise ValueError(
            f"VIDEO must be a video or a folder of some ({', '.join(VIDEO_SUFFIXES)}), {path} has none"
        )
    return found


def _check_names(videos: Sequence[Path]) -> None:
    """Refuse videos of one name, of which only the last would be left in the folder of pictures."""
    by_name: dict[str, Path] = {}
    for video in videos:
        other = by_name.setdefault(video.stem, video)
        if other is not video:
            raise ValueError(
                f"--overlay and --sheet write one file a name, but {other} and {video} have the same; "
                "give one folder at a time"
            )


def _num_frames(videos: Sequence[Path]) -> int:
    """Of all videos."""
    from macedance.projection.video_keypoints import probed

    return sum(probed(video).num_frames for video in videos)


def _show(args: argparse.Namespace, video: Path, found: VideoKeypoints) -> None:
    """Write the video or the picture with the key-points, as asked for."""
    if args.overlay:
        _write_overlay(Path(args.overlay) / f"{video.stem}.mp4", video, found)
    if args.sheet:
        _write_sheet(Path(args.sheet) / f"{video.stem}.png", video, found)


def _write_overlay(path: Path, video: Path, found: VideoKeypoints) -> None:
    from macedance.data.audio import load_audio
    from macedance.projection.keypoint_overlay import overlay_frames
    from macedance.render.video import probe_video, read_frames, write_video

    info = probe_video(video)
    audio = None if info.audio_seconds is None else load_audio(video).at_most_stereo()
    write_video(
        path,
        overlay_frames(read_frames(video), found.keypoints, found.names),
        fps=info.fps,
        audio=None if audio is None else audio.samples,
        sample_rate=None if audio is None else audio.sample_rate,
    )


def _write_sheet(path: Path, video: Path, found: VideoKeypoints) -> None:
    from PIL import Image

    from macedance.projection.keypoint_overlay import draw_keypoints, fastest_frames, overlay_sheet
    from macedance.render.video import read_frames
    from macedance.whole_files import renamed_when_complete

    moments = fastest_frames(found.keypoints, found.fps, SHEET_PICTURES)
    pictures = (
        draw_keypoints(frame, found.keypoints[moment], found.names)
        for moment, frame in zip(moments, read_frames(video, moments), strict=True)
    )
    with renamed_when_complete(path) as partial:
        Image.fromarray(overlay_sheet(pictures, moments, found.fps)).save(partial)


def _in_words(video: Path, found: VideoKeypoints) -> str:
    from macedance.projection.keypoint_cache import cache_path

    return (
        f"{cache_path(video)}: {found.num_frames} frames, {found.share_with_person:.1%} of them with a person"
    )
