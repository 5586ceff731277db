"""``macedance data gallery``: the moves and styles of the choreographer, to look at."""

from __future__ import annotations

import argparse
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from macedance.commands.body_choice import BODY_HELP

if TYPE_CHECKING:
    from macedance.geometry.body_model import BodyModel
    from macedance.render.gallery import Gallery
    from macedance.render.gallery_items import GalleryItem, GallerySettings

EXAMPLE = """\
DIR gets index.html, a page to open in a browser, and
  moves/   a video and a row of eight pictures of each move, to a plain beat
  dances/  a video and a sheet of each dance, with its song
  sheets/  the rows of the moves of each kind, below each other
A run that was cut off goes on with what is not there: run it again. If the
choreographer has changed since, --overwrite makes everything anew.

examples:
  macedance data gallery --out gallery
  macedance data gallery side_lunge spin --out two-moves --dances 0 --bpm 90"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "moves",
        nargs="*",
        metavar="MOVE",
        help="moves to show; all if left out; a wrong name lists the right ones",
    )
    parser.add_argument("--out", required=True, metavar="DIR", help="folder to write to")
    parser.add_argument(
        "--dances", type=int, default=16, metavar="N", help="whole dances, to the styles of songs in turn"
    )
    parser.add_argument("--seconds", type=float, default=12.0, help="length of a dance, 4 to 600")
    parser.add_argument("--no-videos", action="store_true", help="make sheets only")
    parser.add_argument("--size", type=int, default=320, metavar="PX", help="side of the videos, 64 to 2048")
    parser.add_argument(
        "--bpm", type=float, default=100.0, help="tempo of the moves, slower where they must be"
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed, other dancers, songs and dances")
    parser.add_argument("--body", metavar="NAME", help=BODY_HELP)
    parser.add_argument("--workers", type=int, help="processes; one for each core if left out")
    parser.add_argument("--overwrite", action="store_true", help="replace a gallery that is there")


def run(args: argparse.Namespace) -> int:
    """Make the gallery, or go on with it."""
    from macedance.commands.output_files import check_output_folder
    from macedance.data.inspection.wording import num_of
    from macedance.render.gallery import PAGE, Gallery

    if args.workers is not None and args.workers < 1:
        raise ValueError(f"--workers must be at least 1, got {args.workers}")
    settings = _settings(args)
    check_output_folder("--out", args.out)
    gallery = Gallery(args.out, settings)
    gallery.begin(overwrite=args.overwrite)
    _make(gallery, args.body, args.workers)
    sheets = gallery.finish()
    made = {"move": len(gallery.moves), "dance": len(gallery.dances), "sheet": len(sheets)}
    print(f"{args.out}: {', '.join(num_of(number, noun) for noun, number in made.items())}")
    print(f"open {Path(args.out) / PAGE}")
    return 0


def _settings(args: argparse.Namespace) -> GallerySettings:
    """The settings that the arguments tell; reads or bakes the body, so that the processes find it baked."""
    from macedance.commands.body_choice import chosen_body
    from macedance.render.gallery_items import GallerySettings

    settings = partial(
        GallerySettings,
        moves=tuple(args.moves),
        num_dances=args.dances,
        seconds=args.seconds,
        has_videos=not args.no_videos,
        size_px=args.size,
        bpm=args.bpm,
        seed=args.seed,
    )
    settings()  # refuses what cannot be, before a body is baked
    if args.body is None:
        return settings()
    made = chosen_body(args.body)[1]
    return settings(body=f"{made['id']} ({made['sha256'][:8]})")


def _make(gallery: Gallery, body: str | None, num_workers: int | None) -> None:
    from macedance.commands.work_progress import work_progress
    from macedance.data.worker_processes import default_num_workers, map_in_processes

    missing = gallery.missing()
    num_all = len(gallery.moves) + len(gallery.dances)
    num_done = num_all - len(missing)
    make = partial(_make_item, gallery.folder, body)
    with (
        work_progress("making the gallery") as show,
        closing(map_in_processes(make, missing, num_workers or default_num_workers())) as made,
    ):
        show(num_done, num_all)
        for number, _ in enumerate(made, start=num_done + 1):
            show(number, num_all)


def _make_item(folder: Path, body: str | None, item: GalleryItem) -> None:
    from macedance.render.gallery_items import make_item

    make_item(folder, item, _body(body))


@cache
def _body(name: str | None) -> BodyModel:
    """The body of that name, once for each process."""
    from macedance.commands.body_choice import chosen_body

    return chosen_body(name)[0]
