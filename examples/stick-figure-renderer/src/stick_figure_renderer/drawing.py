"""Drawing the figure. Axes: P key-points (20), H height, W width."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from macedance.projection.body_points import point_index
from macedance.projection.pose_sequence import VISIBLE
from stick_figure_renderer.body_parts import PART_POINTS, PARTS

Color = tuple[int, int, int]

FINENESS = 3
"""The figure is drawn so many times as large and then made small, which smooths its edges."""
HEAD_SIZE = 1.2
"""Radius of the head, in widths of a limb."""
SHADE = 0.7
"""Brightness of what is hidden behind the rest of the body."""
EARS = point_index("right_ear", "left_ear")
NECK = point_index("neck")[0]


def draw_figure(
    backdrop: Image.Image, points: np.ndarray, colors: Sequence[Color], width_px: float
) -> np.ndarray:
    """A frame, uint8 (H, W, 3): the figure in front of a backdrop.

    Args:
        backdrop: RGB, of the frame's size.
        points: (20, 3) x, y in pixels and confidence.
        colors: Of the parts, in the order of :data:`~stick_figure_renderer.body_parts.PARTS`.
        width_px: Of the limbs.
    """
    width, height = backdrop.size
    layer = Image.new("RGBA", (width * FINENESS, height * FINENESS))
    draw = ImageDraw.Draw(layer)
    places, thick = points[:, :2] * FINENESS, width_px * FINENESS
    _draw_line(draw, places[NECK], places[EARS].mean(axis=0), thick, colors[1])
    for number in _from_back_to_front(points):
        is_hidden = _is_hidden(points, number)
        color = _shaded(colors[number]) if is_hidden else colors[number]
        _draw_part(draw, number, places, thick, color)
    small = layer.reduce(FINENESS)
    frame = backdrop.copy()
    frame.paste(small, mask=small.getchannel("A"))
    return np.asarray(frame)


def _from_back_to_front(points: np.ndarray) -> list[int]:
    """Numbers of parts: limbs that are hidden, then torso and head, then the limbs in front of them."""
    limbs = range(2, len(PARTS))
    hidden = [number for number in limbs if _is_hidden(points, number)]
    return [*hidden, 0, 1, *(number for number in limbs if number not in hidden)]


def _is_hidden(points: np.ndarray, number: int) -> bool:
    return bool((points[list(PART_POINTS[number]), 2] < VISIBLE).any())


def _draw_part(
    draw: ImageDraw.ImageDraw, number: int, places: np.ndarray, thick: float, color: Color
) -> None:
    ends = places[list(PART_POINTS[number])]
    if number == 0:
        draw.polygon([tuple(place) for place in ends], fill=color)
        for start, end in zip(ends, np.roll(ends, -1, axis=0), strict=True):  # which rounds the corners
            _draw_line(draw, start, end, thick, color)
    elif number == 1:
        _draw_disc(draw, places[EARS].mean(axis=0), HEAD_SIZE * thick, color)
    else:
        _draw_line(draw, ends[0], ends[1], thick, color)


def _draw_line(
    draw: ImageDraw.ImageDraw, start: np.ndarray, end: np.ndarray, thick: float, color: Color
) -> None:
    draw.line([tuple(start), tuple(end)], fill=color, width=max(round(thick), 1))
    for place in (start, end):
        _draw_disc(draw, place, thick / 2, color)


def _draw_disc(draw: ImageDraw.ImageDraw, place: np.ndarray, radius: float, color: Color) -> None:
    draw.ellipse([*(place - radius), *(place + radius)], fill=color)


def _shaded(color: Color) -> Color:
    red, green, blue = (round(SHADE * channel) for channel in color)
    return red, green, blue
