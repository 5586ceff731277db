from __future__ import annotations

import itertools

import numpy as np
import pytest

from macedance.data.band.bars import Bar
from macedance.data.band.drummer import Drummer
from macedance.data.band.form import PlannedSection
from macedance.data.band.mixer import Mixer
from macedance.data.band.step_clock import StepClock
from macedance.data.band.tonality import Tonality
from macedance.data.band.tone_players import Accompanist, Bassist, Lead
from macedance.data.song_styles import STYLES

RATE = 8000
BUILD = PlannedSection("build", 0, 16, 0.5, 0.95)
VERSE = PlannedSection("verse", 0, 16, 0.7, 0.7)
DROP = PlannedSection("drop", 0, 16, 1.0, 1.0)
STRAIGHT = StepClock(bpm=120, start_beat=0, offbeat=0.5, swing=0)


class StrokeList(Mixer):
    """A mixer that notes down what it is given."""

    def __init__(self) -> None:
        super().__init__(STRAIGHT, 8 * RATE, RATE)
        self.added: list[tuple[int, float]] = []

    def add(self, bus: np.ndarray, sound: np.ndarray, step: int, gain: float) -> None:
        self.added.append((step, gain))


def steps_of(player_type: type, bar: Bar, seed: int = 0, style: str = "pop") -> list[int]:
    rng, mixer = np.random.default_rng(seed), StrokeList()
    if player_type is Drummer:
        Drummer(rng, STYLES[style], mixer).play(bar)
    else:
        player_type(rng, STYLES[style], mixer, Tonality(rng, STYLES[style])).play(bar)
    return sorted({step - bar.first_step for step, _ in mixer.added})


def test_swing_and_offbeat_delay_the_steps():
    clock = StepClock(bpm=60, start_beat=1.0, offbeat=0.6, swing=0.2)
    assert [clock.seconds(step) for step in range(4, 9)] == pytest.approx([0, 0.35, 0.6, 0.85, 1])


