"""The ``macedance`` command.

Exit codes: 0 done, 2 the user's input, 1 a defect of ours. ``--debug`` shows tracebacks.
"""

from __future__ import annotations

import argparse
import errno
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module

LIGHTNING_COMMANDS = {
    "fit": "train an expert, or go on with a run",
    "validate": "validate an expert, or chain two in a cascade, on the validation split",
    "test": "score an expert, or a cascade, on the test split",
    "predict": "write the dances of an expert, or the videos of a cascade, for the test split",
}
COMMANDS = {
    "plan": "predict the memory that a training takes on each GPU",
    "generate": "make a dance video from a song, and from a picture if there is one",
    "animate": "make a video of a person who dances a motion",
    "pose": "draw the pose video that drives an appearance expert",
    "keypoints": "find the key-points of the dancers in videos",
    "evaluate": "score folders of motions or videos beside the ground truth",
    "report": "make one page of a cascade's run, with its scores and clips",
    "study": "write a blind comparison of runs by people, or count its votes",
    "export": "write a checkpoint as a folder to share, and put it on the hub if wanted",
    "convert": "read published weights",
    "configs": "list the configurations that come with the package",
    "experts": "list the experts that are installed, or tell what one can be told",
    "doctor": "tell what this machine has for macedance, and what is missing",
}
DATA_COMMANDS = {
    "synthesize": "make synthetic MA-Data: songs and dances to them",
    "song": "make a song",
    "gallery": "show the moves and styles of the choreographer: sheets, videos and a page",
    "pack": "make MA-Data of AIST++, FineDance, AMASS-like motion or videos",
    "render": "make videos of the dances in shards, with their pose drawings",
    "encode": "store the encodings of video windows, for training without encoders",
    "inspect": "tell what shards hold and what is wrong with them",
    "index": "write the index of every shard of a folder, and its manifest",
}


USER_ERRORS = (
    ValueError,
    FileNotFoundError,
    FileExistsError,
    IsADirectoryError,
    NotADirectoryError,
    PermissionError,
    ModuleNotFoundError,
    ConnectionError,
)
DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        print("macedance: interrupted", file=sys.stderr)
        return 130
    except USER_ERRORS as error:
        if debug:
            raise
        print(f"macedance: {_one_line(error)}", file=sys.stderr)
        return 2
    except Exception as error:
        if debug:
            raise
        if isinstance(error, OSError) and error.errno in DISK_IS_FULL:
            where = f" at {error.filename}" if error.filename else ""
            print(
                f"macedance: no space left on the disk{where}; free some space and run the same command again",
                file=sys.stderr,
            )
            return 2
        print(f"macedance: {type(error).__name__}: {_one_line(error)} (--debug shows where)", file=sys.stderr)
        return 1


def _run(arguments: list[str]) -> int:
    if arguments and arguments[0] in LIGHTNING_COMMANDS:
        return int(import_module("macedance.commands.lightning").run(arguments))
    parsed = _parser().parse_args(arguments)
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        return int(parsed.run(parsed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="macedance",
        description="From music and one picture to a dance video: train experts, chain and score them.",
        epilog="Start with 'make demo', or: macedance generate --music song.mp3 --out dance.mp4",
    )
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in LIGHTNING_COMMANDS.items():
        commands.add_parser(name, help=f"{summary} (LightningCLI: --config FILE, --print_config)")
    for name, summary in COMMANDS.items():
        _add_command(commands, name, summary)
    data = commands.add_parser("data", help="make and handle data", description="Make and handle data.")
    data_commands = data.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in DATA_COMMANDS.items():
        _add_command(data_commands, name, summary)
    return parser


class _HelpFormatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Tells the defaults that there are, and keeps the lines of an example."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        has_default = action.default is not None and action.default is not False
        return super()._get_help_string(action) if has_default else action.help


def _add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str
) -> None:
    module = import_module(f"macedance.commands.{name}")
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=module.EXAMPLE,
        formatter_class=_HelpFormatter,
    )
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)


def _show_warning(message: Warning | str, *args: object, **kwargs: object) -> None:
    """Without the line of code that it came from, which says nothing to whoever gave the command."""
    print(f"warning: {_one_line(message)}", file=sys.stderr)


def _one_line(error: BaseException | str) -> str:
    return " ".join(str(error).split())


if __name__ == "__main__":
    sys.exit(main())
