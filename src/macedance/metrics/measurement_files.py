"""What was measured of videos, kept in files, so that a set can be scored without looking at its videos again."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from macedance.metrics.video_measurements import VideoMeasurements
from macedance.whole_files import renamed_when_complete


def save_measurements(
    path: str | Path, measured: VideoMeasurements, *, measured_by: str, measured_of: str = ""
) -> None:
    """Write a safetensors file.

    Args:
        path: Where to.
        measured: What was measured.
        measured_by: Tells networks and settings, so that a file of others is not taken for one of these.
        measured_of: Tells what was looked at.
    """
    features = {"fid_features": measured.fid_features, "fvd_features": measured.fvd_features}
    tensors = {
        name: found.cpu().contiguous().clone() for name, found in features.items() if found is not None
    }
    about = {
        "values": json.dumps(dict(measured.values)),
        "measured_by": measured_by,
        "measured_of": measured_of,
    }
    with renamed_when_complete(path) as partial:
        save_file(tensors, partial, metadata=about)


def load_measurements(
    path: str | Path, *, measured_by: str, measured_of: str | None = None
) -> VideoMeasurements | None:
    """What :func:`save_measurements` wrote; None if there is no such file, it is damaged, or others measured.

    Args:
        path: Where it is.
        measured_by: Which networks and settings must have looked.
        measured_of: What they must have looked at; anything if None.
    """
    path = Path(path)
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            about = file.metadata() or {}
            if about.get("measured_by") != measured_by or measured_of not in (None, about.get("measured_of")):
                return None
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            values = json.loads(about["values"])
    except (SafetensorError, KeyError, ValueError):
        return None
    return VideoMeasurements(tensors.get("fid_features"), tensors.get("fvd_features"), values)
