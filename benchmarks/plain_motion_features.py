"""The motion features of AIST++ as one would first write them: loops over joints, frames and windows in numpy.

What the vectorised features are timed against and compared with. Positions (T, 24, 3) in metres, y up.
"""

from __future__ import annotations

import math

import numpy as np

FRAME_SECONDS, SPEED_FPS, REACH = 1 / 60, 120, 2
NAMES = (
    "root", "lhip", "rhip", "belly", "lknee", "rknee", "spine", "lankle", "rankle", "chest", "ltoes",
    "rtoes", "neck", "lcollar", "rcollar", "head", "lshoulder", "rshoulder", "lelbow", "relbow", "lwrist",
    "rwrist", "lhand", "rhand",
)  # fmt: skip
ARM = math.dist((0.199113488, 0.236807942, -0.0180702247), (0.454445392, 0.221158922, -0.0410167128))
SHOULDERS = math.dist((0.199113488, 0.236807942, -0.0180702247), (-0.191692337, 0.236928746, -0.0123055102))
HIPS = math.dist((0.0564076714, -0.323069185, 0.0109197125), (-0.0624834076, -0.331302464, 0.0150412619))


def kinetic_features(positions: np.ndarray) -> np.ndarray:
    """Mean squared horizontal and vertical speed and mean acceleration of each joint (72,)."""
    features = []
    for joint in range(positions.shape[1]):
        features.append(_mean_over_frames(_horizontal_energy, positions, joint))
        features.append(_mean_over_frames(_vertical_energy, positions, joint))
        features.append(_mean_over_frames(_acceleration, positions, joint))
    return np.array(features)


def _mean_over_frames(function, positions: np.ndarray, joint: int) -> float:
    total = 0.0
    for frame in range(1, len(positions)):
        total += function(positions, frame, joint)
    return total / (len(positions) - 1)


def _velocity(positions: np.ndarray, frame: int, joint: int) -> np.ndarray:
    total, count = np.zeros(3), 0
    for neighbour in range(frame - REACH, frame + REACH + 1):
        if neighbour - 1 < 0 or neighbour >= len(positions):
            continue
        total += positions[neighbour][joint] - positions[neighbour - 1][joint]
        count += 1
    return total / (count * FRAME_SECONDS)


def _horizontal_energy(positions: np.ndarray, frame: int, joint: int) -> float:
    velocity = _velocity(positions, frame, joint)
    return velocity[0] ** 2 + velocity[2] ** 2


def _vertical_energy(positions: np.ndarray, frame: int, joint: int) -> float:
    return _velocity(positions, frame, joint)[1] ** 2


def _acceleration(positions: np.ndarray, frame: int, joint: int) -> float:
    total, count = np.zeros(3), 0
    for neighbour in range(frame - REACH, frame + REACH + 1):
        if neighbour - 1 < 0 or neighbour + 1 >= len(positions):
            continue
        after = (positions[neighbour + 1][joint] - positions[neighbour][joint]) / FRAME_SECONDS
        before = positions[neighbour][joint] - positions[neighbour - 1][joint] / FRAME_SECONDS  # the slip
        total += (after - before) / FRAME_SECONDS
        count += 1
    return float(np.linalg.norm(total / count))


def geometric_features(positions: np.ndarray) -> np.ndarray:
    """Share of frames in which each of 32 relations holds (32,)."""
    counts = np.zeros(32)
    for frame in range(1, len(positions)):
        counts += Pose(positions[frame - 1], positions[frame]).relations()
    return counts / (len(positions) - 1)


