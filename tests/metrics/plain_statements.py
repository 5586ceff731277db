"""Motion features said plainly, frame by frame and joint by joint, and motions to compare them on.

Axis letters: T frames, J joints, D dimensions of space, K key-points.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from macedance.geometry.skeleton import rest_joints

_JOINTS = (
    "root", "lhip", "rhip", "belly", "lknee", "rknee", "spine", "lankle", "rankle", "chest", "ltoes",
    "rtoes", "neck", "lcollar", "rcollar", "head", "lshoulder", "rshoulder", "lelbow", "relbow", "lwrist",
    "rwrist", "lhand", "rhand",
)  # fmt: skip
_KEYPOINTS = (
    "nose", "leye", "reye", "lear", "rear", "lshoulder", "rshoulder", "lelbow", "relbow", "lwrist",
    "rwrist", "lhip", "rhip", "lknee", "rknee", "lankle", "rankle", "top", "neck", "ltoes", "lsmalltoe",
    "lheel", "rtoes", "rsmalltoe", "rheel",
)  # fmt: skip
SMPL = {name: index for index, name in enumerate(_JOINTS)}
KEYPOINTS = {name: index for index, name in enumerate(_KEYPOINTS)}
HL = math.dist((0.199113488, 0.236807942, -0.0180702247), (0.454445392, 0.221158922, -0.0410167128))
SW = math.dist((0.199113488, 0.236807942, -0.0180702247), (-0.191692337, 0.236928746, -0.0123055102))
HW = math.dist((0.0564076714, -0.323069185, 0.0109197125), (-0.0624834076, -0.331302464, 0.0150412619))
TORSO_METRES = 0.564


def box_kinetic(positions: np.ndarray, seconds: float) -> np.ndarray:
    """Kinetic features (3 · J,) of megadance, mace and mace-2d."""
    features = []
    for joint in range(positions.shape[1]):
        velocity, acceleration = [], []
        for axis in range(positions.shape[2]):
            raw = list(np.diff(positions[:, joint, axis]) / seconds)
            smooth = np.convolve([raw[0], *raw], np.ones(5) / 5, mode="same")
            change = list(np.diff(smooth) / seconds)
            velocity.append(smooth)
            acceleration.append(np.convolve([change[0], *change], np.ones(5) / 5, mode="same"))
        in_plane = (0, 2) if len(velocity) == 3 else (0,)
        features.append(np.mean(sum(velocity[axis] ** 2 for axis in in_plane)))
        features.append(np.mean(velocity[1] ** 2))
        features.append(np.mean(np.sqrt(sum(values**2 for values in acceleration))))
    return np.array(features)


def window_kinetic(positions: np.ndarray, seconds: float) -> np.ndarray:
    """Kinetic features (3 · J,) of the default: means over those of five frames that exist."""
    last = len(positions) - 1
    features = []
    for joint in range(positions.shape[1]):
        path = positions[:, joint]
        sums = np.zeros(3)
        for frame in range(1, last + 1):
            near = range(frame - 2, frame + 3)
            velocity = np.mean([(path[i] - path[i - 1]) / seconds for i in near if 1 <= i <= last], axis=0)
            acceleration = np.mean(
                [(path[i + 1] - 2 * path[i] + path[i - 1]) / seconds**2 for i in near if 1 <= i < last],
                axis=0,
            )
            sums += velocity[0] ** 2 + velocity[2] ** 2, velocity[1] ** 2, np.linalg.norm(acceleration)
        features.extend(sums / last)
    return np.array(features)


def geometric(positions: np.ndarray, fps: float) -> np.ndarray:
    """Share of frames 1 … T − 1 in which each of the 32 relations between SMPL's joints holds."""
    return np.mean(
        [_holds(_Moment(positions[i - 1], positions[i], fps)) for i in range(1, len(positions))], axis=0
    )


@dataclass(frozen=True)
class _Moment:
    """One frame's joints and the ones before, (24, 3) each, and what is measured on them."""

    before: np.ndarray
    now: np.ndarray
    fps: float

    def at(self, name: str) -> np.ndarray:
        return self.now[SMPL[name]]

    def velocity(self, name: str) -> np.ndarray:
        return (self.now[SMPL[name]] - self.before[SMPL[name]]) * self.fps

    def normal(self, a: str, b: str, c: str) -> np.ndarray:
        return np.cross(self.at(c) - self.at(a), self.at(b) - self.at(a))

    def plane(self, a: str, b: str, c: str, p: str) -> float:
        return _along(self.at(p) - self.at(a), self.normal(a, b, c))

    def nplane(self, m: str, n: str, a: str, p: str) -> float:
        return _along(self.at(p) - self.at(a), self.at(n) - self.at(m))

    def move(self, a: str, b: str, p: str) -> float:
        return _along(self.velocity(p) - self.velocity(a), self.at(b) - self.at(a))

    def nmove(self, a: str, b: str, c: str, p: str) -> float:
        return _along(self.velocity(p) - self.velocity(a), self.normal(a, b, c))

    def fast(self, p: str) -> float:
        return np.linalg.norm(self.velocity(p))

    def height(self, p: str) -> float:
        return self.at(p)[1] - self.now[:, 1].min()

    def bend(self, joint: str, one: str, other: str) -> bool:
        return _inside(0, self.at(one) - self.at(joint), self.at(other) - self.at(joint), 110)


