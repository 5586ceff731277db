"""The mannequin's form, as solids placed around the rest joints. Metres; left is +x, the face looks to +z."""

from __future__ import annotations

import numpy as np

from macedance.geometry.implicit_surface import Body
from macedance.geometry.solids import Ellipsoid, Loft, Solid, TaperedCapsule

FLOOR = -1.232
"""Height of the soles in the rest pose."""

# Height; centre x, z; half-width; half-depth to the front and to the back.
TORSO = [
    [-0.350, 0.0, 0.000, 0.080, 0.070, 0.080],
    [-0.300, 0.0, 0.000, 0.140, 0.087, 0.100],
    [-0.235, 0.0, 0.000, 0.163, 0.096, 0.106],
    [-0.160, 0.0, 0.004, 0.150, 0.094, 0.096],
    [-0.080, 0.0, 0.006, 0.127, 0.089, 0.080],
    [-0.010, 0.0, 0.006, 0.115, 0.087, 0.075],
    [0.060, 0.0, 0.004, 0.126, 0.093, 0.086],
    [0.125, 0.0, 0.002, 0.147, 0.101, 0.098],
    [0.175, 0.0, -0.002, 0.157, 0.098, 0.102],
    [0.225, 0.0, -0.010, 0.148, 0.080, 0.088],
    [0.260, 0.0, -0.016, 0.115, 0.058, 0.068],
]
NECK = [
    [0.230, 0.0, -0.020, 0.064, 0.058, 0.060],
    [0.300, 0.0, -0.014, 0.053, 0.051, 0.054],
    [0.350, 0.0, 0.002, 0.050, 0.049, 0.052],
    [0.420, 0.0, 0.018, 0.052, 0.050, 0.056],
]
HEAD = [
    [0.352, 0.0, 0.066, 0.030, 0.030, 0.040],
    [0.372, 0.0, 0.057, 0.046, 0.045, 0.056],
    [0.400, 0.0, 0.049, 0.058, 0.057, 0.072],
    [0.435, 0.0, 0.040, 0.068, 0.067, 0.088],
    [0.470, 0.0, 0.032, 0.075, 0.077, 0.098],
    [0.500, 0.0, 0.028, 0.077, 0.079, 0.101],
]
# Distance from the middle; centre height, z; half-height; half-depth to the front and to the back.
SHOULDERS = [
    [0.00, 0.262, -0.018, 0.048, 0.050, 0.056],
    [0.08, 0.256, -0.018, 0.045, 0.050, 0.056],
    [0.16, 0.246, -0.018, 0.042, 0.050, 0.054],
]

# Fraction from one joint to the next; outward and forward shift of the centre; half-width; front; back.
THIGH = [
    [-0.16, 0.014, 0.000, 0.066, 0.062, 0.070],
    [0.04, 0.022, 0.000, 0.081, 0.076, 0.082],
    [0.22, 0.020, 0.002, 0.077, 0.079, 0.080],
    [0.45, 0.011, 0.004, 0.067, 0.072, 0.068],
    [0.72, 0.003, 0.003, 0.055, 0.058, 0.056],
    [0.90, 0.000, 0.002, 0.048, 0.051, 0.049],
]
SHIN = [
    [0.00, 0.000, 0.002, 0.046, 0.050, 0.045],
    [0.09, 0.000, 0.000, 0.044, 0.045, 0.047],
    [0.22, 0.003, 0.000, 0.048, 0.041, 0.060],
    [0.36, 0.003, 0.000, 0.047, 0.039, 0.062],
    [0.56, 0.001, 0.000, 0.039, 0.036, 0.050],
    [0.78, 0.000, 0.000, 0.033, 0.034, 0.039],
    [0.93, 0.000, 0.000, 0.031, 0.035, 0.036],
    [1.02, 0.000, 0.000, 0.032, 0.036, 0.036],
]
# Distance ahead of the ankle; sideways, as a fraction of the way to the foot joint; half-width; height.
FOOT = [
    [-0.036, 0.00, 0.030, 0.086],
    [0.000, 0.05, 0.034, 0.104],
    [0.040, 0.30, 0.037, 0.092],
    [0.080, 0.68, 0.041, 0.072],
    [0.118, 1.00, 0.045, 0.058],
    [0.145, 1.12, 0.042, 0.050],
    [0.160, 1.15, 0.037, 0.045],
]
# Fraction from one joint to the next; upward and forward shift; half-height; front; back.
UPPER_ARM = [
    [-0.38, -0.014, 0.000, 0.048, 0.048, 0.050],
    [-0.18, -0.012, 0.000, 0.056, 0.054, 0.056],
    [0.02, -0.010, 0.000, 0.057, 0.056, 0.056],
    [0.22, -0.006, 0.000, 0.051, 0.052, 0.051],
    [0.50, -0.001, 0.000, 0.043, 0.045, 0.043],
    [0.82, 0.000, 0.000, 0.037, 0.038, 0.037],
]
FOREARM = [
    [0.00, 0.000, 0.000, 0.036, 0.037, 0.037],
    [0.15, 0.000, 0.000, 0.038, 0.041, 0.039],
    [0.32, 0.000, 0.000, 0.037, 0.041, 0.038],
    [0.65, 0.000, 0.000, 0.029, 0.034, 0.031],
    [0.92, 0.000, 0.000, 0.023, 0.029, 0.027],
    [1.02, 0.000, 0.000, 0.022, 0.028, 0.026],
]
# Fraction from the wrist to the hand joint; upward and forward shift; half-height; front; back.
HAND = [
    [-0.10, 0.000, 0.000, 0.021, 0.027, 0.025],
    [0.20, 0.000, 0.001, 0.020, 0.031, 0.029],
    [0.60, 0.000, 0.002, 0.0195, 0.039, 0.035],
    [1.05, 0.000, 0.001, 0.018, 0.041, 0.037],
    [1.50, 0.000, 0.000, 0.016, 0.037, 0.034],
    [1.85, 0.000, 0.000, 0.014, 0.031, 0.028],
]


