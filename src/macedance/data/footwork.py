"""Footwork of the dance vocabulary, on counts, told for a dancer who begins with the right foot.

Metres and radians in the dancer's own frame: x to the left, z forward, angles about y to the left. Both feet
stand at (+-STANCE, 0), measured at the ball of the foot. Begun with the left foot, a move is mirrored.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

STANCE = 0.11
COUNTS_PER_PHRASE = 8
LEFT, RIGHT = "left", "right"


@dataclass(frozen=True)
class Step:
    """Where a foot arrives at a count.

    Attributes:
        count: 1 is the first.
        foot: `LEFT` or `RIGHT`.
        x: Of the ball of the foot, as z.
        turn: Beyond the natural turn-out.
        height: Of the ball of the foot above the floor at the count: 0 for a foot that stands.
        heel: Pitch of the foot; positive lifts the heel, negative the toes.
        lift: Height of the ball on the way; 0 slides or pivots.
        num_counts: How long the way takes.
    """

    count: int
    foot: str
    x: float
    z: float = 0.0
    turn: float = 0.0
    height: float = 0.0
    heel: float = 0.0
    lift: float = 0.06
    num_counts: int = 1

    def mirrored(self) -> Step:
        """The same step of the other foot."""
        return replace(self, foot=LEFT if self.foot == RIGHT else RIGHT, x=-self.x, turn=-self.turn)


@dataclass(frozen=True)
class Footwork:
    """Steps over four or eight counts, and what the pelvis does above them.

    Attributes:
        weights: At each count, where the body's weight is: -1 over the right foot, 1 over the left.
        drops: How far the pelvis sinks below standing at each count.
        hips: Yaw of the pelvis against the dancer's heading at each count; one value holds for all.
        headings: Turn of the whole dancer since the start of the move at each count; none if empty.
        min_energy: Least energy of the music that it suits.
    """

    name: str
    steps: tuple[Step, ...]
    weights: tuple[float, ...]
    drops: tuple[float, ...]
    hips: tuple[float, ...] = (0.0,)
    headings: tuple[float, ...] = ()
    min_energy: float = 0.0

    @property
    def num_counts(self) -> int:
        """Its length."""
        return len(self.weights)

    def mirrored(self) -> Footwork:
        """The same footwork begun with the other foot."""
        return replace(
            self,
            steps=tuple(step.mirrored() for step in self.steps),
            weights=tuple(-weight for weight in self.weights),
            hips=tuple(-yaw for yaw in self.hips),
            headings=tuple(-heading for heading in self.headings),
        )


def _pivots(counts: range, turn: float, heel: float) -> tuple[Step, ...]:
    """Both feet swivel on their balls, to one side and to the other in turn."""
    return tuple(
        Step(count, foot, x, turn=turn if count % 2 else -turn, heel=heel, lift=0.0)
        for count in counts
        for foot, x in ((RIGHT, -STANCE), (LEFT, STANCE))
    )


def _in_place(num_counts: int, lift: float) -> tuple[Step, ...]:
    return tuple(
        Step(count, RIGHT if count % 2 else LEFT, -STANCE if count % 2 else STANCE, lift=lift)
        for count in range(1, num_counts + 1)
    )


FOOTWORK: tuple[Footwork, ...] = (
    Footwork(
        "step_touch",
        (
            Step(1, RIGHT, -0.44),
            Step(2, LEFT, -0.22, heel=0.35),
            Step(3, LEFT, 0.13),
            Step(4, RIGHT, -0.09, heel=0.35),
        ),
        weights=(-1.0, -0.9, 1.0, 0.9),
        drops=(0.03, 0.01, 0.03, 0.01),
    ),
    Footwork(
        "side_steps",
        (Step(1, RIGHT, -0.40), Step(2, LEFT, -0.14), Step(3, RIGHT, -0.62), Step(4, LEFT, -0.42, heel=0.35)),
        weights=(-1.0, 0.7, -1.0, -0.9),
        drops=(0.03, 0.0, 0.03, 0.01),
        hips=(-0.1, 0.0, -0.1, 0.1),
    ),
    Footwork(
        "grapevine",
        (
            Step(1, RIGHT, -0.40),
            Step(2, LEFT, -0.50, -0.24, heel=0.2, lift=0.05),
            Step(3, RIGHT, -0.76),
            Step(4, LEFT, -0.54, heel=0.35),
        ),
        weights=(-1.0, 0.8, -1.0, -0.9),
        drops=(0.03, 0.05, 0.03, 0.01),
        hips=(0.0, 0.2, 0.0, -0.1),
    ),
    Footwork("march", _in_place(4, 0.15), weights=(-0.8, 0.8, -0.8, 0.8), drops=(0.02, 0.02, 0.02, 0.02)),
    Footwork(
        "knee_lift",
        (
            Step(1, RIGHT, -0.20),
            Step(2, LEFT, 0.06, 0.16, height=0.30, heel=0.45, lift=0.0),
            Step(3, LEFT, 0.20, lift=0.0),
            Step(4, RIGHT, -0.06, 0.16, height=0.30, heel=0.45, lift=0.0),
        ),
        weights=(-0.9, -1.0, 0.9, 1.0),
        drops=(0.04, 0.0, 0.04, 0.0),
        min_energy=0.5,
    ),
    Footwork(
        "bounce",
        (Step(1, RIGHT, -0.24, lift=0.04), Step(8, LEFT, 0.06, heel=0.3, lift=0.03)),
        weights=(-0.5, -0.5, 0.5, 0.5, -0.5, 0.5, 0.0, -0.8),
        drops=(0.09, 0.02, 0.10, 0.02, 0.13, 0.05, 0.16, 0.02),
        hips=(0.1, 0.1, -0.1, -0.1, 0.1, -0.1, 0.0, 0.0),
    ),
    Footwork(
        "hip_sway",
        (
            Step(1, RIGHT, -0.17, lift=0.04),
            Step(1, LEFT, 0.11, heel=0.35, lift=0.0),
            Step(2, LEFT, 0.11, lift=0.0),
            Step(2, RIGHT, -0.17, heel=0.35, lift=0.0),
            Step(3, RIGHT, -0.17, lift=0.0),
            Step(3, LEFT, 0.11, heel=0.35, lift=0.0),
            Step(4, LEFT, 0.11, lift=0.0),
            Step(4, RIGHT, -0.17, heel=0.35, lift=0.0),
        ),
        weights=(-1.2, 1.2, -1.2, 1.2),
        drops=(0.05, 0.05, 0.05, 0.05),
        hips=(0.2, -0.2, 0.2, -0.2),
    ),
    Footwork(
        "twist",
        _pivots(range(1, 5), turn=0.5, heel=0.22),
        weights=(-0.3, 0.3, -0.3, 0.3),
        drops=(0.05, 0.08, 0.11, 0.06),
        hips=(0.4, -0.4, 0.4, -0.4),
        min_energy=0.4,
    ),
    Footwork(
        "turn",
        _in_place(8, 0.06),
        weights=(-0.7, 0.7) * 4,
        drops=(0.04, 0.02) * 4,
        headings=(-0.6, -1.4, -2.2, -3.0, -3.9, -4.8, -5.6, -6.2832),
        min_energy=0.5,
    ),
    Footwork(
        "quarter_turns",
        _in_place(8, 0.06),
        weights=(-0.7, 0.7) * 4,
        drops=(0.03, 0.03, 0.08, 0.03) * 2,
        headings=(-0.7, -1.2, -1.2, -1.2, -0.6, 0.6, 0.6, 0.0),
    ),
    Footwork(
        "rock_step",
        (
            Step(1, RIGHT, -0.10, 0.27),
            Step(2, RIGHT, -0.10, 0.27, heel=0.3, lift=0.0),
            Step(3, RIGHT, -0.12, -0.25, heel=0.25),
            Step(4, RIGHT, -0.11, 0.0, heel=0.2, lift=0.04),
        ),
        weights=(-0.7, 0.8, -0.5, 0.9),
        drops=(0.05, 0.01, 0.05, 0.01),
        hips=(0.15, 0.0, -0.15, 0.0),
    ),
    Footwork(
        "jazz_square",
        (
            Step(1, RIGHT, 0.07, 0.30, turn=0.15),
            Step(2, LEFT, 0.17, -0.12),
            Step(3, RIGHT, -0.17, -0.12),
            Step(4, LEFT, 0.11, 0.06),
        ),
        weights=(-0.8, 0.8, -0.8, 0.8),
        drops=(0.05, 0.02, 0.03, 0.02),
        hips=(0.2, 0.0, -0.1, 0.0),
    ),
    Footwork(
        "heel_taps",
        (
            Step(1, RIGHT, -0.15, 0.26, height=0.05, heel=-0.4, lift=0.03),
            Step(2, RIGHT, -0.11),
            Step(3, LEFT, 0.15, 0.26, height=0.05, heel=-0.4, lift=0.03),
            Step(4, LEFT, 0.11),
        ),
        weights=(1.0, -0.7, -1.0, 0.7),
        drops=(0.04, 0.01, 0.04, 0.01),
    ),
    Footwork(
        "slide",
        (Step(1, RIGHT, -0.50, lift=0.03), Step(3, LEFT, -0.28, heel=0.2, lift=0.0, num_counts=2)),
        weights=(-0.7, -0.9, -1.0, -0.9),
        drops=(0.10, 0.07, 0.02, 0.04),
        hips=(0.15, 0.1, 0.0, 0.0),
    ),
    Footwork(
        "kick",
        (
            Step(1, RIGHT, -0.10, 0.58, height=0.30, heel=0.1, lift=0.0),
            Step(2, RIGHT, -0.12, lift=0.02),
            Step(3, LEFT, 0.10, 0.58, height=0.30, heel=0.1, lift=0.0),
            Step(4, LEFT, 0.12, lift=0.02),
        ),
        weights=(1.0, -0.7, -1.0, 0.7),
        drops=(0.02, 0.03, 0.02, 0.03),
        min_energy=0.7,
    ),
    Footwork(
        "lunge",
        (Step(1, RIGHT, -0.44, 0.06, turn=-0.3), Step(4, RIGHT, -0.20, 0.02, heel=0.2, lift=0.04)),
        weights=(-0.7, -0.7, -0.8, 0.8),
        drops=(0.12, 0.13, 0.14, 0.03),
        hips=(-0.2, -0.2, -0.2, 0.0),
    ),
)

BREAK_FOOTWORK: tuple[str, ...] = ("lunge", "hip_sway", "bounce", "rock_step")