def _along(vector: np.ndarray, direction: np.ndarray) -> float:
    length = np.linalg.norm(direction)
    return vector @ direction / length if length > 0 else math.nan


def _inside(low: float, first: np.ndarray, second: np.ndarray, high: float) -> bool:
    lengths = np.linalg.norm(first) * np.linalg.norm(second)
    return (
        bool(lengths > 0) and low < math.degrees(math.acos(np.clip(first @ second / lengths, -1, 1))) < high
    )


def _holds(moment: _Moment) -> list[bool]:
    at, fast, height = moment.at, moment.fast, moment.height
    trunk = at("root") - at("neck")
    return [
        moment.nmove("neck", "rhip", "lhip", "rwrist") > 1.8 * HL,
        moment.nmove("neck", "lhip", "rhip", "lwrist") > 1.8 * HL,
        moment.nplane("chest", "neck", "neck", "rwrist") > 0.2 * HL,
        moment.nplane("chest", "neck", "neck", "lwrist") > 0.2 * HL,
        moment.move("belly", "chest", "chest") > 1.8 * HL,
        moment.move("belly", "chest", "chest") > 1.8 * HL,
        moment.bend("relbow", "rshoulder", "rwrist"),
        moment.bend("lelbow", "lshoulder", "lwrist"),
        moment.nplane("lshoulder", "rshoulder", "lwrist", "rwrist") > 2.5 * SW,
        moment.move("lwrist", "rwrist", "rwrist") > 1.4 * HL,
        moment.move("rwrist", "root", "lwrist") > 1.4 * HL,
        moment.move("lwrist", "root", "rwrist") > 1.4 * HL,
        fast("rwrist") > 2.5 * HL,
        fast("lwrist") > 2.5 * HL,
        moment.plane("root", "lhip", "ltoes", "rankle") > 0.38 * HL,
        moment.plane("root", "rhip", "rtoes", "lankle") > 0.38 * HL,
        height("rankle") > 1.2 * HL,
        height("lankle") > 1.2 * HL,
        moment.nplane("lhip", "rhip", "lankle", "rankle") > 2.1 * HW,
        moment.bend("rknee", "rhip", "rankle"),
        moment.bend("lknee", "lhip", "lankle"),
        fast("rankle") > 2.5 * HL,
        fast("lankle") > 2.5 * HL,
        _inside(25, trunk, at("relbow") - at("rshoulder"), 180),
        _inside(25, trunk, at("lelbow") - at("lshoulder"), 180),
        _inside(50, trunk, at("rknee") - at("rhip"), 180),
        _inside(50, trunk, at("lknee") - at("lhip"), 180),
        moment.plane("rankle", "neck", "lankle", "root") > 0.5 * HL,
        _inside(70, trunk, np.array([0.0, 1.0, 0.0]), 110),
        height("rwrist") < 1.2 * HL,
        height("lwrist") < 1.2 * HL,
        fast("root") > 2.3 * HL,
    ]


