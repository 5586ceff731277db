"""``macedance report``: a cascade's run as one page to look at."""

from __future__ import annotations

import argparse

EXAMPLE = """\
The page shows the tables of scores, and the best, the worst and some other clips
with sound, beats and the motion in 3D. It is one file that needs no network.

example:
  macedance report runs/cascade --out report.html"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("run_folder", metavar="RUN", help="folder that a cascade wrote")
    parser.add_argument("--out", metavar="FILE", help="the page; RUN/report.html if left out")
    parser.add_argument("--max-mb", type=float, default=60.0, help="about how large the page may become")
    parser.add_argument("--clips", type=int, default=24, help="clips to play on the page at most")


def run(args: argparse.Namespace) -> int:
    """Write the page."""
    from pathlib import Path

    from macedance.commands.output_files import check_output_file
    from macedance.data.run_folder import RunFolder
    from macedance.render.report_page import report_page
    from macedance.whole_files import renamed_when_complete

    if not args.max_mb > 0:
        raise ValueError(f"--max-mb must be above 0, got {args.max_mb:g}")
    if args.clips < 0:
        raise ValueError(f"--clips must not be negative, got {args.clips}")
    folder = RunFolder(Path(args.run_folder))
    folder.read_run()
    out = args.out or str(folder.report_file())
    check_output_file("--out", out, (".html",))
    page = report_page(folder, max_bytes=round(args.max_mb * 1e6), max_clips=args.clips)
    with renamed_when_complete(out) as partial:
        partial.write_text(page, encoding="utf-8")
    print(f"wrote {out}: {len(page.encode()) / 1e6:.1f} MB")
    return 0
