"""The band that plays a song."""

from __future__ import annotations

import numpy as np

from macedance.data.band.bars import Bar
from macedance.data.band.drum_sounds import riser
from macedance.data.band.drummer import Drummer
from macedance.data.band.form import PHRASE_BEATS
from macedance.data.band.mixer import Mixer
from macedance.data.band.step_clock import STEPS_PER_BAR, STEPS_PER_BEAT, StepClock
from macedance.data.band.style import Style
from macedance.data.band.tonality import Tonality
from macedance.data.band.tone_players import Accompanist, Bassist, Lead


def play_song(
    rng: np.random.Generator,
    style: Style,
    bars: list[Bar],
    clock: StepClock,
    *,
    num_samples: int,
    sample_rate: int,
) -> np.ndarray:
    """The sound (num_samples,) of the bars, float32 within -1 and 1."""
    mixer = Mixer(clock, num_samples, sample_rate)
    drummer = Drummer(rng, style, mixer)
    tonality = Tonality(rng, style)
    players = [player(rng, style, mixer, tonality) for player in (Bassist, Accompanist, Lead)]
    for bar in bars:
        if clock.seconds(bar.first_step + 2 * STEPS_PER_BAR) > 0:
            for player in (drummer, *players):
                player.play(bar)
    _shape_sections(rng, bars, mixer)
    for bar in bars:
        if bar.silent_from < STEPS_PER_BAR:
            start, end = (clock.seconds(bar.first_step + step) for step in (bar.silent_from, STEPS_PER_BAR))
            mixer.silence(start, end)
    if style.pump:
        mixer.pump(style.pump * rng.uniform(0.6, 1.2))
    return mixer.mixdown(room=rng.uniform(0, 0.3), drive=rng.uniform(0.8, 2.2), peak=rng.uniform(0.6, 0.95))


def _shape_sections(rng: np.random.Generator, bars: list[Bar], mixer: Mixer) -> None:
    """Opens the filter in builds and in some intros; noise rises to the end of some builds."""
    opening = {"build", "intro"} if rng.random() < 0.4 else {"build"}
    riser_gain = rng.uniform(0.1, 0.35) if rng.random() < 0.7 else 0.0
    clock = mixer.clock
    for section in dict.fromkeys(bar.section for bar in bars):
        if section.name in opening:
            mixer.open_filter(clock.beat_seconds(section.first_beat), clock.beat_seconds(section.end_beat))
        if section.name == "build" and riser_gain:
            noise = riser(rng, PHRASE_BEATS * STEPS_PER_BEAT * clock.step_seconds, mixer.sample_rate)
            mixer.add_at(mixer.drums, noise, clock.beat_seconds(section.end_beat - PHRASE_BEATS), riser_gain)
