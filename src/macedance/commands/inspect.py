"""``macedance data inspect``: what a set of shards holds, and what is wrong with it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macedance.data.inspection import InspectionReport
    from macedance.data.shards.cache import ShardCache

EXAMPLE = """\
Every sample is read. Exit code 2 tells that there are problems. With --html, a
page is written on which clips can be looked at and listened to; it is one file
that needs no network.

example:
  macedance data inspect data/motion-tiny --html report.html"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "path", metavar="PATH", help="folder of shards (local or URL), glob pattern or one .tar"
    )
    parser.add_argument("--html", metavar="FILE", help="write a page with clips to look at and listen to")
    parser.add_argument("--clips", type=int, default=12, help="clips on the page at most")
    parser.add_argument("--json", metavar="FILE", help="write the report, with all problems, as JSON")
    parser.add_argument(
        "--verify", action="store_true", help="also compare checksums of whole shards and decode every video"
    )
    parser.add_argument("--workers", type=int, help="threads; one for each core if left out")


def run(args: argparse.Namespace) -> int:
    """Inspect, print and write."""
    from macedance.commands.byte_progress import byte_progress
    from macedance.commands.inspection_table import print_report
    from macedance.data.inspection import inspect_shards
    from macedance.data.shards.cache import ShardCache
    from macedance.data.worker_processes import default_num_workers

    if args.clips < 0:
        raise ValueError(f"--clips must not be negative, got {args.clips}")
    if args.workers is not None and args.workers < 1:
        raise ValueError(f"--workers must be at least 1, got {args.workers}")
    cache = ShardCache()
    with byte_progress("inspecting") as show:
        report = inspect_shards(
            args.path,
            verify=args.verify,
            num_workers=args.workers or default_num_workers(),
            cache=cache,
            on_progress=show,
        )
    print_report(report)
    _write_files(args, report, cache)
    return 2 if report.problems else 0


def _write_files(args: argparse.Namespace, report: InspectionReport, cache: ShardCache) -> None:
    from macedance.json_files import write_json

    if args.json:
        write_json(args.json, report.to_json(), indent=1)
    if args.html:
        _write_page(args.html, report, args.clips, cache)


def _write_page(path: str, report: InspectionReport, max_clips: int, cache: ShardCache) -> None:
    from rich.console import Console
    from rich.progress import track

    from macedance.data.inspection import choose_clips
    from macedance.render.inspection_page import inspection_page
    from macedance.whole_files import renamed_when_complete

    clips = choose_clips(report.clips, max_clips)
    page = inspection_page(
        report,
        track(clips, "drawing clips", console=Console(stderr=True)),
        cache=cache,
    )
    with renamed_when_complete(path) as partial:
        partial.write_text(page, encoding="utf-8")
    print(f"wrote {path}: {len(page.encode()) / 1e6:.1f} MB")
