"""``macedance study``: a blind comparison of runs by people, and what their votes say."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macedance.data.preference_study import PreferenceStudy

EXAMPLE = """\
Give participants DIR/study.html alone: one file that needs no network. They see
two videos of a clip at a time and answer six questions; which runs they see, and
on which side, is hidden and drawn anew for each of them. What they download goes
into a folder. DIR/key.json tells which run is which; keep it to yourself.

RUNS are folders of cascades' runs, their truth folders, or folders of mp4 files.

examples:
  macedance study --runs runs/ours runs/theirs truth=runs/ours/truth --out study --clips 12
  macedance study --score votes/*.csv --key study/key.json --json preferences.json"""
DEFAULT_TITLE = "Which dance do you prefer?"
ONLY_WITH_RUNS = ("out", "seed", "clips", "title")
ONLY_WITH_SCORE = ("key", "json")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--runs", nargs="+", metavar="RUN", help="folders to compare, two or more; NAME=PATH names one"
    )
    what.add_argument("--score", nargs="+", metavar="CSV", help="files of votes to count")
    parser.add_argument("--out", metavar="DIR", help="folder to write study.html and key.json to")
    parser.add_argument("--seed", type=int, help="draws clips, codes, sides and order; 0 if left out")
    parser.add_argument("--clips", type=int, metavar="N", help="how many clips to draw; all if left out")
    parser.add_argument("--title", help=f"what participants read first; {DEFAULT_TITLE!r} if left out")
    parser.add_argument(
        "--key",
        metavar="FILE",
        help="key.json of the study; if left out, the one beside the votes or in the folder above",
    )
    parser.add_argument("--json", metavar="FILE", help="also write what the votes say as JSON")


def run(args: argparse.Namespace) -> int:
    """Write a study, or score its votes."""
    _check(args)
    if args.score:
        _score(args)
    else:
        _make(args)
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse options that would have no effect, and outputs that could not be written."""
    from macedance.commands.output_files import check_output_file, check_output_folder

    given, other = ("--score", ONLY_WITH_RUNS) if args.score else ("--runs", ONLY_WITH_SCORE)
    for name in other:
        if getattr(args, name) is not None:
            raise ValueError(f"--{name} has no effect with {given}; leave it out")
    if args.runs and args.out is None:
        raise ValueError("--runs needs a folder to write the study to; give --out DIR")
    if args.clips is not None and args.clips < 1:
        raise ValueError(f"--clips must be at least 1, got {args.clips}")
    check_output_folder("--out", args.out)
    check_output_file("--json", args.json, (".json",))


def _make(args: argparse.Namespace) -> None:
    from macedance.commands.clip_progress import clip_progress
    from macedance.data.preference_study import plan_study
    from macedance.data.study_runs import read_study_runs
    from macedance.render.study_page import check_study_size, study_page
    from macedance.whole_files import renamed_when_complete

    folder = Path(args.out)
    study = plan_study(
        read_study_runs(args.runs),
        seed=args.seed or 0,
        num_clips=args.clips,
        title=args.title or DEFAULT_TITLE,
    )
    _check_replaceable(folder / "key.json", study)
    check_study_size(study)
    with clip_progress("writing clips", len(study.clips)) as advance:
        page = study_page(study, on_clip=advance)
    with renamed_when_complete(folder / "study.html") as partial:
        partial.write_text(page, encoding="utf-8")
    study.key.save(folder / "key.json")
    _tell(folder, study, len(page.encode()))


def _check_replaceable(path: Path, study: PreferenceStudy) -> None:
    """Without their key, votes of an older study could never be counted."""
    from macedance.data.study_key import StudyKey

    if path.exists() and StudyKey.load(path).study != study.key.study:
        raise FileExistsError(
            f"--out must not hold another study, but {path} is its key; choose another folder"
        )


def _tell(folder: Path, study: PreferenceStudy, num_bytes: int) -> None:
    from macedance.data.inspection.wording import num_of

    for note in study.notes:
        print(f"note: {note}")
    seconds = sum(clip.seconds for clip in study.clips) * study.num_trials / len(study.clips)
    print(
        f"{num_of(len(study.clips), 'clip')} of {len(study.runs)} runs make {num_of(study.num_trials, 'pair')}, "
        f"which last {seconds / 60:.1f} min if each is seen once; participants may stop early"
    )
    print(f"wrote {folder / 'study.html'} ({num_bytes / 1e6:.1f} MB), to give to participants")
    print(f"wrote {folder / 'key.json'}, which tells which run is which: keep it to yourself")


def _score(args: argparse.Namespace) -> None:
    from macedance.commands.output_files import check_output_file
    from macedance.commands.preference_tables import print_preference_scores, write_preference_scores
    from macedance.data.study_key import StudyKey
    from macedance.data.study_votes import read_votes
    from macedance.metrics.preference_scores import preference_scores

    key_file = args.key or _key_beside(Path(args.score[0]))
    key = StudyKey.load(key_file)
    votes, num_dropped = read_votes(args.score, key)
    for source in (key_file, *args.score):
        check_output_file("--json", args.json, source=str(source))
    scores = preference_scores(votes, list(key.runs.values()))
    print_preference_scores(scores, key, num_dropped)
    if args.json:
        write_preference_scores(args.json, scores, key, num_dropped)


def _key_beside(votes: Path) -> Path:
    folder = votes.resolve().parent
    found = next((path for path in (folder / "key.json", folder.parent / "key.json") if path.is_file()), None)
    if found is None:
        raise FileNotFoundError(
            f"there is no key.json beside {votes} or in the folder above; give --key FILE"
        )
    return found
