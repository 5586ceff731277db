"""``macedance data render``: shards of dances, as shards of videos."""

from __future__ import annotations

import argparse

EXAMPLE = """\
Every dance of SHARDS is danced by a body in clothes, in front of a still camera.
The new set holds what the old one did of json, motion, music and sound, and
  video.mp4      the dance; bodies, rooms and light differ from clip to clip
  pose.mp4       its pose drawing, made by the same camera
  keypoints.npy  (frames, 20, 3): x, y, confidence in pixels
  reference.jpg  the dancer at another moment; json tells where, as reference_keypoints
  face.mp4       the face, 512x512, black where it is not seen (with --face)
Keys and splits are kept. Whatever has shards of motion can be rendered:
synthetic dances, FineDance, AIST++.

A run that was cut off goes on after its last whole shard: run it again. The
result depends on the settings and the dances alone.

examples:
  macedance data render data/motion-tiny --out data/rendered-tiny --size 64 64
  macedance data render data/finedance --out data/ma-data/rendered --size 832 480"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("shards", metavar="SHARDS", help="folder, URL, shard or pattern with motion.npz")
    parser.add_argument("--out", required=True, help="folder to write the shards to")
    parser.add_argument(
        "--size", nargs=2, type=int, metavar=("H", "W"), default=(832, 480), help="of the videos, both even"
    )
    parser.add_argument("--fps", type=float, default=30.0, help="frames per second of the videos")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other bodies and rooms")
    parser.add_argument("--face", action="store_true", help="make the video of the face too")
    parser.add_argument("--workers", type=int, help="processes; one for each core if left out")
    parser.add_argument("--clips-per-shard", type=int, default=32, help="clips in a shard at most")
    parser.add_argument("--overwrite", action="store_true", help="replace a set of other settings")


def run(args: argparse.Namespace) -> int:
    """Render the set, or go on with it."""
    from fractions import Fraction

    from macedance.commands.clip_progress import clip_progress
    from macedance.commands.output_files import check_apart, check_output_folder
    from macedance.data.rendering import RenderPlan, RenderSettings, render_shards
    from macedance.data.worker_processes import default_num_workers

    if not 1 <= args.fps <= 240:
        raise ValueError(f"fps must lie in 1..240, got {args.fps:g}")
    settings = RenderSettings(
        video_size=tuple(args.size),
        video_fps=Fraction(args.fps).limit_denominator(1001),
        seed=args.seed,
        clips_per_shard=args.clips_per_shard,
        has_face=args.face,
    )
    plan = RenderPlan.of(args.shards, args.clips_per_shard)
    check_apart("--out", args.out, plan.sources)
    check_output_folder("--out", args.out)
    with clip_progress("rendering clips", plan.num_clips) as advance:
        is_new = render_shards(
            args.out,
            plan,
            settings,
            num_workers=args.workers or default_num_workers(),
            overwrite=args.overwrite,
            on_progress=advance,
        )
        advance(0 if is_new else plan.num_clips)
    height, width = settings.video_size
    there = "" if is_new else ", there already"
    print(f"{args.out}: {plan.num_clips} clips, {width}x{height} at {float(settings.video_fps):g} fps{there}")
    return 0
