"""``macedance evaluate``: score folders of motions beside the ground truth."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macedance.metrics.dance import Dance

EXAMPLE = """\
Each table has the ground truth's own row, the dances to score, and controls:
the ground truth's first pose held, and white noise in place of motion. Lines
below a figure are its 95 % bootstrap interval over clips.

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
    from pathlib import Path

    import torch

    from macedance.commands.clip_progress import clip_progress
    from macedance.commands.evaluation_files import write_evaluation, write_plots
    from macedance.commands.evaluation_table import print_evaluation
    from macedance.metrics.motion_evaluation import evaluate_motions, num_scored

    if args.workers is not None and args.workers < 1:
        raise ValueError(f"--workers must be at least 1, got {args.workers}")
    if args.plots and Path(args.plots).exists() and not Path(args.plots).is_dir():
        raise ValueError(f"--plots must be a folder, but {args.plots} is a file; choose another name")
    torch.set_num_threads(
        1
    )  # clips are small: more threads only wait for each other, sets are scored at once
    generated, reference = _read(args, args.generated), _read(args, args.reference)
    generated, reference, notes = _with_music(args, generated, reference)
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
    evaluation.warnings[:0] = notes
    print_evaluation(evaluation)
    if args.json:
        write_evaluation(args.json, evaluation)
    if args.plots:
        write_plots(args.plots, evaluation, generated)
    return 0


def _read(args: argparse.Namespace, path: str) -> list[Dance]:
    from macedance.commands.clip_progress import clip_progress
    from macedance.data.dance_files import num_dances, read_keypoints, read_motions
    from macedance.metrics.functional.protocols import motion_protocol

    form = motion_protocol(args.protocol)
    planar = form.dimensions == 2
    if not planar and args.fps is not None:
        raise ValueError(
            f"--fps is for key-points; motions tell their own, and {args.protocol} takes motions"
        )
    with clip_progress(f"reading {path}", num_dances(path, keypoints=planar)) as advance:
        if planar:
            fps = args.fps or form.published_fps or 30.0
            return read_keypoints(path, fps=fps, on_dance=lambda: advance(1))
        return read_motions(path, up_axis=args.up_axis, on_dance=lambda: advance(1))


def _with_music(
    args: argparse.Namespace, generated: list[Dance], reference: list[Dance]
) -> tuple[list[Dance], list[Dance], list[str]]:
    """Both sides with beats, of the songs or of the real dances of the same name; and what to say of it."""
    from macedance.commands.clip_progress import clip_progress
    from macedance.data.dance_files import with_beats
    from macedance.data.song_beats import needed_songs, read_song_beats, song_files

    if args.music:
        files = song_files(args.music)
        songs = needed_songs(files, [dance.key for dance in (*generated, *reference)])
        if not songs:
            raise ValueError(
                f"--music: no song in {args.music} has the name of a dance; the first are "
                f"{sorted(files)[0]!r} and {generated[0].key!r}"
            )
        with clip_progress("listening", len(songs)) as advance:
            beats = read_song_beats(songs, num_workers=args.workers, on_song=lambda: advance(1))
        reference = with_beats(reference, beats)
    else:
        beats = {dance.key: dance.beats for dance in reference if len(dance.beats)}
    generated = with_beats(generated, beats)
    silent = [dance.key for dance in generated if not len(dance.beats)]
    if not silent:
        return generated, reference, []
    who = "no dance has" if len(silent) == len(generated) else f"{len(silent)} of {len(generated)} have no"
    note = f"{who} music, so no BAS: give --music DIR with songs named as the dances (first: {silent[0]})"
    return generated, reference, [note]
