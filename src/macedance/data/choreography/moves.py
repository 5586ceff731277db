"""What a move of the dance vocabulary is, told on counts for a dancer who begins with the right foot.

Metres and radians in the dancer's own frame: x to the left, z forward, angles about y to the left, rolls to
the right, pitches forward. Both feet stand at (+-STANCE, 0), measured at the ball of the foot. Begun with the
left foot, a move is mirrored. Counts are beats; a half is the "and" between two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

STANCE = 0.11
COUNTS_PER_PHRASE = 8
LEFT, RIGHT = "left", "right"

Angles = tuple[float, float, float]
"""Yaw, roll and pitch."""


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
        lift: Height of the ball on the way; 0 slides or pivots on it.
        duration: Counts that the way takes.
    """

    count: float
    foot: str
    x: float
    z: float = 0.0
    turn: float = 0.0
    height: float = 0.0
    heel: float = 0.0
    lift: float = 0.09
    duration: float = 1.0

    def mirrored(self) -> Step:
        """The same step of the other foot."""
        return replace(self, foot=LEFT if self.foot == RIGHT else RIGHT, x=-self.x, turn=-self.turn)


def right(count: float, x: float, z: float = 0.0, **how: float) -> Step:
    """A step of the right foot."""
    return Step(count, RIGHT, x, z, **how)


def left(count: float, x: float, z: float = 0.0, **how: float) -> Step:
    """A step of the left foot."""
    return Step(count, LEFT, x, z, **how)


@dataclass(frozen=True)
class Footwork:
    """Steps over four or eight counts, and what the pelvis does above them.

    All but `steps` and `jumps` are told key by key, `grid` keys to a count.

    Attributes:
        weights: Where the weight is while both feet stand: -1 over the right foot, 1 over the left.
        drops: How far the pelvis sinks below standing.
        hips: Yaw of the pelvis against the dancer's heading; a shorter pattern repeats.
        rolls: Roll of the pelvis; a shorter pattern repeats.
        headings: Turn of the whole dancer since the start of the move; none if empty.
        path: Where the middle of the stance has gone to since the start, x and z as the dancer faced then; it
            stays if empty.
        jumps: Counts at which both feet come down again.
        grid: Keys to a count, 1 or 2.
        turns_on_standing_foot: Else the dancer turns about the middle of the stance.
    """

    name: str
    steps: tuple[Step, ...]
    weights: tuple[float, ...]
    drops: tuple[float, ...]
    hips: tuple[float, ...] = (0.0,)
    rolls: tuple[float, ...] = (0.0,)
    headings: tuple[float, ...] = ()
    path: tuple[tuple[float, float], ...] = ()
    jumps: tuple[float, ...] = ()
    grid: int = 1
    turns_on_standing_foot: bool = False

    @property
    def num_counts(self) -> int:
        """Its length."""
        return len(self.weights) // self.grid

    def mirrored(self) -> Footwork:
        """The same footwork begun with the other foot."""
        return replace(
            self,
            steps=tuple(step.mirrored() for step in self.steps),
            weights=tuple(-weight for weight in self.weights),
            hips=tuple(-yaw for yaw in self.hips),
            rolls=tuple(-roll for roll in self.rolls),
            headings=tuple(-heading for heading in self.headings),
            path=tuple((-x, z) for x, z in self.path),
        )


@dataclass(frozen=True)
class UpperBody:
    """A pattern of arms, trunk and head that repeats within a phrase of eight counts.

    Attributes:
        arms: Pose of the left and of the right arm, by name, in turn.
        spine: Of the lower spine, count by count.
        chest: Of the upper spine, count by count, against the lower.
        head: Count by count, against the gaze.
        pelvis: Count by count, beyond what the footwork tells.
        shoulders: How far the left and the right shoulder are raised, count by count.
        arm_counts: Counts that the arms take from pose to pose.
        trunk_counts: Counts between the keys of all the others.
        wave: Counts by which the chest comes after the lower spine, and that after the pelvis.
        flow: 0 stops at each pose, 1 passes through; the style's own if None.
    """

    name: str
    arms: tuple[tuple[str, str], ...]
    spine: tuple[Angles, ...] = ((0.0, 0.0, 0.0),)
    chest: tuple[Angles, ...] = ((0.0, 0.0, 0.0),)
    head: tuple[Angles, ...] = ((0.0, 0.0, 0.0),)
    pelvis: tuple[Angles, ...] = ((0.0, 0.0, 0.0),)
    shoulders: tuple[tuple[float, float], ...] = ((0.0, 0.0),)
    arm_counts: float = 1.0
    trunk_counts: float = 1.0
    wave: float = 0.0
    flow: float | None = None

    def mirrored(self) -> UpperBody:
        """The same pattern with left and right exchanged."""
        return replace(
            self,
            arms=tuple((right, left) for left, right in self.arms),
            shoulders=tuple((right, left) for left, right in self.shoulders),
            spine=_mirrored(self.spine),
            chest=_mirrored(self.chest),
            head=_mirrored(self.head),
            pelvis=_mirrored(self.pelvis),
        )


def _mirrored(angles: tuple[Angles, ...]) -> tuple[Angles, ...]:
    return tuple((-yaw, -roll, pitch) for yaw, roll, pitch in angles)


@dataclass(frozen=True)
class Move:
    """A phrase of the whole body: footwork with an upper body that suits it.

    Attributes:
        kind: What dancers call its family: "step", "turn", "jump", "level", "groove", "isolation", "arms", "pose".
        footwork: What the legs do.
        upper: What the rest does.
        min_energy: Least energy of the music that it suits.
        has_own_arms: The upper body belongs to the move; otherwise another may take its place.
        max_bpm: Above this tempo it is danced in half time, two beats to a count, or left out if that is too long.
        can_travel: Both feet step so often that the dancer can get somewhere with it.
    """

    name: str
    kind: str
    footwork: Footwork
    upper: UpperBody
    min_energy: float = 0.0
    has_own_arms: bool = False
    max_bpm: float = 150.0
    can_travel: bool = False
