"""From a motion and a camera to key-points in a picture."""

from macedance.projection.body_points import POINT_NAMES
from macedance.projection.pose_sequence import PoseSequence
from macedance.projection.projector import Projector
from macedance.projection.reference import Reference

__all__ = ["POINT_NAMES", "PoseSequence", "Projector", "Reference"]
