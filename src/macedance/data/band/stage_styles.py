"""Styles of the Chinese stage and of folk dances, played by plucked strings, winds and big drums."""

from __future__ import annotations

from macedance.data.band.drum_fills import HAND_FILLS, KIT_FILLS, STAGE_FILLS
from macedance.data.band.style import Style, groove

PLUCKED = ("zither", "lute", "nylon")

STAGE_STYLES = (
    Style(
        name="pentatonic",
        genre="Chinese",
        bpm=(84, 126),
        verse=(
            groove("kick x.......x....... woodblock ....x.......x... shaker o.x.o.x.o.x.o.x."),
            groove("kick x.....o.x....... rim ....x.......x... woodblock ..o...o...o...o."),
        ),
        drop=(
            groove(
                "big_drum x.....o.x....... snare ....x.......x... woodblock x.o.x.o.x.o.x.o. "
                "closed_hat x.o.x.o.x.o.x.o."
            ),
            groove("big_drum x..x....x..x..o. clap ....x.......x... woodblock x.oox.oox.oox.oo"),
        ),
        bass=("r.......r.....5.", "r.....5.r.......", "r...5...r...8..."),
        chords=("1.2.3.2.4.3.2.3.", "1.3.2.3.1.3.2.4.", "x.......x......."),
        hits=("x...x...x.x.....", "x.......x.xx....", "x..x..x........."),
        fills=(*STAGE_FILLS, KIT_FILLS[2]),
        harmonies=("pentatonic_major", "pentatonic_minor"),
        bass_timbres=("round_bass", "upright_bass"),
        chord_timbres=PLUCKED,
        lead_timbres=("flute", "fiddle", "zither"),
        build_share=0.4,
    ),
    Style(
        name="classical_chinese",
        genre="HanTang",
        bpm=(80, 104),
        verse=(
            groove("big_drum x.......o....... woodblock ....x.......x..."),
            groove("big_drum x............... woodblock ....x...x...x..."),
        ),
        drop=(
            groove("big_drum x...o...x...o.o. woodblock ..x...x...x...x. frame_slap ....x.......x..."),
            groove("big_drum x...x...x..xx... gong x............... frame_slap ....x.......x.x."),
        ),
        bass=("r...............", "r.......5......."),
        chords=("1...2...3...4...", "1.2.3.4.3.2.....", "x..............."),
        hits=("x.......x.......", "x...x...x.......", "x...........x..."),
        fills=STAGE_FILLS,
        harmonies=("pentatonic_minor", "pentatonic_major"),
        bass_timbres=("round_bass",),
        chord_timbres=PLUCKED,
        lead_timbres=("flute", "fiddle"),
        build_share=0.25,
        drum_level=(0.5, 0.9),
    ),
    Style(
        name="silk_road",
        genre="DunHuang",
        bpm=(84, 116),
        verse=(
            groove("frame_drum x.....x...x..... frame_slap ....x.......x... tambourine o.o.o.o.o.o.o.o."),
            groove("frame_drum x.......x.x..... frame_slap ....x..o....x..o"),
        ),
        drop=(
            groove(
                "frame_drum x..o..x...x..... frame_slap ....x..oo...x.oo tambourine x.o.x.o.x.o.x.o. "
                "big_drum x.......x......."
            ),
            groove("frame_drum x..x..x.x..x.... frame_slap ....x.......x.xx tambourine xoxoxoxoxoxoxoxo"),
        ),
        bass=("r.....r...5.....", "r.......r...5..."),
        chords=("1.2.3.2.1.2.3.4.", "1...3.2.1...3.4.", "x.......x......."),
        hits=("x.....x...x.....", "x..x..x.x.......", "x...x...x......."),
        fills=(*STAGE_FILLS, HAND_FILLS[3]),
        harmonies=("hijaz", "pentatonic_minor", "dorian"),
        bass_timbres=("upright_bass", "round_bass"),
        chord_timbres=("lute", "zither", "nylon"),
        lead_timbres=("flute", "shawm", "fiddle"),
        build_share=0.3,
        drum_level=(0.55, 1.0),
    ),
    Style(
        name="court_drums",
        genre="ShenYun",
        bpm=(92, 140),
        verse=(
            groove("big_drum x...x...x...x... woodblock ..x...x...x...x."),
            groove("big_drum x...x...x.x.x... frame_slap ....x.......x..."),
        ),
        drop=(
            groove(
                "big_drum x.x.x.o.x.x.x.oo gong x............... snare ....x.......x... "
                "woodblock x...x...x...x..."
            ),
            groove("big_drum x..xx...x..xx.xx frame_slap xoooxoooxoooxooo"),
        ),
        bass=("r...r...r...r...", "r.......5......."),
        chords=("x.......x.......", "1.2.3.4.1.2.3.4.", "x...x...x...x..."),
        hits=("x...x...x.x.x...", "x.xx..x.x.......", "x..x..x...x....."),
        fills=STAGE_FILLS,
        harmonies=("pentatonic_major", "pentatonic_minor", "minor"),
        bass_timbres=("round_bass", "sub"),
        chord_timbres=("strings", "zither", "lute", "brass"),
        lead_timbres=("shawm", "brass", "strings", "fiddle"),
        build_share=0.6,
        drum_level=(0.75, 1.2),
    ),
    Style(
        name="opera",
        genre="Kun",
        bpm=(80, 112),
        verse=(
            groove("woodblock x...o...x...o... frame_drum ....x.......x..."),
            groove("woodblock x...x...x...x... gong ............o..."),
        ),
        drop=(
            groove("woodblock x.o.x.o.x.o.x.oo gong x.......o....... frame_drum ....x.......x..."),
            groove("woodblock x.oox.oox.oox.oo frame_drum x.......x...x... gong ....x..........."),
        ),
        bass=("r.......r.......", "r..............."),
        chords=("1.2.1.3.1.2.1.4.", "1...1.2.3...3.2.", "1.1.2.2.3.3.2.2."),
        hits=("x...x...x.......", "x.x.x...x.......", "x...........x.x."),
        fills=STAGE_FILLS,
        harmonies=("pentatonic_major",),
        bass_timbres=("upright_bass",),
        chord_timbres=("lute", "nylon"),
        lead_timbres=("flute", "fiddle", "vocal"),
        build_share=0.15,
        drum_level=(0.5, 0.9),
    ),
    Style(
        name="gourd_flute",
        genre="Dai",
        bpm=(80, 112),
        verse=(
            groove("low_conga x.....o.x....... shaker x.o.x.o.x.o.x.o."),
            groove("low_conga x.......x..o.... high_conga ....x.......x.o. claves x..............."),
        ),
        drop=(
            groove(
                "frame_drum x.......x....... low_conga x.....x.x.....x. high_conga ....x.o.....x.o. "
                "gong x............... shaker x.o.x.o.x.o.x.o."
            ),
            groove("frame_drum x.....o.x.....o. high_conga ..o.x...o.o.x... tambourine ....x.......x..."),
        ),
        bass=("r.....5.r.......", "r.......5......."),
        chords=("1.2.3.2.1.2.3.2.", "x.......x.......", "1.3.2.3.1.3.2.3."),
        hits=("x.......x...x...", "x.....x.x.......", "x...x...x......."),
        fills=(*HAND_FILLS, STAGE_FILLS[1]),
        harmonies=("pentatonic_major",),
        bass_timbres=("upright_bass", "round_bass"),
        chord_timbres=("nylon", "mallet", "zither"),
        lead_timbres=("gourd", "flute"),
        build_share=0.2,
        drum_level=(0.5, 0.95),
    ),
    Style(
        name="oasis",
        genre="Wei",
        bpm=(100, 146),
        verse=(
            groove("frame_drum x.....x.x....... frame_slap ....x.......x..."),
            groove("frame_drum x..x....x..x.... frame_slap ....x.o.....x.o. tambourine x...x...x...x..."),
        ),
        drop=(
            groove(
                "frame_drum x..x..x.x....... frame_slap ..o.x.oo..o.x.oo tambourine xoxoxoxoxoxoxoxo "
                "kick x.......x......."
            ),
            groove("frame_drum x..x....x..x..x. frame_slap ....x.xo....x.xo clap ....x.......x..."),
        ),
        bass=("r.....r.5.......", "r..r....5..5....", "r...r...r...a..."),
        chords=("1.12.21.1.12.321", "s...s.s.s...s.s.", "1.2.1.2.3.2.1.2."),
        hits=("x..x..x.x.......", "x.x.x...x.......", "x..x....x..x...."),
        fills=(*HAND_FILLS[2:], *STAGE_FILLS[3:]),
        harmonies=("hijaz", "latin_minor"),
        bass_timbres=("upright_bass", "round_bass"),
        chord_timbres=("lute", "nylon"),
        lead_timbres=("shawm", "fiddle", "lute"),
        build_share=0.25,
    ),
    Style(
        name="reed_pipes",
        genre="Miao",
        bpm=(92, 132),
        verse=(
            groove("big_drum x.......x....... woodblock ..o.x.o...o.x.o."),
            groove("big_drum x.....o.x....... tambourine ....x.......x..."),
        ),
        drop=(
            groove("big_drum x...o.o.x...o... woodblock ..x...x...x...xx tambourine x.x.x.x.x.x.x.x."),
            groove("big_drum x.x.x...x.x.x... tambourine ....x..o....x..o woodblock x...x...x...x..."),
        ),
        bass=("r...5...r...5...", "r.......r......."),
        chords=("x...x...x...x...", "s.s.s...s.s.s...", "1.2.3.2.1.2.3.2."),
        hits=("x.x.x...x.x.x...", "x...x...x.......", "x.....x.x......."),
        fills=STAGE_FILLS,
        harmonies=("pentatonic_minor", "pentatonic_major"),
        bass_timbres=("round_bass", "upright_bass"),
        chord_timbres=("gourd", "organ", "lute"),
        lead_timbres=("gourd", "shawm", "flute"),
        build_share=0.3,
    ),
)
