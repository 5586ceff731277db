"""The page of a gallery: moves by kind, styles, and dances. It shows files that lie beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from string import Template

from macedance.data.choreography.moves import COUNTS_PER_PHRASE, Move
from macedance.data.choreography.styles import STYLE_OF_SONG, STYLES, DanceStyle
from macedance.data.choreography.vocabulary import MOVES
from macedance.data.inspection.wording import num_of
from macedance.render.gallery_items import DanceItem, GallerySettings, MoveItem, files_of
from macedance.render.page_parts import content_policy, page_file, page_files

SCRIPT = "gallery.js"
STYLE_FILES = ("page.css", "gallery.css")
FILES_BESIDE = "img-src 'self' file:; media-src 'self' file:"
PARTS = {
    "verses": "steady",
    "builds": "rising",
    "drops": "full",
    "breaks": "calm",
    "accents": "accents",
}
"""By the part of a song, which of a style's moves are danced in it."""


def gallery_page(settings: GallerySettings, moves: Sequence[MoveItem], dances: Sequence[DanceItem]) -> str:
    """The page's HTML.

    Args:
        settings: Of the gallery.
        moves: What it shows of the vocabulary.
        dances: The whole dances.
    """
    kinds = list(dict.fromkeys(MOVES[item.move_name].kind for item in moves))
    style, script = page_files(*STYLE_FILES), page_file(SCRIPT)
    links = [(f"kind-{kind}", kind) for kind in kinds]
    links += [("styles", "styles"), ("dances", "dances")] if dances else [("styles", "styles")]
    return Template(page_file("gallery.html")).substitute(
        policy=content_policy(style, script, sources=FILES_BESIDE),
        style=style,
        script=script,
        totals=_totals(settings, len(moves), len(dances)),
        links="\n".join(f'<a href="#{place}">{escape(text)}</a>' for place, text in links),
        kinds="\n".join(
            _section(f"kind-{kind}", kind, (_move_card(item) for item in moves if _kind(item) == kind))
            for kind in kinds
        ),
        styles="\n".join(_style_card(dance_style, moves) for dance_style in STYLES.values()),
        dances=_section("dances", "dances", map(_dance_card, dances)) if dances else "",
    )


def move_facts(move: Move) -> list[str]:
    """What the page tells of a move."""
    footwork = move.footwork
    fits_in_half_time = 2 * footwork.num_counts <= COUNTS_PER_PHRASE
    above = "in half time" if fits_in_half_time else "left out"
    facts = [f"{footwork.num_counts} counts", f"up to {move.max_bpm:g} bpm, above {above}"]
    facts.append(f"energy from {move.min_energy:g}")
    ends_on_other_foot = footwork.weights[-1] <= 0
    facts.append("then mirrored" if ends_on_other_foot else "then the same again")
    facts.append("arms of its own" if move.has_own_arms else "arms may be others")
    return facts


def _totals(settings: GallerySettings, num_moves: int, num_dances: int) -> str:
    totals = {"move": num_moves, "style": len(STYLES), "dance": num_dances}
    told = ", ".join(num_of(number, noun) for noun, number in totals.items())
    return f"{told}; body: {escape(settings.body)}"


def _kind(item: MoveItem) -> str:
    return MOVES[item.move_name].kind


def _section(place: str, title: str, cards: Iterable[str]) -> str:
    return (
        f'<section id="{place}"><h2>{escape(title)}</h2>\n<div class="cards">{"".join(cards)}</div></section>'
    )


def _move_card(item: MoveItem) -> str:
    move = MOVES[item.move_name]
    label = escape(_words(move.name))
    tempo = f"shown at {item.settings.bpm_of(move):g} bpm"
    return (
        f'<article class="card" id="move-{escape(move.name)}"><h3>{label}</h3>'
        + _shown(item, label, "muted loop playsinline")
        + f'<p class="about">{escape("; ".join([*move_facts(move), tempo]))}</p></article>\n'
    )


def _dance_card(item: DanceItem) -> str:
    song = item.song()
    label = escape(f"{_words(song.style)}, danced as {_words(STYLE_OF_SONG[song.style].name)}")
    about = f"{song.bpm:.0f} bpm; {', '.join(section.name for section in song.sections)}"
    return (
        f'<article class="card dance"><h3>{label}</h3>'
        + _shown(item, label, "controls playsinline")
        + f'<p class="about">{escape(about)}</p></article>\n'
    )


def _shown(item: MoveItem | DanceItem, label: str, how: str) -> str:
    """The video if there is one, and the sheet."""
    sheet, *videos = map(escape, files_of(item))
    size = item.settings.size_px
    video = "".join(
        f'<video src="{file}" {how} preload="metadata" width="{size}" height="{size}" tabindex="0" '
        f'aria-label="{label}"></video>'
        for file in videos
    )
    return f'{video}<a href="{sheet}"><img src="{sheet}" loading="lazy" alt="{label}, moment by moment"></a>'


def _style_card(style: DanceStyle, moves: Sequence[MoveItem]) -> str:
    shown = {item.move_name for item in moves}
    parts = "".join(
        f"<dt>{part}</dt><dd>{', '.join(_link(name, shown) for name in getattr(style, attribute))}</dd>"
        for part, attribute in PARTS.items()
    )
    songs = ", ".join(_words(song) for song in style.songs)
    return (
        f'<article class="card"><h3>{escape(_words(style.name))}</h3>'
        f'<p class="about">to {escape(songs)}</p><dl>{parts}</dl></article>\n'
    )


def _link(name: str, shown: set[str]) -> str:
    text = escape(_words(name))
    return f'<a href="#move-{escape(name)}">{text}</a>' if name in shown else text


def _words(name: str) -> str:
    return name.replace("_", " ")
