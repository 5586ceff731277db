"""``macedance data synthesize``: songs and dances to them, as MA-Data shards."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macedance.data.synthesis import SynthesisSettings

EXAMPLE = """\
A run that was cut off goes on after its last whole shard: run it again. The
result depends on the settings, the motions and music mixed in, and the version
of the choreographer alone. A set that another version of it made is as one of
other settings: choose another folder, or replace it with --overwrite.

--motions mixes in recorded dances: clips of them come beside the made-up ones,
shuffled, in the same shards of the same splits, as the subset "real".
  motions  any tree of npz files with poses, trans and mocap_framerate; others
           in it are passed over. AMASS is z up and does not say so: pass
           --up-axis z. Motion is brought to 30 fps, y up, metres, and moved as
           a whole to where made-up dancers are: floor at height 0, middle at 0.
  music    sounds named like the motions, in folders like theirs or in none,
           which begin with the motions. Motions without sound are left out
           and counted: they teach nothing about beats.
  clips    from 8 seconds to --seconds long, about as many as would lie end to
           end; recordings shorter than 8 seconds are left out and counted.
  splits   recordings are divided by their songs' hashes, about 90 : 5 : 5;
           those to one song, or to copies of its file, stay together.
  share    --clips, --val-clips and --test-clips count the made-up clips; all
           recorded ones come on top. --real-share 0.3 takes only so many of
           them that they are 0.3 of the training clips; it is an error if
           there are fewer.
Damaged files are an error; with --skip-damaged they are left out and listed.

examples:
  macedance data synthesize --out data/motion-tiny --clips 384 --test-clips 64
  macedance data synthesize --out data/mixed --clips 2000 \\
      --motions AMASS/dance --music songs --up-axis z --licence "CC BY 4.0\""""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--out", required=True, help="folder to write the shards to")
    parser.add_argument(
        "--clips", type=int, default=256, help="made-up clips to train on, each with a song of its own"
    )
    parser.add_argument(
        "--val-clips", type=int, help="clips to validate on; a sixteenth of --clips if left out"
    )
    parser.add_argument("--test-clips", type=int, help="clips to test on; a sixteenth of --clips if left out")
    parser.add_argument(
        "--seconds",
        type=float,
        default=10.0,
        help="length of a made-up clip, and of a recorded one at most; 8 to 600",
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed, another set")
    parser.add_argument("--workers", type=int, help="processes; one for each core if left out")
    parser.add_argument(
        "--clips-per-shard", type=int, default=32, help="clips in a shard at most; with --motions, about"
    )
    parser.add_argument("--no-audio", action="store_true", help="store music features but no sound")
    parser.add_argument("--overwrite", action="store_true", help="replace a synthetic set of other settings")
    mixing = parser.add_argument_group("recorded dances, see below")
    mixing.add_argument("--motions", help="folder of motions to mix in")
    mixing.add_argument("--music", help="folder of their sounds; --motions if left out")
    mixing.add_argument("--up-axis", choices=("y", "z"), help="of motions that do not tell it")
    mixing.add_argument(
        "--real-share", type=float, help="their share of the training clips; all of them if left out"
    )
    mixing.add_argument("--licence", help="their licence, for the clips' json")
    mixing.add_argument("--skip-damaged", action="store_true", help="leave out what is damaged, and list it")


def run(args: argparse.Namespace) -> int:
    """Make the set, or go on with it."""
    _check(args)
    settings = _settings(args)
    if args.motions is None:
        _warn_of_idle(args)
        _synthesize(args, settings)
    else:
        _mix(args, settings)
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what would not do what it says.

    Raises:
        ValueError: There is no worker, or a folder has no name.
    """
    if args.workers is not None and args.workers < 1:
        raise ValueError(f"--workers must be at least 1, got {args.workers}")
    for name in ("motions", "music"):
        if getattr(args, name) == "":
            raise ValueError(f"--{name} must name a folder, got ''; the current one is .")


def _settings(args: argparse.Namespace) -> SynthesisSettings:
    """The settings that the arguments tell."""
    from macedance.data.synthesis import SynthesisSettings

    held_out = max(1, args.clips // 16)
    return SynthesisSettings(
        num_clips={
            "train": args.clips,
            "val": held_out if args.val_clips is None else args.val_clips,
            "test": held_out if args.test_clips is None else args.test_clips,
        },
        seconds=args.seconds,
        seed=args.seed,
        clips_per_shard=args.clips_per_shard,
        has_audio=not args.no_audio,
    )


def _synthesize(args: argparse.Namespace, settings: SynthesisSettings) -> None:
    from macedance.commands.clip_progress import clip_progress
    from macedance.data.synthesis import synthesize
    from macedance.data.worker_processes import default_num_workers

    num_clips = sum(settings.num_clips.values())
    with clip_progress("synthesizing clips", num_clips, args.seconds) as advance:
        is_new = synthesize(
            args.out,
            settings,
            num_workers=args.workers or default_num_workers(),
            overwrite=args.overwrite,
            on_progress=advance,
        )
        advance(0 if is_new else num_clips)
    _print_made_up(args.out, settings, is_new=is_new)


def _mix(args: argparse.Namespace, settings: SynthesisSettings) -> None:
    from pathlib import Path

    from macedance.commands.clip_progress import clip_progress
    from macedance.commands.pack import print_report
    from macedance.data.mixing import DanceSource, Mixture, mix
    from macedance.data.packing.tracks import require_folder
    from macedance.data.worker_processes import default_num_workers

    motions, music = Path(args.motions), Path(args.music or args.motions)
    require_folder(motions, "motions", "the folder of the motions to mix in")
    require_folder(music, "music", "the folder of the motions' sounds")
    mixture = Mixture.of(
        DanceSource(motions, music, args.up_axis),
        settings,
        real_share=args.real_share,
        licence=args.licence,
        skip_damaged=args.skip_damaged,
    )
    with clip_progress("making and cutting clips", mixture.num_clips) as advance:
        report = mix(
            args.out,
            mixture,
            skip_damaged=args.skip_damaged,
            num_workers=args.workers or default_num_workers(),
            overwrite=args.overwrite,
            on_progress=advance,
        )
        advance(0 if report.is_new else mixture.num_clips)
    _print_made_up(f"{args.out}, made up", settings, is_new=report.is_new)
    print_report(f"{args.out}, recorded", report)


def _print_made_up(out: str, settings: SynthesisSettings, *, is_new: bool) -> None:
    from macedance.data.inspection.wording import num_of

    num_clips = sum(settings.num_clips.values())
    minutes = round(num_clips * settings.seconds / 60)
    print(
        f"{out}: {num_of(num_clips, 'clip')}, {num_of(minutes, 'minute')}"
        + ("" if is_new else ", there already")
    )


def _warn_of_idle(args: argparse.Namespace) -> None:
    for name in ("music", "up_axis", "real_share", "licence", "skip_damaged"):
        if getattr(args, name) not in (None, False):
            print(f"macedance: --{name.replace('_', '-')} has no effect without --motions", file=sys.stderr)
