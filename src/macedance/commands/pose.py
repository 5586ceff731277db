"""``macedance pose``: the pose video of a dance."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from macedance.data.audio import Audio
    from macedance.projection import PoseSequence, Projector, Reference, RenderedProjector
    from macedance.projection.detector import VitPoseDetector

EXAMPLE = """\
A pose video shows the dancer's joints and limbs in colours on black, as
Wan-Animate takes them. Without --reference the camera is placed so that the
whole dance is in the picture. With the picture of a person, and where the person
is in it, the dancer gets the person's place, size and proportions.

--keypoints is a JSON file, {"keypoints": [[x, y, confidence], ...]} in the
picture's pixels, of 20 points as Wan orders them, 17 (COCO), 25 (ViTPose) or 133
(whole body), or what OpenPose writes. --detector finds them instead. See docs/pose.md.

examples:
  macedance pose --motion dance.npz --out pose.mp4
  macedance pose --motion dance.npz --reference me.png --keypoints me.json --out pose.mp4
  macedance pose --motion dance.npz --music song.mp3 --fps 16 --size 720 1280 --out pose.mp4"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--motion", required=True, metavar="FILE", help="dance (.npz in the manner of AMASS)")
    parser.add_argument("--out", required=True, metavar="FILE", help="video to write (.mp4)")
    parser.add_argument("--reference", metavar="FILE", help="picture of the person who is to dance")
    parser.add_argument("--keypoints", metavar="FILE", help="where the person is in it (.json)")
    parser.add_argument(
        "--detector",
        metavar="MODEL",
        help="folder or hub id of a ViTPose model, which finds the key-points",
    )
    parser.add_argument(
        "--person-detector",
        metavar="MODEL",
        help="folder or hub id of an RT-DETR model, which finds the person for --detector",
    )
    parser.add_argument(
        "--rendered",
        action="store_true",
        help="detect the dance's own key-points on a rendered body by --detector instead of projecting them",
    )
    parser.add_argument("--fps", type=float, default=30.0, help="frames per second of the video")
    parser.add_argument(
        "--size",
        type=int,
        nargs=2,
        default=(480, 832),
        metavar=("WIDTH", "HEIGHT"),
        help="of the video in pixels, even",
    )
    parser.add_argument("--orthographic", action="store_true", help="project in parallel, not in perspective")
    parser.add_argument("--music", metavar="FILE", help="song for the video's sound")
    parser.add_argument("--up-axis", choices=("y", "z"), help="of a motion that does not tell its own")
    parser.add_argument("--keypoints-out", metavar="FILE", help="also write the key-points (.npz)")


def run(args: argparse.Namespace) -> int:
    """Project the dance and draw it."""
    from macedance.geometry.motion import Motion

    _check(args)
    motion = Motion.load(args.motion, args.up_axis)
    audio = _sound(args)
    detector = _detector(args)
    reference = _reference(args, detector)
    sequence = _projector(args, detector).project(
        motion, size_px=tuple(args.size), fps=args.fps, reference=reference
    )
    if args.keypoints_out:
        sequence.save(args.keypoints_out)
        print(f"wrote {args.keypoints_out}")
    _write(args, sequence, audio)
    print(f"wrote {args.out}: {sequence.num_frames / sequence.fps:.1f} s, {_in_words(sequence)}")
    return 0


def _check(args: argparse.Namespace) -> None:
    """Refuse what would only fail after the work, and options that would have no effect."""
    from macedance.commands.output_files import check_output_file

    if not 1 <= args.fps <= 240:
        raise ValueError(f"--fps must lie in 1..240, got {args.fps}")
    if any(side < 64 or side % 2 for side in args.size):
        raise ValueError(
            f"--size must be an even width and height from 64 on, got {args.size[0]} {args.size[1]}"
        )
    if args.keypoints and not args.reference:
        raise ValueError("--keypoints tells where the person of --reference is; give that picture, too")
    if args.reference and not (args.keypoints or args.detector):
        raise ValueError("--reference needs to know where the person is; give --keypoints or --detector")
    if args.keypoints and args.detector and not args.rendered:
        raise ValueError("--keypoints and --detector both tell where the person is; give one of them")
    if args.person_detector and not args.detector:
        raise ValueError("--person-detector finds the person for --detector; give that, too")
    if args.rendered and not args.detector:
        raise ValueError("--rendered needs a model that detects key-points; give --detector")
    if args.detector and not (args.reference or args.rendered):
        raise ValueError("--detector has nothing to look at; give --reference or --rendered")
    check_output_file("--out", args.out, (".mp4",), args.music or "")
    check_output_file("--keypoints-out", args.keypoints_out, (".npz",), args.motion)


def _sound(args: argparse.Namespace) -> Audio | None:
    from macedance.data.audio import load_audio

    return load_audio(args.music).at_most_stereo() if args.music else None


def _detector(args: argparse.Namespace) -> VitPoseDetector | None:
    if not args.detector:
        return None
    import torch

    from macedance.projection import VitPoseDetector

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return VitPoseDetector(args.detector, args.person_detector, device=device)


def _reference(args: argparse.Namespace, detector: VitPoseDetector | None) -> Reference | None:
    from macedance.projection import Reference, keypoints_of_image

    if not args.reference:
        return None
    reference = Reference.load(args.reference, args.keypoints)
    if reference.keypoints is None and detector is not None:
        reference = Reference(reference.image, keypoints_of_image(reference.image, detector))
    return reference


def _projector(args: argparse.Namespace, detector: VitPoseDetector | None) -> Projector | RenderedProjector:
    from macedance.projection import Projector, RenderedProjector

    if args.rendered and detector is not None:
        return RenderedProjector(detector, orthographic=args.orthographic)
    return Projector(orthographic=args.orthographic)


def _write(args: argparse.Namespace, sequence: PoseSequence, audio: Audio | None) -> None:
    from macedance.commands.clip_progress import clip_progress
    from macedance.render.pose_drawing import pose_frames
    from macedance.render.video import write_video

    with clip_progress("drawing frames", sequence.num_frames, 1 / sequence.fps) as advance:

        def counted() -> Iterator[np.ndarray]:
            for frame in pose_frames(sequence):
                yield frame
                advance(1)

        write_video(
            args.out,
            counted(),
            fps=sequence.fps,
            audio=None if audio is None else audio.samples,
            sample_rate=None if audio is None else audio.sample_rate,
        )


def _in_words(sequence: PoseSequence) -> str:
    return f"{sequence.visible.mean():.0%} of the points visible"