class Pose:
    """One frame and the one before it, with the joints by name."""

    def __init__(self, before: np.ndarray, now: np.ndarray) -> None:
        self.now = dict(zip(NAMES, now, strict=True))
        self.before = dict(zip(NAMES, before, strict=True))
        self.lowest = now[:, 1].min()

    def relations(self) -> np.ndarray:
        """Which of the 32 relations hold (32,)."""
        trunk, upright = self._vector("neck", "root"), np.array([0.0, 1.0, 0.0])
        chest_moves = self._approach("belly", "chest", "chest") > 1.8 * ARM
        return np.array([
            self._leaves("neck", "rhip", "lhip", "rwrist") > 1.8 * ARM,
            self._leaves("neck", "lhip", "rhip", "lwrist") > 1.8 * ARM,
            self._ahead("chest", "neck", "neck", "rwrist") > 0.2 * ARM,
            self._ahead("chest", "neck", "neck", "lwrist") > 0.2 * ARM,
            chest_moves,
            chest_moves,
            self._bent("relbow", "rshoulder", "rwrist"),
            self._bent("lelbow", "lshoulder", "lwrist"),
            self._ahead("lshoulder", "rshoulder", "lwrist", "rwrist") > 2.5 * SHOULDERS,
            self._approach("lwrist", "rwrist", "rwrist") > 1.4 * ARM,
            self._approach("rwrist", "root", "lwrist") > 1.4 * ARM,
            self._approach("lwrist", "root", "rwrist") > 1.4 * ARM,
            self._speed("rwrist") > 2.5 * ARM,
            self._speed("lwrist") > 2.5 * ARM,
            self._off_plane("root", "lhip", "ltoes", "rankle") > 0.38 * ARM,
            self._off_plane("root", "rhip", "rtoes", "lankle") > 0.38 * ARM,
            self.now["rankle"][1] - self.lowest > 1.2 * ARM,
            self.now["lankle"][1] - self.lowest > 1.2 * ARM,
            self._ahead("lhip", "rhip", "lankle", "rankle") > 2.1 * HIPS,
            self._bent("rknee", "rhip", "rankle"),
            self._bent("lknee", "lhip", "lankle"),
            self._speed("rankle") > 2.5 * ARM,
            self._speed("lankle") > 2.5 * ARM,
            25 < _angle(trunk, self._vector("rshoulder", "relbow")) < 180,
            25 < _angle(trunk, self._vector("lshoulder", "lelbow")) < 180,
            50 < _angle(trunk, self._vector("rhip", "rknee")) < 180,
            50 < _angle(trunk, self._vector("lhip", "lknee")) < 180,
            self._off_plane("rankle", "neck", "lankle", "root") > 0.5 * ARM,
            70 < _angle(trunk, upright) < 110,
            self.lowest - self.now["rwrist"][1] > -1.2 * ARM,
            self.lowest - self.now["lwrist"][1] > -1.2 * ARM,
            self._speed("root") > 2.3 * ARM,
        ])  # fmt: skip

    def _vector(self, start: str, end: str) -> np.ndarray:
        return self.now[end] - self.now[start]

    def _moved(self, name: str) -> np.ndarray:
        return (self.now[name] - self.before[name]) * SPEED_FPS

    def _speed(self, name: str) -> float:
        return float(np.linalg.norm(self._moved(name)))

    def _normal(self, a: str, b: str, c: str) -> np.ndarray:
        return np.cross(self._vector(a, c), self._vector(a, b))

    def _off_plane(self, a: str, b: str, c: str, point: str) -> float:
        return _component(self._vector(a, point), self._normal(a, b, c))

    def _ahead(self, start: str, end: str, origin: str, point: str) -> float:
        return _component(self._vector(origin, point), self._vector(start, end))

    def _approach(self, a: str, b: str, point: str) -> float:
        return _component(self._moved(point) - self._moved(a), self._vector(a, b))

    def _leaves(self, a: str, b: str, c: str, point: str) -> float:
        return _component(self._moved(point) - self._moved(a), self._normal(a, b, c))

    def _bent(self, joint: str, one: str, other: str) -> bool:
        return 0 < _angle(self._vector(joint, one), self._vector(joint, other)) < 110


def _component(vector: np.ndarray, direction: np.ndarray) -> float:
    return float(vector @ direction / np.linalg.norm(direction))


def _angle(one: np.ndarray, other: np.ndarray) -> float:
    cosine = one @ other / (np.linalg.norm(one) * np.linalg.norm(other))
    return math.degrees(math.acos(min(max(cosine, -1.0), 1.0)))
