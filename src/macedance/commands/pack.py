"""``macedance data pack``: published data sets and videos, as MA-Data shards."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macedance.data.packing import PackReport, PackSettings, Source

EXAMPLE = """\
sources, and the folders they are expected in:
  aistpp     SOURCE/motions/*.pkl, or *.pkl or *.npz in SOURCE itself, as
             gBR_sBM_cAll_d04_mBR2_ch08.pkl; songs by their AIST++ names,
             as mBR2.wav, in SOURCE/music or --music. A SOURCE/ignore_list.txt
             is obeyed. House, Waack and Krump are of unknown genre; the json
             keeps AIST++'s own name (gHO) as style.
  finedance  SOURCE/motion/001.npy, SOURCE/music_wav/001.wav (or --music)
             and SOURCE/label_json/001.json.
  amass      any tree of npz files with poses, trans and mocap_framerate;
             others in it are passed over. AMASS itself is z up and does not
             say so: pass --up-axis z. Sound from --music, by the same names.
  videos     any tree of mp4, mov, mkv and webm; beside STEM.mp4 may lie
             STEM.npz, the motion in it, and STEM.json with genre, licence and
             whatever else the clips' json shall tell.

Motion is brought to 30 fps, y up, metres. A Motion Expert trains on clips that
have music; they last at least 8 seconds. Without --split-file, recordings are
divided by their names' hashes, about 90 : 5 : 5, those to one song together.

A run that was cut off goes on after its last whole shard: run it again. The
result depends on the settings and the source alone.

examples:
  macedance data pack aistpp --source aist --out data/aistpp --licence "CC BY 4.0"
  macedance data pack amass --source AMASS/CMU --up-axis z --out data/cmu
  macedance data pack videos --source clips --size 512 288 --out data/wild"""

KINDS = ("aistpp", "finedance", "amass", "videos")
MOTION_SECONDS, VIDEO_SECONDS = (8.0, 10.0), (5.0, 10.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("kind", choices=KINDS, help="what the source is; see below")
    parser.add_argument("--source", required=True, help="folder of the recordings")
    parser.add_argument("--out", required=True, help="folder to write the shards to")
    parser.add_argument("--music", help="folder of the songs, if they are not in their usual place")
    parser.add_argument(
        "--up-axis", choices=("y", "z"), help="of motion in npz files that do not tell it (amass, videos)"
    )
    parser.add_argument(
        "--split-file",
        help='JSON {"train": [names], "val": [], "test": []} or lines "NAME SPLIT"; recordings that it does not '
        "list are left out. A name is the file's, or path below SOURCE, without suffix",
    )
    parser.add_argument(
        "--window-seconds",
        nargs=2,
        type=float,
        metavar=("MIN", "MAX"),
        help="shortest and longest clip: 8 10 for motion, which must not be less than 8, and 5 10 for videos if "
        "left out",
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed, other clips")
    parser.add_argument("--subset", help="name of the set in the clips' json; the kind if left out")
    parser.add_argument("--licence", help="licence of recordings that do not tell theirs")
    parser.add_argument("--no-audio", action="store_true", help="store music features but no sound")
    parser.add_argument("--fps", type=float, help="rate of the clips' pictures, 30 if left out (videos)")
    parser.add_argument(
        "--size",
        nargs=2,
        type=int,
        metavar=("H", "W"),
        help="scale pictures to cover this many pixels, both even, and take the middle (videos)",
    )
    parser.add_argument("--clips-per-shard", type=int, default=32, help="clips in a shard, about")
    parser.add_argument("--workers", type=int, help="processes; one for each core if left out")
    parser.add_argument("--skip-damaged", action="store_true", help="leave out what is damaged, and list it")
    parser.add_argument("--overwrite", action="store_true", help="replace a set of other settings")


def run(args: argparse.Namespace) -> int:
    """Pack the source, or go on with it."""
    from pathlib import Path

    from macedance.commands.clip_progress import clip_progress
    from macedance.data.packing import list_tracks, make_plan, pack
    from macedance.data.worker_processes import default_num_workers

    _warn_of_idle(args)
    settings, source = _settings(args), _source(args)
    listing = list_tracks(source, skip_damaged=args.skip_damaged)
    plan = make_plan(source, listing, settings, Path(args.split_file) if args.split_file else None)
    num_clips = sum(len(job.windows) for job in plan.jobs())
    try:
        with clip_progress("packing clips", num_clips) as advance:
            report = pack(
                args.out,
                source,
                plan,
                listing,
                settings,
                skip_damaged=args.skip_damaged,
                num_workers=args.workers or default_num_workers(),
                overwrite=args.overwrite,
                on_progress=advance,
            )
            advance(0 if report.is_new else num_clips)
    except OSError as error:
        if error.filename is None and error.errno is not None:
            error.filename = args.out
        raise
    print_report(args.out, report)
    return 0


def _settings(args: argparse.Namespace) -> PackSettings:
    """The settings that the arguments tell."""
    from fractions import Fraction

    from macedance.data.packing import PackSettings, WindowLengths

    is_video = args.kind == "videos"
    shortest, longest = args.window_seconds or (VIDEO_SECONDS if is_video else MOTION_SECONDS)
    return PackSettings(
        subset=args.subset or args.kind,
        window_lengths=WindowLengths.from_seconds(shortest, longest, 0.0 if is_video else MOTION_SECONDS[0]),
        seed=args.seed,
        clips_per_shard=args.clips_per_shard,
        has_audio=not args.no_audio,
        licence=args.licence,
        video_fps=Fraction(30 if args.fps is None else args.fps).limit_denominator(1001),
        video_size=tuple(args.size) if args.size else None,
    )


def _source(args: argparse.Namespace) -> Source:
    from pathlib import Path

    from macedance.data.packing import AistppSource, AmassSource, FineDanceSource, VideoSource
    from macedance.data.packing.tracks import require_folder

    folder, music = Path(args.source), Path(args.music) if args.music else None
    require_folder(folder, "source", "the folder of the recordings")
    if music:
        require_folder(music, "music", "the folder of the songs")
    if args.kind == "aistpp":
        return AistppSource(folder, music)
    if args.kind == "finedance":
        return FineDanceSource(folder, music)
    if args.kind == "amass":
        return AmassSource(folder, music, args.up_axis)
    return VideoSource(folder, args.up_axis)


def _warn_of_idle(args: argparse.Namespace) -> None:
    kinds = {
        "fps": ("videos",),
        "size": ("videos",),
        "music": ("aistpp", "finedance", "amass"),
        "up_axis": ("amass", "videos"),
    }
    for name, its_kinds in kinds.items():
        if getattr(args, name) is not None and args.kind not in its_kinds:
            option = name.replace("_", "-")
            print(f"macedance: --{option} has no effect on {args.kind}", file=sys.stderr)


def print_report(out: str, report: PackReport) -> None:
    """Tell what was packed into a folder, and what was not."""
    num_clips = sum(report.num_clips.values())
    splits = ", ".join(f"{name} {count}" for name, count in report.num_clips.items())
    length = f"{report.hours:.1f} hours" if report.hours >= 1 else f"{60 * report.hours:.1f} minutes"
    state = "" if report.is_new else ", there already"
    print(f"{out}: {num_clips} clips, {length}: {splits}{state}")
    for reason, count in report.left_out.items():
        print(f"left out: {count} {reason}")
    if report.num_without_music:
        print(f"without music: {report.num_without_music} clips; these cannot train a Motion Expert")
    if report.damaged:
        print(f"damaged and left out: {len(report.damaged)}")
        for what in report.damaged.values():
            print(f"  {what}")
