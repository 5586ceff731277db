from __future__ import annotations

import numpy as np
import pytest

from macedance.data.song_styles import STYLES
from macedance.data.songs import MAX_BPM, MIN_BPM, Song, make_song

NAMES = {"intro", "verse", "build", "drop", "break", "outro"}


@pytest.fixture(scope="module")
def songs() -> list[Song]:
    return [make_song(8.0, seed) for seed in range(32)]


def onset_envelope(song: Song, hop: int = 120) -> np.ndarray:
    """Rise of the loudness from one hop of 5 ms to the next."""
    changes = np.diff(song.samples, prepend=0).reshape(-1, hop)
    return np.diff(np.sqrt((changes**2).mean(axis=1)), prepend=0).clip(0)


def rises(envelope: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """The greatest rise of the loudness about each of some times."""
    frames = np.round(seconds * 200).astype(int)[:, None] + np.arange(-1, 4)
    return envelope[frames.clip(0, len(envelope) - 1)].max(axis=1)


def test_a_seed_fixes_every_sample():
    first, second = make_song(8.0, 5), make_song(8.0, np.random.default_rng(5))
    np.testing.assert_array_equal(first.samples, second.samples)
    np.testing.assert_array_equal(first.beats, second.beats)
    np.testing.assert_array_equal(first.hits, second.hits)
    assert first.sections == second.sections


def test_seeds_give_other_songs():
    first, second = make_song(8.0, 5), make_song(8.0, 6)
    assert np.abs(first.samples - second.samples).max() > 0.1
    assert first.bpm != second.bpm


@pytest.mark.parametrize("style", STYLES)
def test_every_style_sounds(style):
    song = make_song(8.0, 1, style=style)
    assert song.style == style
    assert song.samples.dtype == np.float32
    assert song.samples.shape == (8 * song.sample_rate,)
    assert np.isfinite(song.samples).all()
    assert 0.5 < np.abs(song.samples).max() <= 1.0


def test_unknown_style_names_the_known_ones():
    with pytest.raises(ValueError, match=r"style: must be one of house.*'polka'"):
        make_song(8.0, 1, style="polka")


def test_sample_rate_sets_the_number_of_samples():
    assert make_song(9.0, 2, sample_rate=30720).samples.shape == (9 * 30720,)


def test_beats_are_regular_and_inside(songs):
    for song in songs:
        np.testing.assert_allclose(np.diff(song.beats), 60 / song.bpm)
        assert 0 <= song.beats[0] < 60 / song.bpm
        assert song.duration_seconds - 60 / song.bpm <= song.beats[-1] < song.duration_seconds


def test_every_fourth_beat_is_a_downbeat(songs):
    for song in songs:
        (numbers,) = np.nonzero(np.isin(song.beats, song.downbeats))
        assert len(numbers) == len(song.downbeats)
        assert set(np.diff(numbers)) == {4}


def test_tempos_spread_over_their_range(songs):
    tempos = np.array([song.bpm for song in songs])
    assert tempos.min() >= MIN_BPM
    assert tempos.max() <= MAX_BPM
    assert np.histogram(tempos, bins=4, range=(MIN_BPM, MAX_BPM))[0].min() >= 2


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_tempos_suit_the_style(style):
    low, high = style.bpm
    assert all(low <= make_song(1.0, seed, style=style.name).bpm <= high for seed in range(4))


def test_clips_begin_anywhere_in_a_beat(songs):
    phases = np.array([song.beats[0] * song.bpm / 60 for song in songs])
    assert np.histogram(phases, bins=4, range=(0, 1))[0].min() >= 2


def test_sections_follow_one_another_in_whole_phrases(songs):
    for song in songs:
        assert song.sections[0].start_seconds <= 0
        assert song.sections[-1].end_seconds >= song.duration_seconds
        for section, following in zip(song.sections, song.sections[1:], strict=False):
            assert section.end_seconds == pytest.approx(following.start_seconds)
        for section in song.sections:
            num_beats = (section.end_seconds - section.start_seconds) * song.bpm / 60
            assert num_beats % 8 == pytest.approx(0, abs=1e-6) or num_beats % 8 == pytest.approx(8)
            assert 0 <= section.energy <= 1
            assert section.end_energy is not None
            assert 0 <= section.end_energy <= 1


def test_short_clips_show_every_part_and_often_a_change(songs):
    heard = [[section.name for section in song.sections if section.start_seconds < 7.5] for song in songs]
    assert {name for names in heard for name in names} == NAMES
    assert np.mean([len(names) > 1 for names in heard]) > 0.5


def test_clips_begin_anywhere_in_a_section(songs):
    beats = np.array([-song.sections[0].start_seconds * song.bpm / 60 for song in songs])
    assert beats.min() < 4
    assert beats.max() > 12


def test_builds_rise_to_a_drop():
    sections = make_song(240.0, 2, style="kpop").sections
    builds = [place for place, section in enumerate(sections[:-1]) if section.name == "build"]
    assert builds
    for place in builds:
        assert sections[place].end_energy > 0.9 > sections[place].energy + 0.2
        assert sections[place + 1].name == "drop"


def test_drops_are_louder_than_breaks():
    loudness: dict[str, list[float]] = {name: [] for name in NAMES}
    for seed in range(12):
        song = make_song(30.0, seed)
        for section in song.sections:
            edges = np.clip([section.start_seconds, section.end_seconds], 0, song.duration_seconds)
            first, last = (edges * song.sample_rate).astype(int)
            if last - first > song.sample_rate:
                loudness[section.name].append(float(np.sqrt(np.mean(song.samples[first:last] ** 2))))
    assert np.mean(loudness["drop"]) > 1.3 * np.mean(loudness["break"])


def test_the_band_falls_silent_before_some_drops():
    quietest = 1.0
    for seed in range(12):
        song = make_song(24.0, seed, style="kpop")
        for section in song.sections:
            end = round((section.start_seconds - 0.03) * song.sample_rate)
            if section.name == "drop" and end > song.sample_rate:
                last_eighth = song.samples[end - round(song.sample_rate * 15 / song.bpm) : end]
                quietest = min(quietest, float(np.sqrt(np.mean(last_eighth**2))))
    assert quietest < 0.03


def test_hits_lie_on_the_steps_of_the_bar():
    for style in ("house", "swing", "boom_bap"):
        played = STYLES[style]
        late = played.swing / 4
        places = [0, played.offbeat / 2 + late, played.offbeat, (1 + played.offbeat) / 2 + late, 1]
        song = make_song(60.0, 3, style=style)
        assert len(song.hits) > 4
        assert (np.diff(song.hits) > 0).all()
        assert 0 <= song.hits[0] <= song.hits[-1] < song.duration_seconds
        assert song.offbeat == played.offbeat
        in_beat = (song.hits - song.beats[0]) * song.bpm / 60 % 1
        assert np.abs(in_beat[:, None] - places).min(axis=1) == pytest.approx(0, abs=1e-6)


def test_a_drop_begins_with_a_hit():
    song = make_song(120.0, 1)
    drops = [part.start_seconds for part in song.sections if part.name == "drop" and part.start_seconds > 0]
    assert drops
    assert all(np.abs(song.hits - start).min() < 1e-6 for start in drops)


def test_hits_are_heard_above_the_beats():
    on_hits, on_beats, elsewhere = [], [], []
    for seed in range(40):
        song = make_song(12.0, seed)
        envelope = onset_envelope(song)
        on_hits += list(rises(envelope, song.hits))
        on_beats += list(rises(envelope, song.beats))
        elsewhere += list(rises(envelope, np.random.default_rng(seed).uniform(0, 12, 100)))
    assert np.mean(on_hits) > np.mean(on_beats)
    assert np.median(on_hits) > 5 * np.median(elsewhere)


def test_swung_songs_mark_the_late_eighth():
    """The sound sets in at 0.64 of a beat rather than at its half."""
    late, half = [], []
    for seed in range(6):
        song = make_song(12.0, seed, style="swing")
        envelope = onset_envelope(song)
        late += list(rises(envelope, song.beats[:-1] + 0.64 * 60 / song.bpm))
        half += list(rises(envelope, song.beats[:-1] + 0.5 * 60 / song.bpm))
    assert np.mean(late) > 1.5 * np.mean(half)


def test_loudness_differs_between_songs(songs):
    loudness = np.array([np.sqrt(np.mean(song.samples**2)) for song in songs])
    assert loudness.min() > 0.03
    assert loudness.max() > 1.5 * loudness.min()


@pytest.mark.parametrize("style", STYLES)
def test_the_sound_sets_in_on_the_beats(style):
    """More rises of loudness just after the beats than at places drawn anywhere in the song."""
    on_beats, elsewhere = [], []
    for seed in range(3):
        song = make_song(10.0, seed, style=style)
        envelope = onset_envelope(song)
        on_beats += list(rises(envelope, song.beats))
        elsewhere += list(rises(envelope, np.random.default_rng(seed).uniform(0, 10, 200)))
    assert np.mean(on_beats) > 1.5 * np.mean(elsewhere)


def test_a_window_into_a_stop_is_silent():
    song = make_song(1.0, 784)
    assert np.isfinite(song.samples).all()
    assert np.abs(song.samples).max() == 0


@pytest.mark.parametrize(
    ("settings", "message"), [({"sample_rate": 2000}, "sample_rate"), ({"seed": -1}, "seed")]
)
def test_numbers_out_of_range_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        make_song(**{"seconds": 8.0, "seed": 1, **settings})