def test_the_roll_of_a_build_quickens_and_grows():
    mixer = StrokeList()
    drummer = Drummer(np.random.default_rng(0), STYLES["pop"], mixer)
    for number in range(4):
        drummer.play(Bar(BUILD, number))
    steps, gains = (np.array(column) for column in zip(*mixer.added, strict=True))
    per_bar = [len(set(steps[steps // 16 == number])) for number in range(4)]
    assert per_bar[0] == 4
    assert per_bar == sorted(per_bar)
    assert per_bar[3] == 16
    first, last = (gains[(steps // 16 == number) & (steps % 16 == 0)].min() for number in (0, 3))
    assert last > first


def test_the_pulse_drops_out_of_the_last_bar_of_a_build():
    strokes_on_beat = []
    for number in (0, 3):
        mixer = StrokeList()
        Drummer(np.random.default_rng(0), STYLES["pop"], mixer).play(Bar(BUILD, number))
        strokes_on_beat.append(sum(step % 16 == 4 for step, _ in mixer.added))
    assert strokes_on_beat == [2, 1]


@pytest.mark.parametrize("player", [Drummer, Bassist, Accompanist])
def test_players_mark_the_hits_together(player):
    bar = Bar(VERSE, 1, hits="x..x..x.........", silent_from=8)
    marked = [set(steps_of(player, bar, seed)) for seed in range(8)]
    assert set.intersection(*marked) == {0, 3, 6}
    assert all(steps <= {0, 2, 3, 4, 6} for steps in marked)


def test_timekeepers_of_most_songs_play_on_between_hits():
    bar = Bar(VERSE, 1, hits="x.....x.........", silent_from=8)
    kept = [2 in steps_of(Drummer, bar, seed) for seed in range(20)]
    assert 10 <= sum(kept) < 20


def test_the_lead_rests_while_the_others_mark_hits():
    stopped = Bar(VERSE, 1, hits="x...x...x...x...")
    assert any(steps_of(Lead, Bar(VERSE, 1), seed) for seed in range(8))
    assert not any(steps_of(Lead, stopped, seed) for seed in range(8))


def test_the_groove_makes_way_for_the_fill():
    bar = Bar(VERSE, 3, fill={"low_tom": "............x..x"})
    assert [step for step in steps_of(Drummer, bar) if step >= 12] == [12, 15]


def test_variations_of_the_groove_come_in_every_four_bars():
    bars = [steps_of(Drummer, Bar(VERSE, number), style="funk") for number in range(4)]
    assert bars[0] != bars[3]
    assert bars[0] == bars[2]


def test_the_bass_plays_roots_low_in_the_chords_of_the_key():
    style, rng = STYLES["pop"], np.random.default_rng(0)
    tonality = Tonality(rng, style)
    bassist = Bassist(rng, style, StrokeList(), tonality)
    bassist.verse = "r...5...8......."
    bassist.play(Bar(VERSE, 0))
    root, fifth, octave = (pitches[0] for pitches, _ in bassist.instrument.notes)
    assert (root - tonality.key - tonality.chord(Bar(VERSE, 0)).root) % 12 == 0
    assert (fifth - root, octave - root) == (7, 12)
    assert 29 <= root < 41


@pytest.mark.parametrize("style", STYLES)
def test_all_players_share_the_chords(style):
    tonality = Tonality(np.random.default_rng(3), STYLES[style])
    for section in (VERSE, DROP):
        bars = [Bar(section, number) for number in range(4)]
        for bar, following in itertools.pairwise(bars):
            sounding = {(pitch - tonality.key) % 12 for pitch in tonality.voicing(bar)}
            assert sounding == set(tonality.chord(bar).pitch_classes)
            assert tonality.chord(bar, bars_later=1) == tonality.chord(following)


def test_intros_and_outros_play_a_few_drums_of_the_verse():
    for name in ("intro", "outro"):
        opening = Bar(PlannedSection(name, 0, 8, 0.7, 0.7), 0)
        for seed in range(6):
            assert 0 < len(steps_of(Drummer, opening, seed)) <= 16
            assert set(steps_of(Drummer, opening, seed)) <= set(steps_of(Drummer, Bar(VERSE, 0), seed))


def test_the_filter_opens_gradually():
    mixer = Mixer(STRAIGHT, 4 * RATE, RATE)
    noise = np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32)
    mixer.tones += noise
    mixer.open_filter(0.0, 2.0)
    kept = [np.std(mixer.tones[first : first + 800]) for first in (0, 8000, 15200, 24000)]
    assert kept[0] < 0.5
    assert kept == sorted(kept)
    np.testing.assert_array_equal(mixer.tones[2 * RATE :], noise[2 * RATE :])


def test_a_silence_takes_everything_away():
    mixer = Mixer(STRAIGHT, RATE, RATE)
    mixer.drums += 1
    mixer.tones += 1
    mixer.silence(0.25, 0.5)
    for bus in (mixer.drums, mixer.tones):
        assert not bus[2100:4000].any()
        assert (bus[:2000] == 1).all()
        assert (bus[4000:] == 1).all()


def test_sounds_that_begin_before_the_song_are_cut():
    mixer = Mixer(STRAIGHT, 100, RATE)
    mixer.add_at(mixer.drums, np.arange(1, 11, dtype=np.float32), -4 / RATE, 1.0)
    assert mixer.drums[:8].tolist() == [5, 6, 7, 8, 9, 10, 0, 0]


def test_the_pump_dips_on_the_beats():
    mixer = Mixer(StepClock(bpm=60, start_beat=0.5, offbeat=0.5, swing=0), 2 * RATE, RATE)
    mixer.tones += 1
    mixer.pump(0.8)
    assert mixer.tones[RATE // 2] == pytest.approx(0.2, abs=1e-3)
    assert mixer.tones[0] > 0.95
    assert mixer.tones[RATE // 2 - 1] == pytest.approx(1)


def test_the_mix_keeps_to_its_peak_and_adds_the_room():
    def mixed(room: float) -> np.ndarray:
        mixer = Mixer(STRAIGHT, RATE, RATE)
        mixer.tones[100] = 2
        return mixer.mixdown(room=room, drive=1.5, peak=0.7)

    assert np.abs(mixed(0)).max() == pytest.approx(0.7)
    assert np.count_nonzero(mixed(0)) == 1
    assert np.count_nonzero(mixed(0.3)) > 8
