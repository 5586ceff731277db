"""Writes moves, one after the other, as key frames of a dance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from macedance.data.choreography.arm_poses import ARM_POSES, REST_POSE
from macedance.data.choreography.composition import Phrase
from macedance.data.choreography.dance_score import DanceScore
from macedance.data.choreography.dancer import Dancer
from macedance.data.choreography.foot_writer import MAX_WAY_SECONDS, SIDES, FootWriter, least_stance, turned
from macedance.data.choreography.keyframes import Track
from macedance.data.choreography.moves import LEFT, RIGHT, STANCE, Footwork, Step, UpperBody

MAX_FLIGHT_SECONDS = 0.4
FLOOR_METRES = 0.8
"""How far from the middle of the floor a dancer goes."""

SLOW_ARM_SECONDS = 0.42
"""Arms take two counts to a pose if one is shorter than this."""

Key = tuple[float, np.ndarray, float]
"""Count, values and flow."""


class ScoreWriter:
    """Appends moves; each starts from where the standing foot is, with the other foot.

    Begun with the left it is mirrored.

    Args:
        beat_seconds: Steps get smaller the shorter it is.
        dancer: Sizes and habits.
        offbeat: Where the "and" lies between two beats.
        energy_at: Energy of the music at a count.
    """

    def __init__(
        self, beat_seconds: float, dancer: Dancer, *, offbeat: float, energy_at: Callable[[float], float]
    ) -> None:
        self.beat_seconds = beat_seconds
        self.dancer = dancer
        self.offbeat = offbeat
        self.energy_at = energy_at
        self.heading = 0.0
        self.weight = 1.0
        carriage = dancer.carriage
        stance = max(STANCE + carriage.stance, least_stance(carriage.turn_out))
        self.feet = FootWriter(beat_seconds, stance, carriage.turn_out)
        self.keys: dict[str, list[Key]] = {
            name: [] for name in ("pelvis", "tilt", "spine", "head", "shoulders", LEFT, RIGHT, "energy")
        }
        self.flights: list[tuple[float, float]] = []

    def write_phrase(self, phrase: Phrase, count: float) -> None:
        """Add the moves of a phrase that begins at a count."""
        for danced in phrase:
            footwork = danced.move.footwork
            upper = danced.upper if self.weight > 0 else danced.upper.mirrored()
            facing = np.arctan2(np.sin(self.heading), np.cos(self.heading))
            size = danced.size * self.dancer.carriage.size
            self.write_footwork(
                footwork,
                count=count,
                pace=danced.pace,
                size=size,
                turn=float(danced.facing - facing),
                travel=danced.travel,
            )
            self.write_upper_body(
                upper, count=count, num_counts=footwork.num_counts, pace=danced.pace, size=size
            )
            count += danced.num_beats

    def write_footwork(
        self,
        footwork: Footwork,
        *,
        count: float,
        pace: float,
        size: float,
        turn: float = 0.0,
        travel: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Add footwork whose count 1 is at `count`.

        Args:
            footwork: As told for a dancer who begins with the right foot.
            count: In beats.
            pace: Beats to a count of the move.
            size: Of its steps.
            turn: By how much the dancer's heading changes on the way, in the first two counts.
            travel: Where the dancer goes with each count, x and z of the frame in which the move ends; the
                other way where that would lead off the floor.
        """
        danced = footwork if self.weight > 0 else footwork.mirrored()
        standing, free, side = (LEFT, RIGHT, 1.0) if self.weight > 0 else (RIGHT, LEFT, -1.0)
        home, first_heading = self.feet.home(standing, self.heading), self.heading
        stride = float(np.clip(pace * self.beat_seconds / 0.5, 0.72, 1.12))
        scale = stride * size * (0.75 + 0.25 * self.energy_at(count))
        way = self._on_the_floor(home, turned(travel[0] * side, travel[1], first_heading + turn), danced)
        is_out = self.feet.is_out_of_stance(free, home, self.heading)
        steps = _with_closing_step(danced.steps, is_out, free)
        for number, weight in enumerate(danced.weights):
            offset = number / danced.grid
            moving = [step for step in steps if offset - 1 / danced.grid < step.count - 1 - 1e-6 <= offset]
            before = self.heading
            self.heading = first_heading + turn * min((offset + 1) / 2, 1.0)
            if danced.headings:
                self.heading += danced.headings[number]
            middle = home + way * (offset + 1)
            if danced.turns_on_standing_foot:
                middle = self.feet.home(standing, self.heading, homing=0.0)
            elif danced.path:
                x, z = danced.path[number]
                middle = home + turned(x * scale, z * scale, first_heading)
            for step in moving:
                self._write_step(step, danced, middle, count, pace, scale, other_stays=len(moving) == 1)
            if abs(self.heading - before) > 1e-6:
                self._swivel({step.foot for step in moving}, danced, number, count, pace, turn)
            self._write_pelvis(danced, number, self._time(count, offset, pace), pace, scale)
            self.weight = weight

    def write_upper_body(
        self, upper: UpperBody, *, count: float, num_counts: float, pace: float, size: float
    ) -> None:
        """Add the pattern of arms, trunk and head, over so many counts of the move."""
        for number in range(round(num_counts / upper.trunk_counts)):
            time = self._time(count, number * upper.trunk_counts, pace)
            self._write_trunk(upper, number, time, size)
        arm_counts = upper.arm_counts
        if arm_counts >= 1 and arm_counts * pace * self.beat_seconds < SLOW_ARM_SECONDS:
            arm_counts *= 2
        num_poses = max(round(num_counts / arm_counts), 1)
        if arm_counts < 1:
            num_poses -= 1  # there is time to get to what follows
        for number in range(num_poses):
            time = self._time(count, number * arm_counts, pace)
            self._write_arms(upper, number, time, size)

    def score(self, hits: np.ndarray) -> DanceScore:
        """Everything written so far, with accents at the counts (M,)."""
        tracks = {name: _track(keys) for name, keys in self.keys.items()}
        return DanceScore(
            feet={side: self.feet.track(side) for side, _ in SIDES},
            pelvis=tracks["pelvis"],
            tilt=tracks["tilt"],
            spine=tracks["spine"],
            head=tracks["head"],
            shoulders=tracks["shoulders"],
            arms={side: tracks[side] for side in (LEFT, RIGHT)},
            energy=tracks["energy"],
            flights=np.array(self.flights).reshape(-1, 2),
            hits=hits,
            beat_seconds=self.beat_seconds,
        )

    def _time(self, count: float, offset: float, pace: float) -> float:
        """Beats at an offset in counts of a move; in the middle of a beat it swings with the music."""
        whole, part = divmod(count + offset * pace, 1.0)
        middle = self.offbeat
        return whole + (2 * part * middle if part < 0.5 else middle + (2 * part - 1) * (1 - middle))

    def _on_the_floor(self, home: np.ndarray, way: np.ndarray, footwork: Footwork) -> np.ndarray:
        """The way (2,) of a count, turned round if it led too far from the middle of the floor."""
        end = float(np.linalg.norm(home + footwork.num_counts * way))
        is_off = end > max(FLOOR_METRES, float(np.linalg.norm(home)))
        return -way if is_off else way

    def _write_step(
        self,
        step: Step,
        footwork: Footwork,
        home: np.ndarray,
        count: float,
        pace: float,
        scale: float,
        *,
        other_stays: bool,
    ) -> None:
        time = self._time(count, step.count - 1, pace)
        duration = step.duration * pace
        if step.count in footwork.jumps:
            duration = self._flight(footwork, pace)
        elif step.duration <= 1:
            duration = min(duration, MAX_WAY_SECONDS / self.beat_seconds)
        scale = min(scale, 1.0) if step.height > 0 else scale  # legs get no longer
        self.feet.step(
            step,
            time,
            home=home,
            heading=self.heading,
            scale=scale,
            duration=duration,
            other_stays=other_stays,
        )

    def _swivel(
        self, moving: set[str], footwork: Footwork, number: int, count: float, pace: float, turn: float
    ) -> None:
        """The foot that stays turns on its ball with the body, and comes down when the turn ends."""
        offset = number / footwork.grid
        following = footwork.headings[number + 1 :][:1]
        goes_on = bool(following) and following[0] != footwork.headings[number]
        goes_on = goes_on or (turn != 0 and offset < 1)
        for side, _ in SIDES:
            if side not in moving:
                time = self._time(count, offset, pace)
                duration = pace / footwork.grid
                self.feet.swivel(side, time, self.heading, duration=duration, is_last=not goes_on)

    def _flight(self, footwork: Footwork, pace: float) -> float:
        """Beats in the air: there must be time for the landing and the next crouch."""
        landings = (*footwork.jumps, footwork.jumps[0] + footwork.num_counts)
        gap = float(np.diff(landings).min())
        return min(MAX_FLIGHT_SECONDS / self.beat_seconds, 0.45 * gap * pace, 0.7 * pace)

    def _write_pelvis(self, footwork: Footwork, number: int, time: float, pace: float, scale: float) -> None:
        if number / footwork.grid + 1 in footwork.jumps:
            self.flights.append((time - self._flight(footwork, pace), time))
        values = np.array(
            [
                self.heading,
                footwork.hips[number % len(footwork.hips)],
                footwork.rolls[number % len(footwork.rolls)],
                footwork.drops[number] * scale,
                footwork.weights[number],
            ]
        )
        self.keys["pelvis"].append((time, values, self.dancer.carriage.flow))

    def _write_trunk(self, upper: UpperBody, number: int, time: float, size: float) -> None:
        energy = self.energy_at(time)
        size = size * (0.65 + 0.35 * energy)
        flow = self.dancer.carriage.flow if upper.flow is None else upper.flow

        def of(pattern: tuple[tuple[float, ...], ...]) -> np.ndarray:
            return size * np.array(pattern[number % len(pattern)])

        self.keys["energy"].append((time, np.array([energy]), 1.0))
        self.keys["tilt"].append((time, of(upper.pelvis), flow))
        self.keys["spine"].append((time, np.array([*of(upper.spine), *of(upper.chest), upper.wave]), flow))
        self.keys["head"].append((time, of(upper.head), flow))
        self.keys["shoulders"].append((time, of(upper.shoulders), flow))

    def _write_arms(self, upper: UpperBody, number: int, time: float, size: float) -> None:
        reach = np.clip(size * (0.72 + 0.28 * self.energy_at(time)), 0, 1.06)
        flow = self.dancer.carriage.flow if upper.flow is None else upper.flow
        for side, name in zip((LEFT, RIGHT), upper.arms[number % len(upper.arms)], strict=True):
            pose = ARM_POSES[name]
            self.keys[side].append((time, REST_POSE + reach * (pose - REST_POSE), flow))


def _with_closing_step(steps: tuple[Step, ...], is_out: bool, free: str) -> list[Step]:
    """The steps, after one that brings the free foot below the body if it would stay elsewhere."""
    first = min((step.count - step.duration for step in steps if step.foot == free), default=9.0)
    if not is_out or first < 1:
        return list(steps)
    side = STANCE if free == LEFT else -STANCE
    return [Step(1, free, side, lift=0.06), *steps]


def _track(keys: list[Key]) -> Track:
    """The keys in the order of their counts; of two at one count the later written stands."""
    by_count = {round(count, 6): (values, flow) for count, values, flow in keys}
    counts = sorted(by_count)
    return Track(
        np.array(counts, dtype=np.float64),
        np.stack([by_count[count][0] for count in counts]),
        np.array([by_count[count][1] for count in counts]),
    )
