"""``macedance generate``: from a song to a dancing body."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from macedance.data.audio import Audio
    from macedance.geometry.motion import Motion


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--music", required=True, help="sound or video file with the song (wav, mp3, flac, m4a, mp4 …)"
    )
    parser.add_argument("--out", required=True, help="video to write (.mp4, H.264 and AAC)")
    parser.add_argument(
        "--checkpoint", help="checkpoint, exported folder or hub id; the newest of runs/ if left out"
    )
    parser.add_argument("--genre", help="one of FineDance's genres, for example Hiphop; unknown if left out")
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
    parser.add_argument(
        "--body", help="SMPL model file of your own (.npz or .pkl); the mannequin if left out"
    )
    parser.add_argument("--size", type=int, default=720, help="width and height of the video in pixels, even")
    parser.add_argument("--fps", type=float, default=30.0, help="frames per second of the video")


def run(args: argparse.Namespace) -> int:
    """Hear the song, dance to it, and film the dance."""
    from macedance.data.audio import load_audio
    from macedance.geometry.body_model import BodyModel

    _check(args)
    body = BodyModel(args.body)
    audio = load_audio(args.music)
    if args.seconds is not None:
        audio = _cut(audio, args.seconds)
    motion = _dance(args, audio)
    if args.motion_out:
        motion.save(args.motion_out)
        print(f"wrote {args.motion_out}")
    _film(args, motion, audio, body)
    print(f"wrote {args.out}: {motion.duration_seconds:.1f} s")
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what would only fail after minutes of work."""
    from pathlib import Path

    from macedance.data.genres import genre_index
    from macedance.diffusion.objectives import check_temperature

    check_temperature(args.temperature)
    genre_index(args.genre)
    if args.seconds is not None and args.seconds < 1:
        raise ValueError(f"--seconds must be at least 1, got {args.seconds}")
    if args.steps < 1:
        raise ValueError(f"--steps must be at least 1, got {args.steps}")
    if args.size < 64 or args.size % 2:
        raise ValueError(f"--size must be an even number from 64 on, got {args.size}")
    if not args.fps > 0:
        raise ValueError(f"--fps must be positive, got {args.fps}")
    if args.motion_out and Path(args.motion_out).suffix != ".npz":
        raise ValueError(f"--motion-out must end in .npz, got {args.motion_out}")
    if Path(args.out).suffix != ".mp4":
        raise ValueError(f"--out must end in .mp4, got {args.out}")
    for path in filter(None, (args.out, args.motion_out)):
        Path(path).parent.mkdir(parents=True, exist_ok=True)


def _cut(audio: Audio, seconds: float) -> Audio:
    from macedance.data.audio import Audio

    return Audio(audio.samples[:, : round(seconds * audio.sample_rate)], audio.sample_rate)


def _dance(args: argparse.Namespace, audio: Audio) -> Motion:
    import torch

    from macedance.data.music_features import MUSIC_FPS, fit_num_frames, music_features
    from macedance.lightning_modules.loading import load_expert, newest_checkpoint

    checkpoint = args.checkpoint or newest_checkpoint()
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
