"""From a motion and a camera to key-points in a picture."""

from macedance.projection.blazepose import BlazePoseDetector
from macedance.projection.body_points import POINT_NAMES
from macedance.projection.detector import (
    KeypointDetector,
    VideoKeypointDetector,
    VitPoseDetector,
    keypoints_of_image,
)
from macedance.projection.face import crop_face, face_box, face_frames
from macedance.projection.filled_keypoints import filled_keypoints
from macedance.projection.keypoint_cache import VideoKeypoints
from macedance.projection.keypoint_files import read_keypoints
from macedance.projection.pose_sequence import PoseSequence
from macedance.projection.projector import Projector
from macedance.projection.reference import Reference
from macedance.projection.rendered_projector import RenderedProjector

__all__ = [
    "POINT_NAMES",
    "BlazePoseDetector",
    "KeypointDetector",
    "PoseSequence",
    "Projector",
    "Reference",
    "RenderedProjector",
    "VideoKeypointDetector",
    "VideoKeypoints",
    "VitPoseDetector",
    "crop_face",
    "face_box",
    "face_frames",
    "filled_keypoints",
    "keypoints_of_image",
    "read_keypoints",
]
