"""Styles of the dance floor, from swing to house."""

from __future__ import annotations

from macedance.data.band.drum_fills import HAND_FILLS, KIT_FILLS, MACHINE_FILLS
from macedance.data.band.style import Style, groove

DANCE_FLOOR_STYLES = (
    Style(
        name="house",
        genre="Urban",
        bpm=(114, 130),
        verse=(
            groove("kick x...x...x...x... closed_hat x.x.x.x.x.x.x.x. clap ....x.......x..."),
            groove("kick x...x...x...x..o closed_hat x.x.x.x.xgx.x.x. rim ...x..x....x..x."),
        ),
        drop=(
            groove(
                "kick x...x...x...x... clap ....x.......x... open_hat ..x...x...x...x. "
                "shaker x.o.x.o.x.o.x.o."
            ),
            groove(
                "kick x...x...x...x... clap ....x.......x..o open_hat ..x...x...x...x. "
                "high_conga ...o..x....o.xo."
            ),
        ),
        bass=("..r...r...r...r.", "..r..r8...r..r5a", "r..r..r...r..r.."),
        chords=("x..x..x...x..x..", "..s..s....s..s..", "s..s..s..s..s..."),
        hits=("x..x..x...x.....", "x.....x...x.....", "x..x..x........."),
        fills=MACHINE_FILLS,
        harmonies=("minor_sevenths", "dorian", "major"),
        bass_timbres=("round_bass", "saw_bass", "square_bass"),
        chord_timbres=("piano", "organ", "super_saw", "e_piano"),
        lead_timbres=("saw_lead", "vocal", "piano"),
        build_share=0.85,
        pump=0.6,
    ),
    Style(
        name="disco",
        genre="Jazz",
        bpm=(108, 130),
        verse=(
            groove("kick x...x...x...x... snare ....x.......x... closed_hat x.o.x.o.x.o.x.o."),
            groove("kick x...x...x...x... snare ....x.......x... closed_hat xooxxooxxooxxoox"),
        ),
        drop=(
            groove(
                "kick x...x...x...x... snare ....x.......x... closed_hat x...x...x...x... "
                "open_hat ..x...x...x...x. tambourine xoxoxoxoxoxoxoxo"
            ),
            groove(
                "kick x...x...x...x... snare ....x.......x..g clap ....x.......x... "
                "open_hat ..x...x...x...x. cowbell x.x.xx.xx.x.xx.x"
            ),
        ),
        bass=("r.8.r.8.5.8.r.8a", "r.8.r.8.r.8.5.7.", "r..rr.8.r..r5.a."),
        chords=("s..s..s.s..s..s.", "x.......x..s..s.", "..s...s...s...s."),
        hits=("x..x..x.x..x....", "x.....x.x.......", "x..x..x...x.x.x."),
        fills=(*KIT_FILLS, HAND_FILLS[1]),
        harmonies=("minor_sevenths", "minor", "major"),
        bass_timbres=("round_bass", "slap_bass"),
        chord_timbres=("guitar", "strings", "e_piano", "piano"),
        lead_timbres=("strings", "brass", "vocal"),
        build_share=0.4,
        pump=0.15,
    ),
    Style(
        name="pop",
        genre="Choreography",
        bpm=(88, 136),
        verse=(
            groove("kick x.......x....... snare ....x.......x... closed_hat x.o.x.o.x.o.x.o."),
            groove(
                "kick x.....o.x....... snare ....x.......x... closed_hat x.o.x.o.x.o.x.oo "
                "shaker ..o...o...o...o."
            ),
        ),
        drop=(
            groove(
                "kick x.....x.x.....o. snare ....x.......x... clap ....x.......x... "
                "closed_hat x.o.x.o.x.o.x.o. tambourine ..x...x...x...x."
            ),
            groove(
                "kick x.....x.x.x..... snare ....x..g....x..g clap ....x.......x... open_hat x...x...x...x..."
            ),
        ),
        bass=("r.r.r.r.r.r.r.r.", "r.......r.....a.", "r..r..r.r..r..5a"),
        chords=("x.......x.......", "1.3.2.3.1.3.2.3.", "x...............", "x...x...x...x..."),
        hits=("x..x..x.........", "x...x...x.x.....", "x.......x......."),
        fills=KIT_FILLS,
        harmonies=("major", "minor"),
        bass_timbres=("round_bass", "saw_bass", "sub"),
        chord_timbres=("piano", "super_saw", "guitar", "e_piano"),
        lead_timbres=("vocal", "square_lead", "saw_lead", "strings"),
        build_share=0.7,
    ),
    Style(
        name="kpop",
        genre="Korean",
        bpm=(96, 148),
        verse=(
            groove("kick x.....x...x..... snare ....x.......x... closed_hat x.o.x.o.x.o.xooo"),
            groove(
                "kick x..x......x..... clap ....x.......x... rim ..o....o..o....o closed_hat x.x.x.x.x.x.x.x."
            ),
        ),
        drop=(
            groove(
                "kick x...x...x...x... clap ....x.......x... snare ....x.......x... "
                "open_hat ..x...x...x...x. closed_hat xoooxoooxoooxooo"
            ),
            groove(
                "kick x..x..x.x...x..x clap ....x.......x... snare ....x.......x.gx "
                "closed_hat x.x.x.xxx.x.x.xx"
            ),
        ),
        bass=("r.r.r.r.r.r.r.ra", "r..r..r...r..5..", "r.8.rr8.r.8.r58a"),
        chords=("x..x..x.........", "1234123412341234", "x.......x......."),
        hits=("x..x..x.........", "x.x.x..x..x.....", "x..x..x..x..x..."),
        fills=(*MACHINE_FILLS, KIT_FILLS[2]),
        harmonies=("minor", "minor_sevenths", "major"),
        bass_timbres=("saw_bass", "square_bass", "boom"),
        chord_timbres=("super_saw", "brass", "piano"),
        lead_timbres=("vocal", "saw_lead", "square_lead"),
        build_share=0.9,
        pump=0.35,
    ),
    Style(
        name="drum_and_bass",
        genre="Urban",
        bpm=(146, 160),
        verse=(
            groove("kick x.........x..... snare ....x.......x... closed_hat x.x.x.x.x.x.x.x."),
            groove("kick x.........x..... snare ....x..g.g..x... ride x...x...x...x..."),
        ),
        drop=(
            groove(
                "kick x.........x..... snare ....x..g.g..x..g closed_hat xoxoxoxoxoxoxoxo "
                "ride x...x...x...x..."
            ),
            groove(
                "kick x.x.......x..o.. snare ....x..g.g..x.gg closed_hat x.x.x.x.x.x.x.x. "
                "open_hat ..x.......x....."
            ),
        ),
        bass=("r...............", "r.....r...5.....", "r.r...8.....7.a."),
        chords=("x...............", "........s.....s.", "x.....x........."),
        hits=("x..x..x.........", "x.....x...x.....", "x...x.x........."),
        fills=(*KIT_FILLS[:5], MACHINE_FILLS[1]),
        harmonies=("minor", "minor_sevenths"),
        bass_timbres=("reese", "sub"),
        chord_timbres=("e_piano", "super_saw", "pad"),
        lead_timbres=("vocal", "saw_lead", "strings"),
        build_share=0.8,
        drum_level=(0.8, 1.2),
    ),
    Style(
        name="swing",
        genre="Jazz",
        bpm=(112, 160),
        verse=(
            groove("ride x...x.o.x...x.o. closed_hat ....x.......x... kick o...o...o...o..."),
            groove(
                "ride x...x.o.x...x.o. closed_hat ....x.......x... snare ......g.......g. "
                "kick x.......o......."
            ),
        ),
        drop=(
            groove(
                "ride x...x.o.x...x.o. closed_hat ....x.......x... snare ....x.g...o.x... "
                "kick x...o...x...o..."
            ),
            groove(
                "ride x...x.o.x...x.o. snare ....x.......x.g. kick x...x...x...x... "
                "tambourine ....x.......x..."
            ),
        ),
        bass=("r...3...5...a...", "r...5...8...a...", "r...r...5...7.a."),
        chords=("x.....s.........", "......s...s.....", "s.......s.....s.", "....s.......s..."),
        hits=("x.....x...x.....", "......x.......x.", "x...x.....x.x..."),
        fills=KIT_FILLS[1:6],
        harmonies=("jazz",),
        bass_timbres=("upright_bass",),
        chord_timbres=("piano", "guitar", "organ", "brass"),
        lead_timbres=("saxophone", "brass", "piano", "mallet"),
        build_share=0.12,
        offbeat=0.64,
        drum_level=(0.6, 1.0),
    ),
    Style(
        name="latin",
        genre="Choreography",
        bpm=(86, 124),
        verse=(
            groove(
                "claves x..x..x...x.x... high_conga o.g.x.g.o.g.x.g. low_conga ......o.....x.x. "
                "kick x.......x......."
            ),
            groove(
                "claves ..x.x...x..x..x. high_conga o.g.x.g.o.g.x.g. low_conga ......o.....x.x. "
                "shaker xoxoxoxoxoxoxoxo kick x.......x......."
            ),
        ),
        drop=(
            groove(
                "claves x..x..x...x.x... cowbell x.o.x.oox.o.x.oo high_conga o.g.x.g.o.g.x.g. "
                "low_conga ......o.....x.x. kick x..x....x..x.... snare ......g......xg."
            ),
            groove(
                "claves ..x.x...x..x..x. cowbell x...x...x...x... high_conga x.o.x.oox.o.x.oo "
                "low_conga ......o.....x.x. kick x...x...x...x..."
            ),
        ),
        bass=("r..5..8.....5..a", "r.....5.....8...", "r..5..a.r..5..a."),
        chords=("1.34.3.41.3.4.3.", "s..s.s.ss.s.s.s.", "..s.s..s..s.s..s"),
        hits=("x..x..x...x.x...", "x..x..x.........", "..x.x...x..x...."),
        fills=HAND_FILLS,
        harmonies=("latin_minor", "dorian", "major"),
        bass_timbres=("upright_bass", "round_bass"),
        chord_timbres=("piano", "nylon", "guitar"),
        lead_timbres=("brass", "flute", "vocal"),
        build_share=0.3,
    ),
)
