"""Words of files and data on the terminal."""

from __future__ import annotations

from rich.text import Text


def printable_text(text: str, style: str = "") -> Text:
    r"""Text without characters that would steer the terminal, and in which brackets are no markup.

    >>> printable_text("[red]\x1b[31m").plain
    '[red]�[31m'
    """
    printable = (character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return Text("".join(printable), style=style)
