"""``macedance generate``: from a song to a dancing body, or, with a picture, to a dancing person."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from macedance.commands.body_choice import BODY_HELP, body_file, chosen_body
from macedance.commands.dancing import (
    add_dancing_arguments,
    check_dancing,
    load_motion_expert,
    make_dance,
    read_dance,
)
from macedance.commands.filming import (
    add_filming_arguments,
    check_filming,
    film_person,
    film_settings,
    film_stage,
)
from macedance.commands.renderer_choice import (
    DEFAULT_SIZE,
    OF_THE_BACKBONE,
    add_renderer_arguments,
    choose_renderer,
)

if TYPE_CHECKING:
    from macedance.commands.dancing import Dance
    from macedance.commands.renderer_choice import ChosenRenderer
    from macedance.data.audio import Audio
    from macedance.geometry.body_model import BodyModel
    from macedance.geometry.motion import Motion
    from macedance.render.provenance import Provenance

STAGE_SIZE = (720, 720)
SHEET_ROWS, SHEET_COLUMNS, SHEET_STRIDE = 3, 7, 4
"""Fast moments on a sheet, pictures of each, and frames from picture to picture."""
VIDEO_STEPS = "--video-steps"


EXAMPLE = """\
A Motion Expert dances to the song: the one that comes with macedance, or that
of --motion. Without --image its body is filmed on a stage. With --image the
person of the picture dances: by the Appearance Expert of --appearance, by
Wan-Animate as it is published with --backbone, and without either as a body in
front of the picture's background. Where a video comes from stands in its tags,
and in NAME.provenance.json beside it.

examples:
  macedance generate --music song.mp3 --out dance.mp4
  macedance generate --music song.mp3 --image me.png --out dance.mp4
  macedance generate --music song.mp3 --image me.png --keypoints me.json --out dance.mp4 \\
      --motion my-expert --appearance my-appearance --size 480 832
  macedance generate --music song.mp3 --image me.png --motion-in dance.npz --out dance.mp4
  macedance generate --music song.mp3 --body anny --out dance.mp4
  macedance generate --music clip.mp4 --out dance.mp4 --genre Hiphop --seed 3 --seconds 20 --sampler dpm"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--music",
        required=True,
        metavar="FILE",
        help="sound or video file with the song (wav, mp3, flac, m4a, mp4 …)",
    )
    parser.add_argument("--out", required=True, metavar="FILE", help="video to write (.mp4, H.264 and AAC)")
    parser.add_argument("--image", metavar="FILE", help="picture of the person who is to dance")
    parser.add_argument(
        "--size",
        type=int,
        nargs="+",
        metavar="N",
        help="width and height of the video in pixels, or one number for a square; "
        f"{STAGE_SIZE[0]} if left out, with --image {DEFAULT_SIZE[0]} {DEFAULT_SIZE[1]}",
    )
    parser.add_argument(
        "--seconds", type=float, help="dance to the first S seconds only; the whole song if left out"
    )
    parser.add_argument("--motion-out", metavar="FILE", help="also write the motion (.npz as of AMASS)")
    parser.add_argument(
        "--sheet-out", metavar="FILE", help="also write a picture of the fastest moments (.png or .jpg)"
    )
    parser.add_argument(
        "--body",
        metavar="NAME",
        help=BODY_HELP,
    )
    add_filming_arguments(parser)
    add_dancing_arguments(parser)
    add_renderer_arguments(parser, steps_option=VIDEO_STEPS)


