"""The styles that songs are made in."""

from __future__ import annotations

from macedance.data.band.dance_floor_styles import DANCE_FLOOR_STYLES
from macedance.data.band.stage_styles import STAGE_STYLES
from macedance.data.band.street_styles import STREET_STYLES
from macedance.data.band.style import Style

STYLES: dict[str, Style] = {
    style.name: style for style in (*DANCE_FLOOR_STYLES, *STREET_STYLES, *STAGE_STYLES)
}
"""Every style by its name."""
