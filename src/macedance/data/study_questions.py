"""The six questions of the preference study, after the axes of the paper's user study."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One question about two videos.

    Attributes:
        name: What votes call it.
        heading: What tables call it.
        text: What participants are asked.
        hint: What they are told to look at.
        needs: ``sound`` or ``picture`` if it cannot be answered without, else empty.
    """

    name: str
    heading: str
    text: str
    hint: str
    needs: str = ""


QUESTIONS = (
    Question(
        "synchronisation",
        "in time",
        "Which dance fits the music better?",
        "Do steps, hits and pauses fall on the beat, and does the dance change when the music does?",
        needs="sound",
    ),
    Question(
        "dance_quality",
        "dance",
        "Which one is danced better?",
        "Weight, balance and flow of the body. Feet that slide, jerks and limbs inside the body speak against it.",
    ),
    Question(
        "creativity",
        "creativity",
        "Which dance has more ideas?",
        "Many different moves, well put together. One move again and again speaks against it.",
    ),
    Question(
        "perceptual_quality",
        "picture",
        "Which video looks better?",
        "Sharpness, colours, hands and face, as if you paused it. Never mind how the dance is.",
    ),
    Question(
        "temporal_consistency",
        "steadiness",
        "Which video stays the same person and place throughout?",
        "Clothes, face and background should not flicker, melt or change while it plays.",
    ),
    Question(
        "identity",
        "identity",
        "Which dancer is more like the person in the picture?",
        "Face, hair, build and clothes, compared with the picture.",
        needs="picture",
    ),
)
