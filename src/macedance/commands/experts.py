"""``macedance experts``: which experts are installed, and what one can be told."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from macedance.plugins import InstalledExpert

EXAMPLE = """\
Packages offer experts by an entry point of the group macedance.experts; see
docs/new-expert.md. What a name stands for is used in a configuration by the
class path that the table shows.

Where packages offer experts of one name, the class path tells them apart.

examples:
  macedance experts
  macedance experts motion
  macedance experts motion --yaml > my-motion.yaml"""

MIN_WIDTH = 120


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="expert to tell all about, or its class path; a list if left out",
    )
    parser.add_argument(
        "--yaml", action="store_true", help="print nothing but a configuration to start from, with NAME"
    )


def run(args: argparse.Namespace) -> int:
    """Print the list, or what there is to know of one."""
    from macedance.plugins import installed_experts

    if args.name is None:
        if args.yaml:
            raise ValueError("--yaml must come with the NAME of an expert; 'macedance experts' lists them")
        _console().print(_list(installed_experts()))
        return 0
    expert = _named(args.name, installed_experts())
    if args.yaml:
        from macedance.commands.expert_parameters import skeleton

        print(skeleton(expert), end="")
    else:
        _print_details(expert)
    return 0


def _named(name: str, experts: tuple[InstalledExpert, ...]) -> InstalledExpert:
    """The expert of that name or class path.

    Raises:
        ValueError: There is none, or several, or it cannot be used.
    """
    found = [expert for expert in experts if expert.class_path == name][:1]
    found = found or [expert for expert in experts if expert.name == name]
    if not found:
        names = ", ".join(dict.fromkeys(expert.name for expert in experts))
        raise ValueError(f"NAME must be one of {names}, got {name!r}; install the package that offers it")
    if len(found) > 1:
        offers = " and ".join(f"{expert.package} ({expert.class_path})" for expert in found)
        raise ValueError(f"NAME: {name} is offered by {offers}; give the class path of one")
    if found[0].error:
        raise ValueError(
            f"NAME: {name} of {found[0].package} cannot be imported ({found[0].error}); mend that package"
        )
    if not found[0].kind:
        raise ValueError(
            f"NAME: {name} of {found[0].package} must be of one kind, but has {_lacking(found[0])}; write its class "
            f"path, {found[0].class_path}, where it belongs in a configuration"
        )
    return found[0]


def _lacking(expert: InstalledExpert) -> str:
    """What a class of no kind has instead of a kind's method."""
    if hasattr(expert.expert_class, "for_clip"):
        return "for_clip() alone"
    return "neither generate() nor render()"


def _console() -> Console:
    from rich.console import Console

    console = Console()
    console.width = max(console.width, MIN_WIDTH)
    return console


def _list(experts: tuple[InstalledExpert, ...]) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table()
    for heading in ("name", "kind", "class", "package"):
        table.add_column(heading, overflow="fold")
    for expert in experts:
        told = f"cannot be imported: {expert.error}" if expert.error else expert.class_path
        kind = expert.kind or ("" if expert.error else _lacking(expert))
        cells = (expert.name, kind, told, f"{expert.package} {expert.version}")
        table.add_row(*map(escape, cells), style="red" if expert.error else None)
    return table


def _print_details(expert: InstalledExpert) -> None:
    from rich.markup import escape
    from rich.table import Table

    from macedance.commands.expert_parameters import parameters_of, skeleton, summary_of

    console = _console()
    console.print(
        f"{expert.name}: {expert.kind} expert, {expert.class_path}, {expert.package} {expert.version}",
        style="bold",
        soft_wrap=True,
        markup=False,
    )
    console.print(summary_of(expert.expert_class), markup=False)
    table = Table()
    for heading in ("argument", "type", "default", "what it is"):
        table.add_column(heading, overflow="fold")
    for parameter in parameters_of(expert.expert_class):
        cells = (parameter.name, parameter.type_name, parameter.default or "needed", parameter.explanation)
        table.add_row(*map(escape, cells))
    console.print(table)
    print(f"A configuration to start from ('macedance experts {expert.name} --yaml' prints it alone):\n")
    print(skeleton(expert), end="")
