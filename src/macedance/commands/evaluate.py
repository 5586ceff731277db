"""``macedance evaluate``: score folders of motions beside the ground truth."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from macedance.metrics.dance import Dance

EXAMPLE = """\
Each table has the ground truth's own row, the dances to score, and controls:
the ground truth's first pose held, and white noise in place of motion. Lines
below a figure are its 95 % bootstrap interval over clips; that of a FID tells
the spread from clip to clip, not its bias.

Motions are npz files in the manner of AMASS, or shards. A dance belongs to the
song of its name: waltz.npz and waltz_seed3.npz both to waltz.mp3. Shards bring
their own beats. Every protocol is described in docs/metrics.md.

examples:
  macedance evaluate --generated runs/a/predictions --reference data/motion-tiny/test-000000.tar
  macedance evaluate --generated dances --reference truth --music songs --protocol lodge
  macedance evaluate --generated dances --reference truth --json scores.json --plots plots
  macedance evaluate --generated keypoints --reference truth_keypoints --protocol mace-2d"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from macedance.commands.protocol_names import PROTOCOL_NAMES

    parser.add_argument("--generated", required=True, metavar="DIR", help="dances to score")
    parser.add_argument(
        "--reference", required=True, metavar="DIR", help="real dances to compare with: a folder or shards"
    )
    parser.add_argument("--music", metavar="DIR", help="songs, or their features (.npy), named as the dances")
    parser.add_argument(
        "--protocol",
        choices=PROTOCOL_NAMES,
        default="default",
        metavar="NAME",
        help=f"whose arithmetic: {', '.join(PROTOCOL_NAMES)}; those with 2d take key-points (.npy or .json)",
    )
    parser.add_argument(
        "--fps", type=float, help="frame rate of key-points; the protocol's, or 30, if left out"
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
        help="also score the truth late, with other songs' music, and skating, which must score worse",
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of the white noise")
    parser.add_argument("--json", metavar="FILE", help="also write everything, each clip's numbers included")
    parser.add_argument("--plots", metavar="DIR", help="also draw speeds and beats, features and histograms")
    parser.add_argument(
        "--workers", type=int, help="processes that hear the songs; one for each core if left out"
    )


def run(args: argparse.Namespace) -> int:
    """Read, score, print and write."""
    import torch

    from macedance.commands.clip_progress import clip_progress
    from macedance.commands.evaluation_files import write_evaluation, write_plots
    from macedance.commands.evaluation_table import print_evaluation
    from macedance.metrics.motion_evaluation import evaluate_motions, num_scored

    _check(args)
    # Clips are small: more threads only wait for each other. The sets are scored at the same time instead.
    torch.set_num_threads(1)
    generated, reference = _with_music(args, _read(args, args.generated), _read(args, args.reference))
    with clip_progress("scoring", num_scored(generated, reference, args.controls)) as advance:
        evaluation = evaluate_motions(
            generated,
            reference,
            protocol=args.protocol,
            floor_height_metres=args.floor,
            more_controls=args.controls,
            seed=args.seed,
            on_dance=lambda: advance(1),
        )
    sides = {"generated": _about(args.generated, generated), "reference": _about(args.reference, reference)}
    print_evaluation(evaluation, {name: _in_words(about) for name, about in sides.items()})
    if args.json:
        settings = {"music": args.music, "floor_height_metres": args.floor, "seed": args.seed}
        write_evaluation(args.json, evaluation, {**sides, **settings})
    if args.plots:
        write_plots(args.plots, evaluation, generated)
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what would only fail after the work, and options that would have no effect."""
    import math

    from macedance.commands.output_files import check_output_file, check_output_folder
    from macedance.metrics.functional.protocols import motion_protocol

    planar = motion_protocol(args.protocol).dimensions == 2
    if args.workers is not None and args.workers < 1:
        raise ValueError(f"--workers must be at least 1, got {args.workers}")
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
    check_output_file("--json", args.json)
    check_output_folder("--plots", args.plots)


def _read(args: argparse.Namespace, path: str) -> list[Dance]:
    from macedance.commands.clip_progress import clip_progress
    from macedance.data.dance_files import num_dances, read_keypoints, read_motions
    from macedance.metrics.functional.protocols import motion_protocol

    form = motion_protocol(args.protocol)
    planar = form.dimensions == 2
    with clip_progress(f"reading {path}", num_dances(path, keypoints=planar)) as advance:
        if planar:
            fps = args.fps or form.published_fps or 30.0
            return read_keypoints(path, fps=fps, on_dance=lambda: advance(1))
        return read_motions(path, up_axis=args.up_axis, on_dance=lambda: advance(1))


def _with_music(
    args: argparse.Namespace, generated: list[Dance], reference: list[Dance]
) -> tuple[list[Dance], list[Dance]]:
    """Both sides with the beats of the songs; without songs, with their own or the real dances' of the same name."""
    from macedance.commands.clip_progress import clip_progress
    from macedance.data.dance_files import with_beats
    from macedance.data.song_beats import needed_songs, read_song_beats, song_files

    if not args.music:
        beats = {dance.key: dance.beats for dance in reference if len(dance.beats)}
        found = zip(generated, with_beats(generated, beats), strict=True)
        return [own if len(own.beats) else other for own, other in found], reference
    files = song_files(args.music)
    songs = needed_songs(files, [dance.key for dance in (*generated, *reference)])
    if not songs:
        raise ValueError(
            f"--music: no song in {args.music} has the name of a dance; the first are "
            f"{min(files)!r} and {generated[0].key!r}"
        )
    with clip_progress("listening", len(songs)) as advance:
        beats = read_song_beats(songs, num_workers=args.workers, on_song=lambda: advance(1))
    return with_beats(generated, beats), with_beats(reference, beats)


def _about(path: str, dances: list[Dance]) -> dict[str, Any]:
    """Where a side's dances come from, how many there are, their frame rates and length."""
    from statistics import median

    return {
        "path": path,
        "num_clips": len(dances),
        "fps": sorted({dance.fps for dance in dances}),
        "median_seconds": median(len(dance.joints) / dance.fps for dance in dances),
    }


def _in_words(about: dict[str, Any]) -> str:
    rates = ", ".join(f"{rate:g}" for rate in about["fps"])
    clips = "clip" if about["num_clips"] == 1 else "clips"
    length = f"{about['median_seconds']:.1f} s in the median"
    return f"{about['num_clips']} {clips} at {rates} fps, {length}, of {about['path']}"
