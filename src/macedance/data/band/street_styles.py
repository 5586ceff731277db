"""Styles of the street: hip-hop, funk, breaks and what came of them."""

from __future__ import annotations

from macedance.data.band.drum_fills import HAND_FILLS, KIT_FILLS, MACHINE_FILLS
from macedance.data.band.style import Style, groove

STREET_STYLES = (
    Style(
        name="boom_bap",
        genre="Hiphop",
        bpm=(82, 102),
        verse=(
            groove("kick x......ox.o..... snare ....x.......x... closed_hat x.o.x.o.x.o.x.o."),
            groove("kick x..o...ox....... snare ....x..g.g..x..g closed_hat x.o.x.o.x.o.x..."),
        ),
        drop=(
            groove(
                "kick x.o....xo.x..... snare ....x..g.g..x... closed_hat x.ogx.o.x.ogx.o. "
                "open_hat ..............o."
            ),
            groove(
                "kick x......x..x..o.. snare ....x.......x.gg closed_hat x.o.x.o.x.o.x.o. "
                "rim ..........o....."
            ),
        ),
        bass=("r......rr.....5.", "r..r......r...a.", "r.....5.r...7.a."),
        chords=("x.......x.......", "x.....s.........", "1.2.3.2.4.3.2.3."),
        hits=("x......xx.......", "x..x......x.....", "x.......x.x....."),
        fills=KIT_FILLS,
        harmonies=("minor_sevenths", "dorian", "jazz"),
        bass_timbres=("upright_bass", "sub", "round_bass"),
        chord_timbres=("e_piano", "piano", "nylon", "mallet"),
        lead_timbres=("saxophone", "flute", "vocal", "mallet"),
        build_share=0.25,
        swing=0.3,
    ),
    Style(
        name="funk",
        genre="Locking",
        bpm=(96, 120),
        verse=(
            groove("kick x.......x.o..... snare ....x..g.g..x... closed_hat x.o.x.o.x.o.x.o."),
            groove("kick x.o.....x..o.... snare ....x..g.g..x..g closed_hat x.ogx.ogx.ogx.og"),
        ),
        drop=(
            groove(
                "kick x.o...o.x.o..... snare ....x..g.g..x..g closed_hat xgogxgogxgogxgog "
                "tambourine ....x.......x..."
            ),
            groove(
                "kick x.o....ox..o..o. snare ....x..g.g.gx... closed_hat x.o.x.o.x.o.x... "
                "cowbell x...x...x...x..."
            ),
        ),
        bass=("r..r..8.r..5..8a", "r.r...78r..r.5.a", "r....r8.r.5.r7.a"),
        chords=("s.....s.s.....s.", "s..s..s..s..s...", "x..s..s...s..s.."),
        hits=("x..x..x...x.x...", "x.x....x..x.....", "x..x.x..x......."),
        fills=KIT_FILLS,
        harmonies=("blues", "dorian"),
        bass_timbres=("slap_bass", "saw_bass", "upright_bass"),
        chord_timbres=("clavinet", "guitar", "organ", "e_piano"),
        lead_timbres=("brass", "saxophone", "square_lead"),
        build_share=0.2,
        swing=0.12,
        drum_level=(0.7, 1.1),
    ),
    Style(
        name="trap",
        genre="Hiphop",
        bpm=(122, 158),
        verse=(
            groove("kick x.....o......... clap ........x....... closed_hat x.x.x.x.x.x.x.x."),
            groove("kick x.........o..... clap ........x....... closed_hat x.x.xxx.x.x.x.xx"),
        ),
        drop=(
            groove(
                "kick x.....x...x..... clap ........x....... snare ........x....... "
                "closed_hat x.x.x.xxx.x.xxxx open_hat ..............o."
            ),
            groove(
                "kick x..x......x..x.. clap ........x....... snare ........x.....g. "
                "closed_hat xxx.x.x.xxxxx.x."
            ),
        ),
        bass=("r.........r.....", "r.....r.......5.", "r..r......r..a.."),
        chords=("x...............", "1...2...3...2...", "1.3.4.3.1.3.4.3."),
        hits=("x..x..x.........", "x.....x...x.....", "x..x............"),
        fills=MACHINE_FILLS,
        harmonies=("minor", "hijaz"),
        bass_timbres=("boom", "sub"),
        chord_timbres=("mallet", "piano", "zither", "choir"),
        lead_timbres=("flute", "square_lead", "mallet", "vocal"),
        build_share=0.7,
    ),
    Style(
        name="electro",
        genre="Popping",
        bpm=(94, 126),
        verse=(
            groove("kick x.......x.o..... snare ....x.......x... closed_hat o.o.o.o.o.o.o.oo"),
            groove(
                "kick x.....x.x....... snare ....x.......x... cowbell x..x..x...x.x... "
                "closed_hat x.x.x.x.x.x.x.x."
            ),
        ),
        drop=(
            groove(
                "kick x...x...x...x... snare ....x.......x... clap ....x.......x... "
                "closed_hat xoxoxoxoxoxoxoxo cowbell ..x..x....x.x..."
            ),
            groove(
                "kick x..x..x...x..x.. snare ....x.......x... clap ....x.......x.x. "
                "closed_hat xoxoxoxoxoxoxoxo low_tom ..........x..x.."
            ),
        ),
        bass=("r.8.r.8.r.8.r.8.", "r..r..8...r.5.8.", "rr8rrr8rrr8rrr8a"),
        chords=("x.....x.....x...", "s..s..s...s.....", "1231231231231234"),
        hits=("x..x..x...x.x...", "x..x..x.........", "x.xx....x......."),
        fills=MACHINE_FILLS,
        harmonies=("minor", "dorian"),
        bass_timbres=("square_bass", "saw_bass", "reese"),
        chord_timbres=("super_saw", "square_lead", "brass", "strings"),
        lead_timbres=("square_lead", "saw_lead"),
        build_share=0.6,
        pump=0.25,
    ),
    Style(
        name="breakbeat",
        genre="Breaking",
        bpm=(100, 138),
        verse=(
            groove("kick x.o.......o..... snare ....x..g.g..x... closed_hat x.x.x.x.x.x.x.x."),
            groove("kick x.o......o...... snare ....x..g.g..x..g ride x.x.x.x.x.x.x.x."),
        ),
        drop=(
            groove(
                "kick x.x.....o.x..... snare ....x..g.g..x..g closed_hat x.x.x.x.x.x.x.x. "
                "high_conga ..xo..x...xo..x."
            ),
            groove(
                "kick x.x.......xx.... snare ....x..g.g....x. closed_hat x.x.x.x.x.x.x.x. "
                "low_conga ...x...x...x...x"
            ),
        ),
        bass=("r.....r.8.......", "r.r.....7.8.r...", "r..r....5.r...a."),
        chords=("x...........s...", "s.....s.........", "..s.......s....."),
        hits=("x.......x.x.....", "x..x..x...x.....", "x.x...x........."),
        fills=(*KIT_FILLS, HAND_FILLS[0]),
        harmonies=("blues", "dorian", "minor"),
        bass_timbres=("upright_bass", "slap_bass", "reese"),
        chord_timbres=("brass", "organ", "guitar", "clavinet"),
        lead_timbres=("brass", "flute", "saxophone"),
        build_share=0.3,
        drum_level=(0.8, 1.2),
    ),
    Style(
        name="dancehall",
        genre="Hiphop",
        bpm=(88, 112),
        verse=(
            groove("kick x...........x... rim ...x..x....x..x. closed_hat x...x...x...x..."),
            groove("kick x...x...x...x... rim ...x..x....x..x. shaker x.o.x.o.x.o.x.o."),
        ),
        drop=(
            groove(
                "kick x...x...x...x... snare ...x..x....x..x. closed_hat x.o.x.o.x.o.x.o. "
                "clap ....x.......x..."
            ),
            groove(
                "kick x...x...x...x... snare ...x..x....x..x. clap ....x.......x... "
                "high_tom .............xo. shaker xoxoxoxoxoxoxoxo"
            ),
        ),
        bass=("r..r..r.........", "r.....r.r..5....", "r..r..5.r..r..a."),
        chords=("x.s...s...s...s.", "x.......x.......", "x..s..s.x..s..s."),
        hits=("x..x..x.........", "x..x..x.x..x..x.", "x.....x........."),
        fills=(*MACHINE_FILLS[:5], HAND_FILLS[4]),
        harmonies=("minor", "major"),
        bass_timbres=("boom", "sub", "round_bass"),
        chord_timbres=("organ", "mallet", "guitar", "super_saw"),
        lead_timbres=("vocal", "flute", "mallet"),
        build_share=0.5,
    ),
)
