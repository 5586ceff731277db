"""The dance to a song: by a Motion Expert, or read from a file."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from macedance.commands.work_progress import Show, work_progress
from macedance.commands.working_device import working_device

if TYPE_CHECKING:
    from macedance.data.audio import Audio
    from macedance.geometry.motion import Motion

OF_THE_MOTION_EXPERT = ("motion", "genre", "temperature", "steps", "sampler")
"""Options that change nothing where a dance is read. What is not given is the expert's own choice."""
SAMPLING = {"sampler": "sampler", "steps": "num_steps"}
"""By option, what an expert's ``generate`` calls it, if it takes it; the Protocol does not ask for it."""
LARGEST_GAP_SECONDS = 0.5
"""How far the lengths of a dance and its music may lie apart."""


@dataclass(frozen=True, eq=False)
class Dance:
    """A motion, and what is told of it.

    Attributes:
        motion: The dance.
        model: ``id`` and ``sha256`` of what made it, for the video's provenance.
        settings: How, for the same.
    """

    motion: Motion
    model: Mapping[str, Any]
    settings: Mapping[str, Any]


def add_dancing_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what chooses a dance."""
    group = parser.add_argument_group("the dance")
    source = group.add_mutually_exclusive_group()
    source.add_argument(
        "--motion",
        "--checkpoint",
        metavar="PATH",
        help="Motion Expert: checkpoint, exported folder or hub id; default, which comes with macedance, if left out",
    )
    source.add_argument("--motion-in", metavar="FILE", help="a dance (.npz as of AMASS) to film instead")
    group.add_argument("--up-axis", choices=("y", "z"), help="of a --motion-in that does not tell its own")
    group.add_argument(
        "--genre",
        help="one of FineDance's genres, such as Hiphop or Jazz; a wrong name lists all; unknown if left out",
    )
    group.add_argument(
        "--temperature",
        type=float,
        help="guidance in [0.1, 1]: smaller follows the music more; the expert's own if left out",
    )
    group.add_argument(
        "--steps",
        type=int,
        help="denoising steps of the dance, 10 to 20 are enough for dpm; the expert's own if left out",
    )
    group.add_argument(
        "--sampler", choices=("ddim", "dpm"), help="how to denoise the dance; the expert's own if left out"
    )


def check_dancing(args: argparse.Namespace) -> None:
    """Refuse options that would only fail after the music is read.

    Raises:
        ValueError: One of them cannot be.
    """
    from macedance.data.genres import genre_index
    from macedance.diffusion.objectives import check_temperature
    from macedance.diffusion.sampling import check_sampling

    if args.temperature is not None:
        check_temperature(args.temperature)
    genre_index(args.genre)
    if args.steps is not None:
        check_sampling("ddim", args.steps)


def read_dance(args: argparse.Namespace, audio: Audio) -> Dance:
    """The dance of ``--motion-in``, cut to the music if ``--seconds`` cuts that.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It holds no motion, or one of another length than the music.
    """
    from macedance.commands.motion_reading import described_motion, read_motion

    motion = read_motion(args.motion_in, args.up_axis)
    unused = [name for name in OF_THE_MOTION_EXPERT if getattr(args, name) is not None]
    if unused:
        print(f"with --motion-in, --{', --'.join(unused)} changes nothing")
    if args.seconds is not None:
        motion = motion.crop(0, min(motion.num_frames, max(1, round(args.seconds * motion.fps))))
    gap = motion.duration_seconds - audio.duration_seconds
    if abs(gap) > LARGEST_GAP_SECONDS:
        shorter = min(motion.duration_seconds, audio.duration_seconds)
        raise ValueError(
            f"--motion-in must last as long as --music, within {LARGEST_GAP_SECONDS} s, but {args.motion_in} lasts "
            f"{motion.duration_seconds:.2f} s and the music {audio.duration_seconds:.2f} s; --seconds {shorter:.2f} "
            "cuts both"
        )
    if motion.fps != args.fps:
        print(f"{args.motion_in} has {motion.fps:g} fps, and is resampled to the video's {args.fps:g}")
    return Dance(motion, described_motion(args.motion_in), {"up_axis": motion.up_axis})


def make_dance(args: argparse.Namespace, audio: Audio, expert: Any, model: Mapping[str, Any]) -> Dance:
    """The dance of a Motion Expert to the music."""
    import torch

    from macedance.data.music_features import MUSIC_FPS, fit_num_frames, music_features

    num_frames = max(2, round(audio.duration_seconds * MUSIC_FPS))
    known = inspect.signature(expert.generate).parameters
    given = {name: getattr(args, option) for option, name in SAMPLING.items()}
    unused = [option for option, name in SAMPLING.items() if given[name] is not None and name not in known]
    if unused:
        print(f"with a {type(expert).__name__}, --{', --'.join(unused)} changes nothing")
    options: dict[str, Any] = {name: value for name, value in given.items() if name in known}
    settings = {
        "genre": args.genre,
        "temperature": _own_if_none(args.temperature, expert, "temperature"),
        "sampler": _own_if_none(options.get("sampler"), expert, "sampler"),
        "steps": _own_if_none(options.get("num_steps"), expert, "num_sampling_steps"),
    }
    with work_progress("dancing") as show:
        features = fit_num_frames(music_features(audio.mono(), audio.sample_rate), num_frames)
        if "on_step" in known and settings["steps"]:
            options["on_step"] = _counting(show, settings["steps"])
        motion = expert.generate(
            torch.from_numpy(features),
            num_frames=num_frames,
            genre=args.genre,
            temperature=args.temperature,
            generator=torch.Generator().manual_seed(args.seed),
            **options,
        )
        num_units = settings["steps"] or 1
        show(num_units, num_units)  # whatever the expert told
    return Dance(motion, model, settings)


def _own_if_none(given: Any, expert: Any, name: str) -> Any:
    """What was given, or the number or name that an expert says it takes otherwise; None if it says nothing."""
    own = getattr(expert, name, None)
    return own if given is None and isinstance(own, str | int | float) else given


def _counting(show: Show, num_steps: int) -> Callable[[int], None]:
    done = count(1)
    show(0, num_steps)
    return lambda _: show(next(done), num_steps)


def load_motion_expert(args: argparse.Namespace) -> tuple[Any, dict[str, Any]]:
    """The Motion Expert that dances, in eval mode, and its ``id`` and ``sha256``.

    Raises:
        FileNotFoundError: There are no such weights.
        ValueError: The weights are not a Motion Expert's.
    """
    from macedance.default_expert import DEFAULT
    from macedance.hashes import weights_hash
    from macedance.lightning_modules.expert_kinds import read_expert_of_kind
    from macedance.lightning_modules.loading import build_expert

    if args.motion == "":
        raise ValueError(
            "--motion must name a Motion Expert, got ''; leave it out for the one of the package"
        )
    name = DEFAULT if args.motion is None else args.motion
    stored, _ = read_expert_of_kind("motion", name, prefix="--")
    expert = build_expert(stored, device=working_device(args.device))
    print(
        f"model: {name}" + (", which comes with macedance; --motion takes others" if name == DEFAULT else "")
    )
    return expert, {"id": name, "sha256": weights_hash(expert)}
