"""An Appearance Expert that draws a stick figure in the colours of the dancers it was trained on."""

from stick_figure_renderer.expert import StickFigureRenderer

__all__ = ["StickFigureRenderer"]