def run(args: argparse.Namespace) -> int:
    """Hear the song, dance to it, and film the dance."""
    from macedance.projection.reference import Reference

    _check(args)
    body, described_body = chosen_body(args.body)
    reference = Reference.load(args.image, args.keypoints) if args.image else None
    audio = _read_music(args)
    given = read_dance(args, audio) if args.motion_in else None
    expert = None if given else load_motion_expert(args)
    chosen = choose_renderer(args, steps_option=VIDEO_STEPS) if reference else None
    dance = given or make_dance(args, audio, *expert)  # type: ignore[misc]  # one of the two is there
    _write_motion(args, dance.motion, body)
    provenance = _provenance(args, dance, chosen, described_body)
    if reference and chosen:
        film_person(args, chosen, dance.motion, reference, audio, provenance)
    else:
        film_stage(args, body, dance.motion, audio, provenance)
    print(f"wrote {args.out}: {dance.motion.duration_seconds:.1f} s")
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what would only fail after minutes of work."""
    from macedance.commands.output_files import check_output_file

    check_dancing(args)
    check_filming(args)
    if args.seconds is not None and not 1 <= args.seconds < math.inf:
        raise ValueError(f"--seconds must be at least 1 and finite, got {args.seconds}")
    _check_dancer(args)
    for source in (args.music, args.image, args.motion_in, body_file(args.body), args.keypoints):
        check_output_file("--out", args.out, (".mp4",), source or "")
        check_output_file("--motion-out", args.motion_out, (".npz",), source or "")
        check_output_file("--sheet-out", args.sheet_out, (".png", ".jpg"), source or "")


def _check_dancer(args: argparse.Namespace) -> None:
    """Make the size a pair, and refuse one that cannot be and options that need a picture, or none."""
    size = args.size or (DEFAULT_SIZE if args.image else STAGE_SIZE)
    if len(size) > 2:
        raise ValueError(f"--size must be one number or two, got {' '.join(map(str, size))}")
    args.size = (size[0], size[-1])
    if args.image:
        if args.body:
            raise ValueError("--body is filmed on the stage, without --image; leave one of the two out")
        return
    if any(side < 64 or side % 2 for side in args.size):
        raise ValueError(f"--size must be an even number from 64 on, got {' '.join(map(str, size))}")
    names = ("appearance", "backbone", "weights", "keypoints", *OF_THE_BACKBONE)
    given = [name for name in names if getattr(args, name) != OF_THE_BACKBONE.get(name)]
    if given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise ValueError(f"{options} must come with --image, the picture of the person who is to dance")


def _read_music(args: argparse.Namespace) -> Audio:
    from macedance.data.audio import Audio, load_audio, require_duration

    audio = load_audio(args.music).at_most_stereo()
    if args.seconds is not None:
        audio = Audio(audio.samples[:, : round(args.seconds * audio.sample_rate)], audio.sample_rate)
    require_duration(audio.samples.shape[1], audio.sample_rate, name=args.music)
    return audio


def _write_motion(args: argparse.Namespace, motion: Motion, body: BodyModel) -> None:
    if args.motion_out:
        motion.save(args.motion_out)
        print(f"wrote {args.motion_out}")
    if args.sheet_out:
        _draw_sheet(args.sheet_out, motion, body)
        print(f"wrote {args.sheet_out}")


def _provenance(
    args: argparse.Namespace, dance: Dance, chosen: ChosenRenderer | None, body: Mapping[str, Any]
) -> Provenance:
    from macedance.render.provenance import Provenance, described_file

    if chosen:
        appearance, settings = dict(chosen.model), dict(chosen.settings)
    else:
        appearance, settings = dict(body), {"stage": True}
    return Provenance(
        models={"motion": dance.model, "appearance": appearance},
        seed=args.seed,
        settings={
            **film_settings(args),
            "seconds": args.seconds,
            "motion": dict(dance.settings),
            "appearance": settings,
        },
        music=described_file(args.music),
        image=described_file(args.image) if args.image else None,
    )


def _draw_sheet(path: str, motion: Motion, body: BodyModel) -> None:
    """The fastest moments, each with the frames around it, in rows."""
    from PIL import Image

    from macedance.render.contact_sheet import contact_sheet, fast_moments
    from macedance.whole_files import renamed_when_complete

    moments = fast_moments(motion, SHEET_ROWS)
    spread = [offset - SHEET_COLUMNS // 2 for offset in range(SHEET_COLUMNS)]
    last = motion.num_frames - 1
    frames = [min(max(moment + SHEET_STRIDE * step, 0), last) for moment in moments for step in spread]
    sheet = contact_sheet(motion, frames=frames, columns=SHEET_COLUMNS, body=body)
    with renamed_when_complete(path) as partial:
        Image.fromarray(sheet).save(partial)
