"""What a scene looks like, whatever is danced in it. Axis letters: V vertices, H height, W width."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np

from macedance.geometry.body_model import BodyModel
from macedance.render.clothes import HAIR_COLORS, SKIN_COLORS, Outfit, dressed
from macedance.render.stage import FLOOR_COLORS, Color, gradient


@dataclass(frozen=True, eq=False)
class Look:
    """Colours, light and what is behind the dancer.

    Attributes:
        albedo: (V, 3) sRGB in [0, 1] of the body's vertices; None are the body's own colours.
        backdrop: uint8 (H, W, 3), behind everything; None is the studio's gradient.
        floor_colors: Of the floor and of every other tile on it; None draws nothing but the shadow.
        light_azimuth_degrees: Where the light comes from, from the dancer's front towards the dancer's left.
        light_elevation_degrees: Its height over the floor.
    """

    albedo: np.ndarray | None = None
    backdrop: np.ndarray | None = None
    floor_colors: tuple[Color, Color] | None = FLOOR_COLORS
    light_azimuth_degrees: float = -38.0
    light_elevation_degrees: float = 60.0


def random_look(body: BodyModel, size_px: tuple[int, int], random: np.random.Generator) -> Look:
    """A dancer in clothes of some colours, in a room of other colours, lit from the front and above."""
    hue, saturation = random.uniform(), random.uniform(0.0, 0.45)
    top, bottom = random.uniform(0.25, 0.95), random.uniform(0.35, 0.95)
    floor = random.uniform(0.3, 0.85)
    floor_hue = hue + random.uniform(-0.1, 0.1)
    return Look(
        albedo=dressed(body, random_outfit(random)),
        backdrop=gradient(size_px, _color(hue, saturation, top), _color(hue, saturation / 2, bottom)),
        floor_colors=(
            _color(floor_hue, saturation / 2, floor),
            _color(floor_hue, saturation / 2, floor - 0.12),
        ),
        light_azimuth_degrees=float(random.uniform(-65.0, 65.0)),
        light_elevation_degrees=float(random.uniform(40.0, 75.0)),
    )


def random_outfit(random: np.random.Generator) -> Outfit:
    """Clothes of any colours on a person of any colour."""
    skin, hair = (np.array(colors)[random.integers(len(colors))] for colors in (SKIN_COLORS, HAIR_COLORS))
    shirt, trousers, shoes = (
        np.array(colorsys.hsv_to_rgb(random.uniform(), random.uniform(0.05, 0.9), random.uniform(0.15, 0.95)))
        for _ in range(3)
    )
    sleeves, legs = random.uniform(size=2)
    return Outfit(
        skin, hair, shirt, trousers, shoes, has_long_sleeves=sleeves < 0.5, has_long_trousers=legs < 0.75
    )


def _color(hue: float, saturation: float, value: float) -> Color:
    red, green, blue = (round(255 * part) for part in colorsys.hsv_to_rgb(hue % 1.0, saturation, value))
    return red, green, blue
