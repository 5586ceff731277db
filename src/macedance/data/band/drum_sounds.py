"""The drums of the song synthesiser, each made once per song and mixed in many times.

All sounds are mono float32 arrays (samples,) that start at their attack and fade to silence.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def kick(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A bass drum: a sine that falls in pitch, with a click at its attack."""
    seconds = _time_axis(0.28, sample_rate)
    low_hz, high_hz, fall = rng.uniform(45, 58), rng.uniform(150, 260), rng.uniform(28, 45)
    click = _noise(rng, seconds.size) * np.exp(seconds * np.float32(-300)) * rng.uniform(0.35, 0.8)
    return _finish(_falling(seconds, low_hz, high_hz, fall, decay=rng.uniform(9, 14)) + click)


def snare(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A snare drum: a short tone under a burst of bright noise."""
    seconds = _time_axis(0.2, sample_rate)
    tone = _falling(seconds, rng.uniform(170, 220), 330, 60, decay=26)
    noise = _bright_noise(rng, seconds.size) * np.exp(seconds * np.float32(-rng.uniform(15, 28)))
    return _finish(rng.uniform(0.3, 0.8) * tone + noise)


def clap(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A hand clap: three quick bursts of noise and a tail."""
    seconds = _time_axis(0.18, sample_rate)
    envelope = np.exp(seconds * np.float32(-rng.uniform(24, 36)))
    for delay in (0.0, rng.uniform(0.007, 0.011), rng.uniform(0.016, 0.022)):
        late = seconds - np.float32(delay)
        envelope += np.where(late >= 0, np.exp(np.maximum(late, 0) * np.float32(-220)), 0)
    return _finish(_bright_noise(rng, seconds.size) * envelope)


def rim(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A stick on the rim of a snare drum."""
    return _struck(rng, sample_rate, (rng.uniform(1600, 1900), rng.uniform(480, 560)), decay=70, noise=0.3)


def closed_hat(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A closed hi-hat: a tick of very bright noise."""
    return _hiss(rng, sample_rate, 0.06, decay=rng.uniform(60, 120))


def open_hat(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """An open hi-hat: bright noise that rings for a quarter of a second."""
    return _hiss(rng, sample_rate, 0.24, decay=rng.uniform(12, 18))


def shaker(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A shaker: bright noise that swells before it fades."""
    seconds = _time_axis(0.09, sample_rate)
    swell = np.minimum(seconds / np.float32(0.012), 1) * np.exp(seconds * np.float32(-rng.uniform(30, 50)))
    return _finish(_bright_noise(rng, seconds.size) * swell)


def tambourine(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A tambourine: bright noise with a metallic ring."""
    seconds = _time_axis(0.15, sample_rate)
    ring = _partials(seconds, rng.uniform(0.95, 1.05) * np.array([4300.0, 5700.0, 7100.0]))
    noise = _bright_noise(rng, seconds.size)
    return _finish((0.3 * ring + noise) * np.exp(seconds * np.float32(-rng.uniform(20, 30))))


def ride(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A ride cymbal: a stick's tick and a long, thin ring."""
    seconds = _time_axis(0.5, sample_rate)
    ring = _partials(seconds, rng.uniform(0.9, 1.1) * np.array([2930.0, 3710.0, 4890.0, 6230.0]))
    tick = np.exp(seconds * np.float32(-150)) * 2 + np.exp(seconds * np.float32(-7)) * 0.5
    return _finish(_bright_noise(rng, seconds.size) * tick + ring * np.exp(seconds * np.float32(-6)) * 0.25)


def crash(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A crash cymbal: a second and a half of bright noise."""
    return _hiss(rng, sample_rate, 1.5, decay=rng.uniform(2.5, 4))


def low_tom(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """The floor tom."""
    return _skin(rng, sample_rate, rng.uniform(75, 95), decay=11)


def middle_tom(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """The middle tom."""
    return _skin(rng, sample_rate, rng.uniform(110, 130), decay=13)


def high_tom(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """The high tom."""
    return _skin(rng, sample_rate, rng.uniform(150, 180), decay=15)


def low_conga(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """An open stroke on the low conga."""
    return _skin(rng, sample_rate, rng.uniform(180, 205), decay=14, bend=1.12)


def high_conga(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A short stroke on the high conga."""
    return _skin(rng, sample_rate, rng.uniform(280, 330), decay=30, bend=1.1)


def big_drum(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A large barrel drum."""
    return _skin(rng, sample_rate, rng.uniform(58, 72), decay=7, bend=1.5, seconds=0.5)


def frame_drum(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """The deep stroke of a hand-held frame drum."""
    return _skin(rng, sample_rate, rng.uniform(95, 120), decay=12, bend=1.3)


def frame_slap(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """The bright stroke at the edge of a frame drum."""
    return _struck(rng, sample_rate, (rng.uniform(340, 420), rng.uniform(700, 900)), decay=45, noise=0.8)


def cowbell(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A cowbell: two tones a rough fifth apart."""
    low_hz = rng.uniform(530, 580)
    return _struck(rng, sample_rate, (low_hz, 1.48 * low_hz, 3 * low_hz), decay=18)


def woodblock(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A wood block."""
    low_hz = rng.uniform(750, 1050)
    return _struck(rng, sample_rate, (low_hz, 1.6 * low_hz), decay=55, noise=0.2)


def claves(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A pair of claves."""
    return _struck(rng, sample_rate, (rng.uniform(2300, 2700),), decay=40)


def gong(rng: np.random.Generator, sample_rate: int) -> np.ndarray:
    """A small gong whose many tones bend upwards into each other."""
    seconds = _time_axis(1.2, sample_rate)
    tones = _partials(seconds, rng.uniform(290, 340) * np.array([1.0, 1.47, 2.09, 2.56, 3.9]))
    return _finish(
        tones * np.exp(seconds * np.float32(-3))
        + 0.5 * _bright_noise(rng, seconds.size) * np.exp(seconds * np.float32(-12))
    )


Drum = Callable[[np.random.Generator, int], np.ndarray]

DRUMS: dict[str, tuple[Drum, float]] = {
    sound.__name__: (sound, gain)
    for sound, gain in (
        (kick, 1.0),
        (snare, 0.6),
        (clap, 0.5),
        (rim, 0.4),
        (closed_hat, 0.2),
        (open_hat, 0.12),
        (shaker, 0.16),
        (tambourine, 0.2),
        (ride, 0.22),
        (crash, 0.4),
        (low_tom, 0.7),
        (middle_tom, 0.65),
        (high_tom, 0.6),
        (low_conga, 0.5),
        (high_conga, 0.45),
        (big_drum, 1.0),
        (frame_drum, 0.8),
        (frame_slap, 0.4),
        (cowbell, 0.25),
        (woodblock, 0.35),
        (claves, 0.3),
        (gong, 0.35),
    )
}
"""How every drum is made, and how loud it is in the mix."""


def riser(rng: np.random.Generator, seconds: float, sample_rate: int) -> np.ndarray:
    """Noise that grows until its end, ever brighter."""
    share = np.linspace(0, 1, round(seconds * sample_rate), dtype=np.float32)
    noise = _noise(rng, share.size + 1)
    bright = np.diff(noise)
    return (0.5 * noise[1:] * (1 - share) + bright * share) * share**2


def _struck(
    rng: np.random.Generator,
    sample_rate: int,
    tones_hz: tuple[float, ...],
    *,
    decay: float,
    noise: float = 0.1,
) -> np.ndarray:
    """A struck piece of wood or metal with those tones."""
    seconds = _time_axis(min(5 / decay, 0.3), sample_rate)
    click = _bright_noise(rng, seconds.size) * np.exp(seconds * np.float32(-3 * decay))
    tones = _partials(seconds, np.array(tones_hz)) * np.exp(seconds * np.float32(-decay))
    return _finish(tones + noise * click)


def _skin(
    rng: np.random.Generator,
    sample_rate: int,
    frequency_hz: float,
    *,
    decay: float,
    bend: float = 1.6,
    seconds: float = 0.3,
) -> np.ndarray:
    """A drum with a pitch that falls from `bend` times the frequency, and the hand's or the stick's noise."""
    axis = _time_axis(seconds, sample_rate)
    tone = _falling(axis, frequency_hz, bend * frequency_hz, 35, decay=decay)
    return _finish(tone + 0.3 * _noise(rng, axis.size) * np.exp(axis * np.float32(-120)))


def _hiss(rng: np.random.Generator, sample_rate: int, seconds: float, *, decay: float) -> np.ndarray:
    """Very bright noise that fades."""
    axis = _time_axis(seconds, sample_rate)
    return _finish(np.diff(_bright_noise(rng, axis.size + 1)) * np.exp(axis * np.float32(-decay)))


def _falling(seconds: np.ndarray, low_hz: float, high_hz: float, fall: float, *, decay: float) -> np.ndarray:
    """A fading sine whose pitch falls from high to low at a rate of `fall` per second."""
    cycles = np.float32(low_hz) * seconds
    cycles += np.float32((high_hz - low_hz) / fall) * (1 - np.exp(np.float32(-fall) * seconds))
    return np.sin(np.float32(2 * np.pi) * cycles) * np.exp(np.float32(-decay) * seconds)


def _partials(seconds: np.ndarray, frequencies_hz: np.ndarray) -> np.ndarray:
    """The sum of sines."""
    radians = np.float32(2 * np.pi) * frequencies_hz.astype(np.float32)[:, None] * seconds
    return np.sin(radians).sum(0)


def _time_axis(seconds: float, sample_rate: int) -> np.ndarray:
    return np.arange(round(seconds * sample_rate), dtype=np.float32) / np.float32(sample_rate)


def _noise(rng: np.random.Generator, size: int) -> np.ndarray:
    """White noise between -1 and 1."""
    return 2 * rng.random(size, dtype=np.float32) - 1


def _bright_noise(rng: np.random.Generator, size: int) -> np.ndarray:
    """White noise whose low frequencies a first difference has taken away."""
    return np.diff(_noise(rng, size + 1))


def _finish(sound: np.ndarray) -> np.ndarray:
    """Fades the last tenth out and brings the peak to 1."""
    fade = np.minimum(np.arange(sound.size, 0, -1, dtype=np.float32) / np.float32(0.1 * sound.size), 1)
    sound = sound * fade
    return (sound / np.abs(sound).max()).astype(np.float32)
