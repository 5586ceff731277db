"""Rotations, the skeleton, motions and their representation; `body_model` gives a motion's mesh."""

from macedance.geometry.motion import Motion
from macedance.geometry.representation import (
    MOTION_DIM,
    decode_motion,
    encode_motion,
    foot_contacts,
    representation_joints,
)
from macedance.geometry.rotations import (
    axis_angle_to_matrix,
    axis_angle_to_quaternion,
    axis_angle_to_rotation_6d,
    matrix_to_axis_angle,
    matrix_to_quaternion,
    matrix_to_rotation_6d,
    quaternion_to_axis_angle,
    quaternion_to_matrix,
    rotation_6d_to_axis_angle,
    rotation_6d_to_matrix,
    slerp,
)
from macedance.geometry.skeleton import (
    FOOT_JOINTS,
    JOINT_NAMES,
    NUM_JOINTS,
    PARENTS,
    REST_OFFSETS,
    REST_PELVIS,
    forward_kinematics,
    rest_joints,
)

__all__ = [
    "FOOT_JOINTS",
    "JOINT_NAMES",
    "MOTION_DIM",
    "NUM_JOINTS",
    "PARENTS",
    "REST_OFFSETS",
    "REST_PELVIS",
    "Motion",
    "axis_angle_to_matrix",
    "axis_angle_to_quaternion",
    "axis_angle_to_rotation_6d",
    "decode_motion",
    "encode_motion",
    "foot_contacts",
    "forward_kinematics",
    "matrix_to_axis_angle",
    "matrix_to_quaternion",
    "matrix_to_rotation_6d",
    "quaternion_to_axis_angle",
    "quaternion_to_matrix",
    "representation_joints",
    "rest_joints",
    "rotation_6d_to_axis_angle",
    "rotation_6d_to_matrix",
    "slerp",
]
