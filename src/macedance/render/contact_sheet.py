"""One picture that shows a motion at several moments. Axis letters: H height, W width."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from macedance.geometry.body_model import BodyModel
from macedance.geometry.motion import Motion
from macedance.render.scene import Scene
from macedance.render.stage import BACKGROUND_BOTTOM

LABEL_COLOR = (255, 255, 255)
LABEL_OUTLINE = (40, 44, 54)
MOMENT_GAP_SECONDS = 0.3


def contact_sheet(
    motion: Motion,
    *,
    num_images: int = 8,
    columns: int = 8,
    size_px: tuple[int, int] = (192, 256),
    frames: Sequence[int] | None = None,
    labels: Sequence[str] | None = None,
    title: str = "",
    body: BodyModel | None = None,
) -> np.ndarray:
    """A uint8 (H, W, 3) picture: moments of a motion in rows, each with its time in seconds or another label.

    Args:
        motion: at any frame rate, with any axis up.
        num_images: how many moments, evenly spaced from the first frame to the last; `frames` overrules it.
        columns: images in a row.
        size_px: (width, height) of one image.
        frames: the motion's frame indices to show instead.
        labels: what stands at the foot of each image; its time if None.
        title: what stands at the top of the first image.
        body: whose surface is shown; None is the project's mannequin.

    Raises:
        ValueError: if a number is not positive, a frame lies outside the motion, or there are not as many labels
            as images.
    """
    chosen = _chosen_frames(motion, num_images, frames)
    labels = [f"{index / motion.fps:.2f} s" for index in chosen] if labels is None else labels
    if len(labels) != len(chosen):
        raise ValueError(f"labels must be as many as images, {len(chosen)}, got {len(labels)}")
    if columns < 1:
        raise ValueError(f"columns must be at least 1, got {columns}")
    width, height = size_px
    columns = min(columns, len(chosen))
    rows = -(-len(chosen) // columns)
    sheet = Image.new("RGB", (columns * width, rows * height), BACKGROUND_BOTTOM)
    draw = ImageDraw.Draw(sheet)
    pictures = Scene(motion, body=body, size_px=size_px).frames(chosen)
    for place, (label, picture) in enumerate(zip(labels, pictures, strict=True)):
        left, top = place % columns * width, place // columns * height
        sheet.paste(Image.fromarray(picture), (left, top))
        _write(draw, label, (left + width * 0.04, top + height * 0.975), height, anchor="ls")
    _write(draw, title, (width * 0.04, height * 0.025), height, anchor="lt")
    return np.asarray(sheet)


def fast_moments(motion: Motion, num: int) -> list[int]:
    """Up to `num` frame indices, in order, where the joints' mean speed is highest, at least 0.3 s apart."""
    joints = motion.joints().numpy(force=True)
    speed = np.linalg.norm(np.diff(joints, axis=0, append=joints[-1:]), axis=-1).mean(axis=-1)
    gap = round(MOMENT_GAP_SECONDS * motion.fps)
    moments: list[int] = []
    while len(moments) < num and np.any(speed >= 0):
        fastest = int(speed.argmax())
        moments.append(fastest)
        speed[max(0, fastest - gap + 1) : fastest + gap] = -1.0
    return sorted(moments)


def _write(
    draw: ImageDraw.ImageDraw, text: str, place: tuple[float, float], height: int, anchor: str
) -> None:
    draw.text(
        place,
        text,
        fill=LABEL_COLOR,
        font=ImageFont.load_default(max(9, height // 15)),
        anchor=anchor,
        stroke_width=1,
        stroke_fill=LABEL_OUTLINE,
    )


def _chosen_frames(motion: Motion, num_images: int, frames: Sequence[int] | None) -> Sequence[int]:
    if frames is None:
        if num_images < 1:
            raise ValueError(f"num_images must be at least 1, got {num_images}")
        return np.linspace(0, motion.num_frames - 1, num_images).round().astype(int).tolist()
    outside = [index for index in frames if not 0 <= index < motion.num_frames]
    if outside or not frames:
        raise ValueError(f"frames must be one or more of 0..{motion.num_frames - 1}, got {list(frames)}")
    return frames