def mannequin_body(joints: np.ndarray) -> Body:
    """The mannequin's solids around rest joints (24, 3)."""
    left, right = 1, -1
    legs = [_leg(joints[[1, 4, 7, 10]], left), _leg(joints[[2, 5, 8, 11]], right)]
    arms = [_arm(joints[[16, 18, 20, 22]], left), _arm(joints[[17, 19, 21, 23]], right)]
    return Body(trunk=_trunk(), limbs=[*legs, *arms], floor=FLOOR)


def _trunk() -> list[Solid]:
    shoulders = [[-x, *section] for x, *section in SHOULDERS[:0:-1]] + SHOULDERS
    solids: list[Solid] = [
        Loft(1, TORSO, domes=(0.03, 0.04), squareness=2.3),
        Loft(0, shoulders, domes=(0.03, 0.03), blend=0.05),
        Loft(1, NECK, domes=(0.02, 0.02), blend=0.06),
        Loft(1, HEAD, domes=(0.020, 0.072), blend=0.034),
        Ellipsoid((0.0, 0.441, 0.105), (0.0130, 0.029, 0.0175), blend=0.018),
    ]
    for side in (-1, 1):
        solids.append(Ellipsoid((side * 0.068, 0.152, 0.050), (0.068, 0.055, 0.050), blend=0.055))
        solids.append(Ellipsoid((side * 0.072, -0.300, -0.052), (0.074, 0.080, 0.058), blend=0.055))
    return solids


def _leg(joints: np.ndarray, side: int) -> list[Solid]:
    hip, knee, ankle, foot = joints
    leg = []
    for start, end, stations in ((hip, knee, THIGH), (knee, ankle, SHIN)):
        for fraction, outward, forward, *half_widths in stations:
            x, y, z = start + fraction * (end - start)
            leg.append([y, x + side * outward, z + forward, *half_widths])
    shoe = []
    for ahead, sideways, half_width, height in FOOT:
        x, _, z = np.add(ankle, (sideways * (foot[0] - ankle[0]), 0.0, ahead))
        shoe.append([z, x, FLOOR + 0.008, half_width, height - 0.008, 0.04])
    return [
        Loft(1, leg[::-1], domes=(0.03, 0.03)),
        Loft(2, shoe, domes=(0.031, 0.026), blend=0.035, squareness=2.2),
    ]


def _arm(joints: np.ndarray, side: int) -> list[Solid]:
    shoulder, elbow, wrist, hand = joints
    arm = _along_x(shoulder, elbow, UPPER_ARM) + _along_x(elbow, wrist, FOREARM)
    thumb = np.add(wrist, (side * 0.030, -0.006, 0.020))
    tip = np.add(wrist, (side * 0.090, -0.016, 0.064))
    return [
        Loft(0, arm[::side], domes=(0.03, 0.03)),
        Loft(0, _along_x(wrist, hand, HAND)[::side], domes=(0.017, 0.017), blend=0.012, squareness=2.5),
        TaperedCapsule(tuple(thumb), tuple(tip), 0.0150, 0.0115, blend=0.022),
    ]


def _along_x(start: np.ndarray, end: np.ndarray, stations: list[list[float]]) -> list[list[float]]:
    sections = []
    for fraction, upward, forward, *half_widths in stations:
        x, y, z = start + fraction * (end - start)
        sections.append([x, y + upward, z + forward, *half_widths])
    return sections
