"""``macedance generate``: from a song to a dancing body."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from macedance.data.audio import Audio
    from macedance.geometry.motion import Motion


SHEET_ROWS, SHEET_COLUMNS, SHEET_STRIDE = 3, 7, 4
"""Fast moments on a sheet, pictures of each, and frames from picture to picture."""


EXAMPLE = """\
examples:
  macedance generate --music song.mp3 --out dance.mp4
  macedance generate --music song.mp3 --out dance.mp4 --seconds 20 --sampler dpm
  macedance generate --music clip.mp4 --out dance.mp4 --genre Hiphop --seed 3"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--music", required=True, help="sound or video file with the song (wav, mp3, flac, m4a, mp4 …)"
    )
    parser.add_argument("--out", required=True, help="video to write (.mp4, H.264 and AAC)")
    parser.add_argument(
        "--checkpoint", help="checkpoint, exported folder or hub id; the newest of runs/ if left out"
    )
    parser.add_argument(
        "--genre",
        help="one of FineDance's genres, such as Hiphop or Jazz; a wrong name lists all; unknown if left out",
    )
    parser.add_argument(
        "--temperature", type=float, default=0.75, help="guidance in [0.1, 1]: smaller follows the music more"
    )
    parser.add_argument("--steps", type=int, default=50, help="denoising steps; 10 to 20 are enough for dpm")
    parser.add_argument("--sampler", choices=("ddim", "dpm"), default="ddim", help="how to denoise")
    parser.add_argument(
        "--seconds", type=float, help="dance to the first S seconds only; the whole song if left out"
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed, another dance")
    parser.add_argument("--motion-out", help="also write the motion (.npz in the manner of AMASS)")
    parser.add_argument("--sheet-out", help="also write a picture of the fastest moments (.png or .jpg)")
    parser.add_argument(
        "--body", help="SMPL model file of your own (.npz or .pkl); the mannequin if left out"
    )
    parser.add_argument("--size", type=int, default=720, help="width and height of the video in pixels, even")
    parser.add_argument("--fps", type=float, default=30.0, help="frames per second of the video")


def run(args: argparse.Namespace) -> int:
    """Hear the song, dance to it, and film the dance."""
    from macedance.data.audio import load_audio, require_duration
    from macedance.geometry.body_model import BodyModel

    _check(args)
    body = BodyModel(args.body)
    audio = load_audio(args.music).at_most_stereo()
    if args.seconds is not None:
        audio = _cut(audio, args.seconds)
    require_duration(audio.samples.shape[1], audio.sample_rate, name=args.music)
    motion = _dance(args, audio)
    if args.motion_out:
        motion.save(args.motion_out)
        print(f"wrote {args.motion_out}")
    if args.sheet_out:
        _draw_sheet(args.sheet_out, motion, body)
        print(f"wrote {args.sheet_out}")
    _film(args, motion, audio, body)
    print(f"wrote {args.out}: {motion.duration_seconds:.1f} s")
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what would only fail after minutes of work."""
    from macedance.commands.output_files import check_output_file
    from macedance.data.genres import genre_index
    from macedance.diffusion.objectives import check_temperature
    from macedance.diffusion.sampling import check_sampling

    check_temperature(args.temperature)
    genre_index(args.genre)
    check_sampling(args.sampler, args.steps)
    if args.seconds is not None and not args.seconds >= 1:
        raise ValueError(f"--seconds must be at least 1, got {args.seconds}")
    if args.size < 64 or args.size % 2:
        raise ValueError(f"--size must be an even number from 64 on, got {args.size}")
    if not 1 <= args.fps <= 240:
        raise ValueError(f"--fps must lie in 1..240, got {args.fps}")
    check_output_file("--out", args.out, (".mp4",), args.music)
    check_output_file("--motion-out", args.motion_out, (".npz",), args.music)
    check_output_file("--sheet-out", args.sheet_out, (".png", ".jpg"), args.music)


def _cut(audio: Audio, seconds: float) -> Audio:
    from macedance.data.audio import Audio

    return Audio(audio.samples[:, : round(seconds * audio.sample_rate)], audio.sample_rate)


def _dance(args: argparse.Namespace, audio: Audio) -> Motion:
    import torch

    from macedance.data.music_features import MUSIC_FPS, fit_num_frames, music_features
    from macedance.lightning_modules.loading import load_expert, newest_checkpoint

    checkpoint = args.checkpoint or newest_checkpoint(method="generate")
    expert = load_expert(checkpoint, device="cuda" if torch.cuda.is_available() else "cpu")
    print(f"model: {checkpoint}")
    num_frames = max(2, round(audio.duration_seconds * MUSIC_FPS))
    with _progress("dancing", args.steps) as advance:
        features = fit_num_frames(music_features(audio.mono(), audio.sample_rate), num_frames)
        return expert.generate(
            torch.from_numpy(features),
            num_frames=num_frames,
            genre=args.genre,
            temperature=args.temperature,
            generator=torch.Generator().manual_seed(args.seed),
            sampler=args.sampler,
            num_steps=args.steps,
            on_step=lambda _: advance(),
        )


def _film(args: argparse.Namespace, motion: Motion, audio: Audio, body: Any) -> None:
    from macedance import __version__
    from macedance.render.scene import render_motion
    from macedance.render.video import write_video

    num_frames = round(motion.duration_seconds * args.fps)
    frames = render_motion(motion, body=body, size_px=(args.size, args.size), fps=args.fps)
    with _progress("filming", num_frames) as advance:

        def counted() -> Iterator[np.ndarray]:
            for frame in frames:
                yield frame
                advance()

        write_video(
            args.out,
            counted(),
            fps=args.fps,
            audio=audio.samples,
            sample_rate=audio.sample_rate,
            metadata={"comment": f"generated by macedance {__version__}, seed {args.seed}"},
        )


def _draw_sheet(path: str, motion: Motion, body: Any) -> None:
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


class _progress:  # noqa: N801 - used like a function
    """A progress bar as a context whose value is a function that advances it by one."""

    def __init__(self, description: str, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        )
        self._task = self._bar.add_task(description, total=total)

    def __enter__(self) -> Any:
        self._bar.start()
        return lambda: self._bar.advance(self._task)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