def resampled(positions: np.ndarray, fps: int, target_fps: int = 60) -> np.ndarray:
    """Positions at whole multiples of the target's period, on the not-a-knot cubic spline."""
    spline = CubicSpline(np.arange(len(positions)) / fps, positions, bc_type="not-a-knot")
    return np.stack([spline(i / target_fps) for i in range((len(positions) - 1) * target_fps // fps + 1)])


def image_geometric(keypoints: np.ndarray) -> np.ndarray:
    """Share of frames in which the relations of mace-2d hold, of key-points (T, K, 2) in pixels."""
    points = [_named(frame) for frame in keypoints]
    unit = np.linalg.norm(points[0]["lshoulder"] - points[0]["rshoulder"]) + 1e-6
    moves = {
        1: ("shoulders", 1.8), 2: ("shoulders", 1.8), 5: ("hips", 1.8), 6: ("hips", 1.8), 10: ("lwrist", 1.4),
        11: ("rwrist", 1.4), 12: ("lwrist", 1.4), 13: ("rwrist", 2.5), 14: ("lwrist", 2.5),
        22: ("rankle", 2.5), 23: ("lankle", 2.5), 32: ("hips", 2.3),
    }  # fmt: skip
    rows = []
    for before, now in itertools.pairwise(points):
        row = np.zeros(32)
        for number, (name, least) in moves.items():
            row[number - 1] = np.linalg.norm(now[name] - before[name]) > least * unit
        trunk = now["hips"] - now["shoulders"]
        down = np.array([0.0, 1.0])
        for side, columns in (("r", (7, 20, 24, 26)), ("l", (8, 21, 25, 27))):
            shoulder, elbow, wrist = (now[side + name] for name in ("shoulder", "elbow", "wrist"))
            hip, knee, ankle = (now[side + name] for name in ("hip", "knee", "ankle"))
            angles = (
                (shoulder - elbow, wrist - elbow, 0, 110), (hip - knee, ankle - knee, 0, 110),
                (trunk, elbow - shoulder, 25, 180), (trunk, knee - hip, 50, 180),
            )  # fmt: skip
            for number, (first, second, low, high) in zip(columns, angles, strict=True):
                row[number - 1] = low <= _image_angle(first, second) <= high
        row[28] = 70 <= _image_angle(trunk, down) <= 110
        rows.append(row)
    return np.mean(rows, axis=0)


def _named(frame: np.ndarray) -> dict[str, np.ndarray]:
    """Key-points where they are in the image, with the middles of hips and shoulders."""
    points = {name: frame[index] for name, index in KEYPOINTS.items()}
    return points | {
        "hips": (points["lhip"] + points["rhip"]) / 2,
        "shoulders": (points["lshoulder"] + points["rshoulder"]) / 2,
    }


def _image_angle(first: np.ndarray, second: np.ndarray) -> float:
    lengths = (np.linalg.norm(first) + 1e-6, np.linalg.norm(second) + 1e-6)
    return math.degrees(math.acos(np.clip((first / lengths[0]) @ (second / lengths[1]), -1, 1)))


def hip_centred(keypoints: np.ndarray) -> np.ndarray:
    return np.stack([frame - (frame[11] + frame[12]) / 2 for frame in keypoints])


def joints_in_image_plane(keypoints: np.ndarray) -> np.ndarray:
    """SMPL's joints (T, 24, 3) of default-2d, from ViTPose's 25 key-points, or others that begin as COCO's 17."""
    toes = ("ltoes", "rtoes") if keypoints.shape[1] == 25 else ("lankle", "rankle")
    sources = dict.fromkeys(("root", "belly", "spine"), ("lhip", "rhip"))
    sources |= dict.fromkeys(("chest", "neck"), ("lshoulder", "rshoulder"))
    sources |= {"head": ("nose",), "ltoes": toes[:1], "rtoes": toes[1:]}
    for side in "lr":
        for name in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist"):
            sources[side + name] = (side + name,)
        sources[side + "collar"] = (side + "shoulder",)
        sources[side + "hand"] = (side + "wrist",)
    lengths = [np.linalg.norm((frame[5] + frame[6]) / 2 - (frame[11] + frame[12]) / 2) for frame in keypoints]
    scale = TORSO_METRES / sorted(lengths)[(len(lengths) - 1) // 2]
    joints = np.zeros((len(keypoints), 24, 3))
    for frame, points in enumerate(hip_centred(keypoints)):
        for name, index in SMPL.items():
            mean = sum(points[KEYPOINTS[source]] for source in sources[name]) / len(sources[name])
            joints[frame, index, :2] = mean[0] * scale, -mean[1] * scale
    return joints


def random_walk(num_frames: int, num_joints: int, dimensions: int, step: float, seed: int) -> np.ndarray:
    """Points that start anywhere and wander (T, J, D)."""
    generator = np.random.default_rng(seed)
    steps = step * generator.standard_normal((num_frames, num_joints, dimensions))
    steps[0] = 20 * step * generator.standard_normal((num_joints, dimensions))
    return steps.cumsum(axis=0)


def swaying_body(fps: int, seconds: int = 8, seed: int = 0) -> np.ndarray:
    """A body whose joints each sway at four rates below 3 Hz, metres (T, 24, 3)."""
    generator = np.random.default_rng(seed)
    times = np.arange(seconds * fps + 1)[:, None, None] / fps
    joints = np.broadcast_to(rest_joints(), (len(times), 24, 3))
    for hertz in (0.5, 1.1, 1.7, 2.6):
        amplitude, phase = generator.standard_normal((24, 3)), generator.random((24, 3))
        joints = joints + 0.08 / hertz * amplitude * np.sin(2 * np.pi * (hertz * times + phase))
    return joints


def seen_in_image(joints: np.ndarray) -> np.ndarray:
    """Key-points in pixels (T, 25, 2) of SMPL's joints, seen from far in front."""
    names = (
        "head", "head", "head", "head", "head", "lshoulder", "rshoulder", "lelbow", "relbow", "lwrist",
        "rwrist", "lhip", "rhip", "lknee", "rknee", "lankle", "rankle", "head", "neck", "ltoes", "ltoes",
        "lankle", "rtoes", "rtoes", "rankle",
    )  # fmt: skip
    return joints[:, [SMPL[name] for name in names], :2] * (150, -150) + np.array([320, 400])
