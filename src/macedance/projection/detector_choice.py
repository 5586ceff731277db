"""Which detector finds a dancer's key-points, by the names of its models."""

from __future__ import annotations

from macedance.projection.blazepose import BlazePoseDetector
from macedance.projection.detector import VideoKeypointDetector, VitPoseDetector


def choose_detector(
    blazepose: str | None = None,
    detector: str | None = None,
    person_detector: str | None = None,
    *,
    device: str = "cpu",
) -> VideoKeypointDetector | None:
    """The detector of these models; None if none is named.

    Args:
        blazepose: Folder with BlazePose's two files.
        detector: Folder or hub id of a ViTPose model.
        person_detector: Folder or hub id of an RT-DETR model, which finds the person for ``detector``.
        device: Where a ViTPose model works.

    Raises:
        FileNotFoundError: A file or model is not there.
        ModuleNotFoundError: BlazePose is asked for, and LiteRT is not installed.
        ValueError: Two detectors are named.
    """
    if blazepose and detector:
        raise ValueError("blazepose and detector both find key-points; give one of them")
    if person_detector and not detector:
        raise ValueError("person_detector finds the person for detector; give that, too")
    if blazepose:
        return BlazePoseDetector.of_folder(blazepose)
    return VitPoseDetector(detector, person_detector, device=device) if detector else None
