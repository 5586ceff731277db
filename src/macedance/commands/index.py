"""``macedance data index``: indices and a manifest for shards that have none, or were changed."""

from __future__ import annotations

import argparse

EXAMPLE = """\
For shards that another program wrote, or that were changed: NAME.idx beside
each NAME.tar, and manifest.json with their checksums and the range of the
training motion. Settings that the manifest tells are kept.

example:
  macedance data index data/foreign"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("path", metavar="PATH", help="local folder of shards")
    parser.add_argument("--workers", type=int, help="threads; one for each core if left out")


def run(args: argparse.Namespace) -> int:
    """Make the indices and the manifest."""
    import sys

    from macedance.commands.byte_progress import byte_progress
    from macedance.data.indexing import index_folder
    from macedance.data.inspection.wording import num_of
    from macedance.data.worker_processes import default_num_workers

    if args.workers is not None and args.workers < 1:
        raise ValueError(f"--workers must be at least 1, got {args.workers}")
    with byte_progress("indexing") as show:
        indexed = index_folder(args.path, num_workers=args.workers or default_num_workers(), on_progress=show)
    if indexed.replaced:
        print(
            f"macedance: {indexed.replaced}: it was made again, without its settings",
            file=sys.stderr,
        )
    shards = indexed.manifest.shards
    num_samples = sum(shard.num_samples for shard in shards)
    statistics = "statistics" if indexed.manifest.statistics else "no statistics"
    print(
        f"{args.path}: {num_of(len(shards), 'shard')}, {num_of(num_samples, 'sample')}, {statistics} of motion"
    )
    return 0
