"""``macedance animate``: a video of a person who dances a motion."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from macedance.commands.filming import add_filming_arguments, check_filming, film_person, film_settings
from macedance.commands.renderer_choice import DEFAULT_SIZE, add_renderer_arguments, choose_renderer

if TYPE_CHECKING:
    from macedance.commands.renderer_choice import ChosenRenderer
    from macedance.render.provenance import Provenance

EXAMPLE = """\
Without weights a body dances in front of the picture's background. With
--backbone the person of the picture does, by Wan-Animate; with --appearance by
an Appearance Expert. Wan-Animate makes the video in segments, so songs of any
length take the memory of one: shorten --segment, or --offload, for a GPU with
less than 80 GB. 'macedance generate --image' goes all the way from a song.

examples:
  macedance animate --motion dance.npz --reference me.png --out video.mp4 --music song.mp3
  macedance animate --motion dance.npz --reference me.png --out video.mp4 \\
      --backbone Wan-AI/Wan2.2-Animate-14B-Diffusers --relay 5 --steps 20
  macedance animate --motion dance.npz --reference me.png --keypoints me.json --out video.mp4 \\
      --appearance runs/appearance-aesthetic/version_0/checkpoints/last.ckpt --size 720 1280"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--motion", required=True, metavar="FILE", help="the dance (.npz as of AMASS)")
    parser.add_argument("--reference", required=True, metavar="FILE", help="picture of the person")
    parser.add_argument("--out", required=True, metavar="FILE", help="video to write (.mp4, H.264 and AAC)")
    parser.add_argument("--music", metavar="FILE", help="sound of the video; cut to the dance")
    parser.add_argument(
        "--size",
        type=int,
        nargs=2,
        default=DEFAULT_SIZE,
        metavar=("W", "H"),
        help="width and height in pixels",
    )
    parser.add_argument("--up-axis", choices=("y", "z"), help="of a motion that does not tell its own")
    add_filming_arguments(parser)
    add_renderer_arguments(parser, steps_option="--steps")


def run(args: argparse.Namespace) -> int:
    """Read what is given, choose a renderer, and film."""
    from macedance.commands.motion_reading import read_motion
    from macedance.commands.output_files import check_output_file
    from macedance.data.audio import load_audio
    from macedance.projection.reference import Reference

    check_filming(args)
    for source in (args.motion, args.reference, args.music, args.keypoints):
        check_output_file("--out", args.out, (".mp4",), source or "")
    motion = read_motion(args.motion, args.up_axis)
    reference = Reference.load(args.reference, args.keypoints)
    audio = None if args.music is None else load_audio(args.music).at_most_stereo()
    chosen = choose_renderer(args, steps_option="--steps")
    video = film_person(args, chosen, motion, reference, audio, _provenance(args, chosen, motion.up_axis))
    print(f"wrote {args.out}: {video.num_frames / video.fps:.1f} s")
    return 0


def _provenance(args: argparse.Namespace, chosen: ChosenRenderer, up_axis: str) -> Provenance:
    from macedance.commands.motion_reading import described_motion
    from macedance.render.provenance import Provenance, described_file

    return Provenance(
        models={"motion": described_motion(args.motion), "appearance": chosen.model},
        seed=args.seed,
        settings={**film_settings(args), "motion": {"up_axis": up_axis}, "appearance": dict(chosen.settings)},
        music=described_file(args.music) if args.music else None,
        image=described_file(args.reference),
    )
