"""``macedance evaluate``: score folders of motions or of videos beside the ground truth."""

from __future__ import annotations

import argparse

EXAMPLE = """\
Each table has the ground truth's own row, the dances to score, and controls:
of motions the ground truth's first pose held, and white noise in place of motion.
Lines below a figure are its 95 % bootstrap interval over clips; that of a FID
tells the spread from clip to clip, not its bias.

Motions are npz files in the manner of AMASS, or shards. A dance belongs to the
song of its name: waltz.npz and waltz_seed3.npz both to waltz.mp3. Shards bring
their own beats. Every protocol is described in docs/metrics.md.

Folders of videos are scored by what is seen: frame by frame beside the real video
of the same name, as distributions, and by how steady they are. Networks for that
are named in a YAML file (--extractors), or random ones are taken to try it out.
With a detector of key-points, or where key-points lie beside the videos already,
their motion is scored in two dimensions, too. See docs/video-metrics.md.

examples:
  macedance evaluate --generated runs/a/predictions --reference data/motion-tiny/test-000000.tar
  macedance evaluate --generated dances --reference truth --music songs --protocol lodge
  macedance evaluate --generated dances --reference truth --json scores.json --plots plots
  macedance evaluate --generated keypoints --reference truth_keypoints --protocol mace-2d
  macedance evaluate --generated videos --reference truth_videos --extractors random
  macedance evaluate --generated videos --reference truth_videos --extractors configs/metrics/vbench.yaml \\
    --blazepose weights/blazepose --driving poses --music songs"""

VIDEO_OPTIONS = (
    "extractors", "driving", "person", "identity_region", "segment", "blazepose", "detector", "person_detector",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from macedance.commands.protocol_names import PROTOCOL_NAMES

    parser.add_argument("--generated", required=True, metavar="DIR", help="dances or videos to score")
    parser.add_argument(
        "--reference", required=True, metavar="DIR", help="real ones to compare with: a folder, or shards"
    )
    parser.add_argument("--music", metavar="DIR", help="songs, or their features (.npy), named as the dances")
    parser.add_argument(
        "--protocol",
        choices=PROTOCOL_NAMES,
        metavar="NAME",
        help=f"whose arithmetic: {', '.join(PROTOCOL_NAMES)}; those with 2d take key-points (.npy or .json) or "
        "videos; default, or default-2d for videos, if left out",
    )
    parser.add_argument(
        "--fps", type=float, help="frame rate of key-points; their own, the protocol's, or 30, if left out"
    )
    parser.add_argument("--up-axis", choices=("y", "z"), help="of motions that do not tell theirs")
    parser.add_argument(
        "--floor",
        type=float,
        metavar="METRES",
        help="height of the floor; estimated in each clip if left out",
    )
    parser.add_argument(
        "--controls",
        action="store_true",
        help="also score the truth late, with other songs' music, and skating, which must score worse; of videos "
        "the truth with noise, and with its first frame held",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the white noise")
    parser.add_argument("--json", metavar="FILE", help="also write everything, each clip's numbers included")
    parser.add_argument("--plots", metavar="DIR", help="also draw speeds and beats, features and histograms")
    parser.add_argument(
        "--workers", type=int, help="processes that hear the songs; one for each core if left out"
    )
    _add_video_arguments(parser.add_argument_group("videos"))


def _add_video_arguments(videos: argparse._ArgumentGroup) -> None:
    from macedance.commands.keypoint_detectors import add_detector_arguments

    videos.add_argument(
        "--extractors",
        metavar="FILE",
        help="YAML file that names the networks, see docs/weights.md, or 'random'; without, only what needs none",
    )
    videos.add_argument(
        "--driving",
        metavar="DIR",
        help="where the dancers should be (.npz of 'pose --keypoints-out', or .json), named as the videos; the "
        "real videos' key-points if left out",
    )
    videos.add_argument(
        "--person",
        metavar="DIR",
        help="pictures of who should be seen, named as the videos; the real video's first frame if left out",
    )
    videos.add_argument(
        "--identity-region",
        choices=("frame", "person", "face"),
        help="what identity looks at; the person where there are key-points, else the whole frame, if left out",
    )
    videos.add_argument(
        "--segment",
        type=int,
        metavar="FRAMES",
        help="length of a segment, for the drift of colours; 77 if left out",
    )
    add_detector_arguments(videos)


def run(args: argparse.Namespace) -> int:
    """Read, score, print and write."""
    from macedance.commands import evaluate_motions, evaluate_videos
    from macedance.data.dance_files import files_of
    from macedance.data.video_folders import holds_videos
    from macedance.video_suffixes import VIDEO_SUFFIXES

    are_videos = holds_videos(args.generated) or holds_videos(args.reference)
    if are_videos:
        for path in (args.generated, args.reference):
            files_of(path, VIDEO_SUFFIXES, "videos like the other side")
    _check(args, are_videos)
    return (evaluate_videos if are_videos else evaluate_motions).run(args)


def _check(args: argparse.Namespace, are_videos: bool) -> None:
    """Refuse what would only fail after the work, and options that would have no effect."""
    import math

    from macedance.commands.output_files import check_output_file, check_output_folder
    from macedance.metrics.functional.protocols import motion_protocol

    args.protocol = args.protocol or ("default-2d" if are_videos else "default")
    planar = motion_protocol(args.protocol).dimensions == 2
    if args.workers is not None and args.workers < 1:
        raise ValueError(f"--workers must be at least 1, got {args.workers}")
    if are_videos and not planar:
        raise ValueError(
            f"--protocol must be one for key-points, such as default-2d, for videos, got {args.protocol}"
        )
    if are_videos and args.fps is not None:
        raise ValueError("--fps is for key-points; videos tell their own")
    if not planar and args.fps is not None:
        raise ValueError(
            f"--fps is for key-points; motions tell their own, and {args.protocol} takes motions"
        )
    if planar and (args.floor is not None or args.up_axis is not None):
        raise ValueError(f"--floor and --up-axis are for motions, and {args.protocol} takes key-points")
    if args.fps is not None and not 0 < args.fps < math.inf:
        raise ValueError(f"--fps must be a positive number, got {args.fps}")
    if args.floor is not None and not math.isfinite(args.floor):
        raise ValueError(f"--floor must be a height in metres, got {args.floor}")
    if args.segment is not None and args.segment < 1:
        raise ValueError(f"--segment must be at least 1 frame, got {args.segment}")
    _check_for_videos(args, are_videos)
    check_output_file("--json", args.json)
    check_output_folder("--plots", args.plots)


def _check_for_videos(args: argparse.Namespace, are_videos: bool) -> None:
    """Refuse options for videos where there are none."""
    given = [
        option
        for option in (
            "extractors",
            "driving",
            "person",
            "identity_region",
            "segment",
            "blazepose",
            "detector",
            "person_detector",
        )
        if getattr(args, option) is not None
    ]
    if given and not are_videos:
        raise ValueError(
            f"--{given[0].replace('_', '-')} is for folders of videos, and {args.generated} holds none"
        )
