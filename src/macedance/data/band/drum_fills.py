"""Fills, and what the drums play outside the grooves of a style; patterns as in `Style`."""

from __future__ import annotations

from macedance.data.band.style import Groove, groove

KIT_FILLS: tuple[Groove, ...] = (
    groove("snare ............xxxx"),
    groove("snare ........x.oox.xx kick ..........x....."),
    groove(
        "snare ........xx...... high_tom ..........xx.... middle_tom ............xx.. "
        "low_tom ..............xx"
    ),
    groove("high_tom ........x..x.... low_tom ..............x. snare ............x..x"),
    groove("snare x.o.x.o.x.x.xxxx kick ..x...x........."),
    groove("snare ............x.x. kick ..............x."),
    groove("open_hat ............x... snare ..............xx"),
    groove("low_tom ........x.x.x.xx kick ........x...x..."),
)

MACHINE_FILLS: tuple[Groove, ...] = (
    groove("clap ............xxxx"),
    groove("snare ........x.x.xxxx"),
    groove("kick ........x..x..x. clap ............x.xx"),
    groove("closed_hat ........xxxxxxxx clap ............x..."),
    groove("low_tom ............x..x high_tom ..........x..x.."),
    groove("snare ..........oo.ox. cowbell ........x.x....."),
    groove("open_hat ..............x."),
)

HAND_FILLS: tuple[Groove, ...] = (
    groove("high_conga ........x.xxx... low_conga .............xxx"),
    groove("snare ........x.x.x.xx cowbell ............x..."),
    groove("high_tom ............xx.. low_tom ..............xx high_conga ........x..x...."),
    groove("frame_slap ........xxxx.... frame_drum ............x.xx"),
    groove("rim ........x..x..x. low_conga ..........x..x.x"),
)

STAGE_FILLS: tuple[Groove, ...] = (
    groove("big_drum ........x.x.xxxx"),
    groove("woodblock ............xxxx big_drum ........x...x..."),
    groove("big_drum ........x..x..x. frame_slap ............xxxx"),
    groove("gong ............x... woodblock ........x.x....."),
    groove("frame_drum x...x...x.x.xxxx"),
)

BREAK_GROOVES: tuple[Groove, ...] = (
    {},
    groove("kick x..............."),
    groove("shaker x.o.x.o.x.o.x.o."),
    groove("rim ....x.......x..."),
    groove("closed_hat x...x...x...x... clap ....o.......o..."),
    groove("ride x...o...x...o..."),
    groove("tambourine ....x.......x... kick x.......o......."),
    groove("big_drum x..............."),
    groove("woodblock ....x.......x..."),
    groove("frame_drum x.......x......."),
    groove("claves x..x..x...x.x..."),
)
"""Drums of breaks; a song keeps to one of those that its style has the drums for."""

ROLLS = ("x...x...x...x...", "x.x.x.x.x.x.x.x.", "xxxxxxxxxxxxxxxx")
"""The drum that leads a build on, from its beginning to its end."""

STOPS = (
    ("............x...", 14),
    ("........x.......", 10),
    ("........x.x.....", 12),
    ("........x..x....", 14),
    ("x...x...x.......", 10),
    ("x..x..x...x.....", 12),
    ("x...............", 4),
)
"""Hits of the whole band in the bar before a drop, and the step from which it is silent."""
