"""Which detector finds a dancer's key-points, as the command line tells it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from macedance.projection import VideoKeypointDetector


def add_detector_arguments(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Declare ``--blazepose``, ``--detector`` and ``--person-detector``."""
    parser.add_argument(
        "--blazepose",
        metavar="DIR",
        help="folder with BlazePose's two files (.tflite), fast without a GPU; see docs/keypoints.md",
    )
    parser.add_argument("--detector", metavar="MODEL", help="folder or hub id of a ViTPose model instead")
    parser.add_argument(
        "--person-detector",
        metavar="MODEL",
        help="folder or hub id of an RT-DETR model, which finds the person for --detector",
    )


def load_detector(args: argparse.Namespace) -> VideoKeypointDetector | None:
    """The detector of the arguments, on a GPU if it can use one and there is one; None if none is named.

    Raises:
        FileNotFoundError: A file or model is not there.
        ModuleNotFoundError: BlazePose is asked for, and LiteRT is not installed.
        ValueError: Two detectors are named.
    """
    import torch

    from macedance.projection.detector_choice import choose_detector

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return choose_detector(args.blazepose, args.detector, args.person_detector, device=device)
