"""The mannequin's form, as solids placed around the rest joints. Metres; left is +x, the face looks to +z."""

from __future__ import annotations

import numpy as np

from macedance.geometry.implicit_surface import Body, Ellipsoid, Loft, Part, TaperedCapsule

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
    [0.78, 0.000, 0.000, 0.031, 0.032, 0.037],
    [0.93, 0.000, 0.000, 0.030, 0.034, 0.034],
    [1.02, 0.000, 0.000, 0.031, 0.036, 0.035],
]
# Forward of the ankle; fraction from the ankle to the foot joint sideways; half-width; height above the floor.
FOOT = [
    [-0.038, 0.00, 0.030, 0.088],
    [0.000, 0.05, 0.034, 0.104],
    [0.045, 0.30, 0.038, 0.092],
    [0.085, 0.65, 0.043, 0.072],
    [0.125, 1.00, 0.047, 0.058],
    [0.155, 1.12, 0.044, 0.049],
    [0.172, 1.15, 0.038, 0.044],
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
]
HAND = [
    [1.00, 0.000, 0.000, 0.022, 0.028, 0.026],
    [1.10, 0.000, 0.001, 0.020, 0.033, 0.030],
    [1.24, 0.000, 0.002, 0.018, 0.041, 0.036],
    [1.38, 0.000, 0.001, 0.0155, 0.041, 0.037],
    [1.52, 0.000, 0.000, 0.0135, 0.037, 0.034],
    [1.62, 0.000, 0.000, 0.012, 0.031, 0.029],
]


def mannequin_body(joints: np.ndarray) -> Body:
    """The mannequin's solids around rest joints (24, 3)."""
    left, right = 1, -1
    legs = [_leg(joints[[1, 4, 7, 10]], left), _leg(joints[[2, 5, 8, 11]], right)]
    arms = [_arm(joints[[16, 18, 20, 22]], left), _arm(joints[[17, 19, 21, 23]], right)]
    return Body(trunk=_trunk(), limbs=[*legs, *arms], floor=FLOOR)


def _trunk() -> list[Part]:
    shoulders = [[-x, *section] for x, *section in SHOULDERS[:0:-1]] + SHOULDERS
    parts: list[Part] = [
        Loft(1, TORSO, domes=(0.03, 0.04), squareness=2.3),
        Loft(0, shoulders, domes=(0.03, 0.03), blend=0.05),
        Loft(1, NECK, domes=(0.02, 0.02), blend=0.06),
        Loft(1, HEAD, domes=(0.020, 0.072), blend=0.024),
        Ellipsoid((0.0, 0.437, 0.104), (0.013, 0.026, 0.017), blend=0.022),
    ]
    for side in (-1, 1):
        parts.append(Ellipsoid((side * 0.066, 0.150, 0.054), (0.066, 0.052, 0.052), blend=0.05))
        parts.append(Ellipsoid((side * 0.072, -0.300, -0.052), (0.074, 0.078, 0.064), blend=0.05))
    return parts


def _leg(joints: np.ndarray, side: int) -> list[Part]:
    hip, knee, ankle, foot = joints
    rows = []
    for start, end, stations in ((hip, knee, THIGH), (knee, ankle, SHIN)):
        for fraction, outward, forward, half_width, front, back in stations:
            x, y, z = start + fraction * (end - start)
            rows.append([y, x + side * outward, z + forward, half_width, front, back])
    sole_centre = FLOOR + 0.008
    soles = [
        [ankle[2] + ahead, ankle[0] + sideways * (foot[0] - ankle[0]), sole_centre, half_width, FLOOR + top - sole_centre, 0.04]
        for ahead, sideways, half_width, top in FOOT
    ]
    return [
        Loft(1, rows[::-1], domes=(0.03, 0.03)),
        Loft(2, soles, domes=(0.034, 0.030), blend=0.035, squareness=2.2),
    ]


def _arm(joints: np.ndarray, side: int) -> list[Part]:
    shoulder, elbow, wrist, hand = joints
    rows = []
    beyond = wrist + 3.0 * (hand - wrist)
    for start, end, stations, base in (
        (shoulder, elbow, UPPER_ARM, 0.0),
        (elbow, wrist, FOREARM, 0.0),
        (wrist, beyond, HAND, 1.0),
    ):
        for fraction, upward, forward, half_height, front, back in stations:
            x, y, z = start + (fraction - base) * (end - start)
            rows.append([x, y + upward, z + forward, half_height, front, back])
    thumb = wrist + np.array([side * 0.030, -0.006, 0.020])
    tip = wrist + np.array([side * 0.088, -0.016, 0.060])
    return [
        Loft(0, rows[::side], domes=(0.03, 0.016) if side > 0 else (0.016, 0.03)),
        TaperedCapsule(tuple(thumb), tuple(tip), 0.0145, 0.0105, blend=0.022),
    ]
