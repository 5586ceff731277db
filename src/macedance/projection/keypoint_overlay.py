"""Pictures that show key-points where they were found. Axis letters: F frames, K key-points, H height, W width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from macedance.projection.keypoint_formats import to_body_points
from macedance.render.pose_drawing import draw_pose

LABEL_COLOR = (255, 255, 255)
LABEL_OUTLINE = (0, 0, 0)
MOMENT_GAP_SECONDS = 0.3


def draw_keypoints(
    frame: np.ndarray, keypoints: np.ndarray, names: Sequence[str] | None = None
) -> np.ndarray:
    """The pose drawing of key-points (K, 3) over a frame uint8 (H, W, 3)."""
    height, width = frame.shape[:2]
    drawing = draw_pose(to_body_points(keypoints, names), (width, height))
    return np.where(drawing.any(axis=-1, keepdims=True), drawing, frame)


def overlay_frames(
    frames: Iterable[np.ndarray], keypoints: np.ndarray, names: Sequence[str] | None = None
) -> Iterator[np.ndarray]:
    """The frames with their key-points (F, K, 3), cut to an even width and height, made as they are asked for."""
    for frame, found in zip(frames, keypoints, strict=True):
        height, width = (side // 2 * 2 for side in frame.shape[:2])
        yield draw_keypoints(frame, found, names)[:height, :width]


def overlay_sheet(
    frames: Iterable[np.ndarray],
    indices: Sequence[int],
    fps: float,
    *,
    columns: int = 6,
    width_px: int = 320,
) -> np.ndarray:
    """One picture uint8 (H, W, 3) of frames in rows, each with its time in seconds.

    Args:
        frames: The pictures, overlays or not, at least one, of one size.
        indices: Their places in the video.
        fps: The video's frames per second.
        columns: Pictures in a row.
        width_px: Of one of them.
    """
    pictures = []
    for frame, index in zip(frames, indices, strict=True):
        picture = Image.fromarray(frame)
        picture = picture.resize((width_px, round(width_px * picture.height / picture.width)))
        ImageDraw.Draw(picture).text(
            (width_px * 0.03, picture.height * 0.97), f"{index / fps:.2f} s", fill=LABEL_COLOR,
            font=ImageFont.load_default(max(9, width_px // 18)), anchor="ls", stroke_width=1,
            stroke_fill=LABEL_OUTLINE,
        )  # fmt: skip
        pictures.append(np.asarray(picture))
    columns = min(columns, len(pictures))
    missing = -len(pictures) % columns
    pictures += [np.zeros_like(pictures[0])] * missing
    rows = [
        np.concatenate(pictures[start : start + columns], 1) for start in range(0, len(pictures), columns)
    ]
    return np.concatenate(rows)


def fastest_frames(keypoints: np.ndarray, fps: float, num: int) -> list[int]:
    """Up to `num` frames, in order, in which key-points seen before and after move fastest, 0.3 s apart at least."""
    seen = (keypoints[1:, :, 2] > 0) & (keypoints[:-1, :, 2] > 0)
    steps = np.linalg.norm(np.diff(keypoints[..., :2], axis=0), axis=-1)
    speed = (steps * seen).sum(axis=-1) / np.maximum(seen.sum(axis=-1), 1)
    gap = max(round(MOMENT_GAP_SECONDS * fps), 1)
    moments: list[int] = []
    while len(moments) < num and np.any(speed >= 0):
        fastest = int(speed.argmax())
        moments.append(fastest)
        speed[max(0, fastest - gap + 1) : fastest + gap] = -1.0
    return sorted(moments) or [0]
