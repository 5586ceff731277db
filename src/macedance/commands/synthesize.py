"""``macedance data synthesize``: songs and dances to them, as MA-Data shards."""

from __future__ import annotations

import argparse

EXAMPLE = """\
A run that was cut off goes on after its last whole shard. The result depends
on the settings alone.

example:
  macedance data synthesize --out data/motion-tiny --clips 384 --test-clips 64"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--out", required=True, help="folder to write the shards to")
    parser.add_argument(
        "--clips", type=int, default=256, help="clips to train on, each with a song of its own"
    )
    parser.add_argument(
        "--val-clips", type=int, help="clips to validate on; a sixteenth of --clips if left out"
    )
    parser.add_argument("--test-clips", type=int, help="clips to test on; a sixteenth of --clips if left out")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a clip, at least 8")
    parser.add_argument("--seed", type=int, default=0, help="another seed, another set")
    parser.add_argument("--workers", type=int, help="processes; one for each core if left out")
    parser.add_argument("--clips-per-shard", type=int, default=32, help="clips in a shard at most")
    parser.add_argument("--no-audio", action="store_true", help="store music features but no sound")
    parser.add_argument("--overwrite", action="store_true", help="replace a synthetic set of other settings")


def run(args: argparse.Namespace) -> int:
    """Make the set, or go on with it."""
    from macedance.commands.clip_progress import clip_progress
    from macedance.data.synthesis import SynthesisSettings, synthesize
    from macedance.data.worker_processes import default_num_workers

    held_out = max(1, args.clips // 16)
    settings = SynthesisSettings(
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
    minutes = num_clips * args.seconds / 60
    print(f"{args.out}: {num_clips} clips, {minutes:.0f} minutes" + ("" if is_new else ", there already"))
    return 0
