"""``macedance report``: a cascade's run as one page to look at."""

from __future__ import annotations

import argparse
import math

from macedance.render.report_limits import MAX_CLIPS, MAX_MEGABYTES

EXAMPLE = """\
The page shows the tables of scores, and the best, the worst and some other clips
with sound, beats and the motion in 3D. It is one file that needs no network.

example:
  macedance report runs/cascade --out report.html"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("run_folder", metavar="RUN", help="folder that a cascade wrote")
    parser.add_argument("--out", metavar="FILE", help="the page; RUN/report.html if left out")
    parser.add_argument(
        "--max-mb", type=float, default=MAX_MEGABYTES, help="about how large the page may become"
    )
    parser.add_argument("--clips", type=int, default=MAX_CLIPS, help="clips to play on the page at most")


def run(args: argparse.Namespace) -> int:
    """Write the page."""
    from pathlib import Path

    from macedance.commands.output_files import check_output_file
    from macedance.data.run_folder import RunFolder
    from macedance.render.report_page import report_page
    from macedance.whole_files import renamed_when_complete

    if not 0 < args.max_mb < math.inf:
        raise ValueError(f"--max-mb must be above 0 and finite, got {args.max_mb:g}")
    if args.clips < 0:
        raise ValueError(f"--clips must not be negative, got {args.clips}")
    folder = RunFolder(Path(args.run_folder))
    folder.read_run()
    out = args.out or str(folder.report_file())
    check_output_file("--out", out, (".html",))
    page = report_page(folder, max_megabytes=args.max_mb, max_clips=args.clips)
    with renamed_when_complete(out) as partial:
        partial.write_text(page, encoding="utf-8")
    print(f"wrote {out}: {len(page.encode()) / 1e6:.1f} MB")
    return 0
