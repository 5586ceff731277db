"""The card of an exported expert: what it is, what is known of it, and how to use it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from macedance.hashes import state_hash
from macedance.lightning_modules.expert_files import StoredExpert
from macedance.lightning_modules.score_report import TEST_SCORES_FILE, WEIGHTS_KEY
from macedance.metrics.scores import score_columns
from macedance.plugins import kinds_of, load_plugins


@dataclass(frozen=True)
class Conversion:
    """How an expert came to be that this package did not train.

    Attributes:
        told: A paragraph of Markdown: what was converted, and how.
        licence: Under which licence the weights are, in the hub's words; empty if that is not known.
    """

    told: str
    licence: str = ""


def expert_card(
    stored: StoredExpert, expert_class: type, name: str, conversion: Conversion | None = None
) -> str:
    """Markdown with the hub's front matter; nothing in it was not found in the checkpoint or its run's folder.

    Args:
        stored: The expert, read from its checkpoint.
        expert_class: Its class.
        name: What the folder is called.
        conversion: Where it comes from, if it was not trained by this package.
    """
    kind = next(iter(kinds_of(expert_class)), None)
    tags = ["macedance", *((kind.tag, f"{kind.role}-expert") if kind else ())]
    licence = {"license": conversion.licence} if conversion and conversion.licence else {}
    head = yaml.safe_dump({"library_name": "macedance", "tags": tags, **licence})
    parts = [
        f"---\n{head}---",
        f"# {name}",
        _about(stored, expert_class, kind.purpose if kind else ""),
        *(("## Origin", conversion.told) if conversion else ()),
        "## Use",
        _usage(kind.role if kind else "", name, _class_to_name(expert_class)),
        "## Data",
        "The converted file does not tell." if conversion else _data(Path(stored.name)),
        "## Scores",
        "Not evaluated." if conversion else _scores(stored),
        "## Settings",
        _table(("setting", "value"), [(key, str(value)) for key, value in sorted(stored.arguments.items())]),
        "## Licence",
        _licence(conversion),
    ]
    return "\n\n".join(parts) + "\n"


def _about(stored: StoredExpert, expert_class: type, purpose: str) -> str:
    num = sum(tensor.numel() for tensor in stored.weights.values() if tensor.is_floating_point())
    summary = (inspect.getdoc(expert_class) or "").partition("\n")[0]
    does = f"An expert of macedance that {purpose}." if purpose else "An expert of macedance."
    return (
        f"{does}{f' {summary}' if summary else ''}\n\n"
        f"Class `{expert_class.__module__}.{expert_class.__name__}`; {num:,} numbers in `model.safetensors`: "
        "averaged weights where training averages them, and normalisation."
    )


def _licence(conversion: Conversion | None) -> str:
    if conversion is None:
        return (
            "Not stated. Whoever shares this folder chooses a licence, and writes it here and as `license:` at the "
            "top."
        )
    if not conversion.licence:
        return "Not known: that of the converted file holds. Find it out before you share this folder."
    return f"`{conversion.licence}`, as whoever converted the file said."


def _usage(role: str, name: str, class_path: str) -> str:
    """How to use the expert; whoever has not installed its package must name its class."""
    path = f"path/to/{name}"
    named = f', class_path="{class_path}"' if class_path else ""
    parts = [f'```python\nimport macedance\n\nexpert = macedance.load_expert("{path}"{named})\n```']
    if role:
        image = "--image me.png " if role == "appearance" else ""
        option = f" --class-path {class_path}" if class_path else ""
        command = f"macedance generate --music song.mp3 {image}--{role} {path} --out dance.mp4{option}"
        expert = {"weights": path, "class_path": class_path} if class_path else path
        cascade = {
            "model": {"class_path": "macedance.lightning_modules.Cascade", "init_args": {role: expert}}
        }
        parts += [
            f"```sh\n{command}\n```",
            "In the YAML of a cascade:",
            f"```yaml\n{yaml.safe_dump(cascade, sort_keys=False)}```",
        ]
    if class_path:
        parts.append(f"The package of `{class_path}` must be on Python's path.")
    parts.append("In place of the path, the id that this folder has on the hub will do.")
    return "\n\n".join(parts)


def _class_to_name(expert_class: type) -> str:
    """The path of a class that no installed package offers; empty for others."""
    if expert_class in load_plugins().values():
        return ""
    return f"{expert_class.__module__}.{expert_class.__qualname__}"


def _data(checkpoint: Path) -> str:
    """The names of the training sets, without the folders that they lie in, which tell of a machine."""
    try:
        config = yaml.safe_load((_run_folder(checkpoint) / "config.yaml").read_text(encoding="utf-8"))
        shards = config["data"]["init_args"]["shards"]
    except (OSError, yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError):
        return "The checkpoint does not tell what the expert was trained on."
    locations = list(shards) if isinstance(shards, list | dict) else [shards]
    names = sorted({_set_name(str(location)) for location in locations})
    return f"Trained on the shards of {', '.join(f'`{name}`' for name in names)}."


def _set_name(location: str) -> str:
    """The folder's own name, with the pattern or file in it if there is one.

    >>> _set_name("/home/me/data/motion-tiny"), _set_name("s3://mine/waltz/train-*.tar")
    ('motion-tiny', 'waltz/train-*.tar')
    """
    parts = Path(location).parts
    return "/".join(parts[-2:]) if parts[-1].endswith(".tar") else parts[-1]


def _scores(stored: StoredExpert) -> str:
    """The last test of these very weights, in the run's folder or one beside it."""
    rows = _test_scores(stored)
    if not rows:
        return "Not evaluated: no `macedance test` of these weights was found when they were exported."
    columns = score_columns(dict.fromkeys(name for row in rows.values() for name in row))
    lines = [
        (name, *(column.write(_number(row, column.name)) for column in columns)) for name, row in rows.items()
    ]
    told = (
        "By `macedance test` of these very weights, as their digest tells, on the test clips of the data that its "
        "configuration named."
    )
    return f"{told}\n\n{_table(('', *(column.title for column in columns)), lines)}"


def _test_scores(stored: StoredExpert) -> dict[str, Mapping[str, Any]]:
    files = _run_folder(Path(stored.name)).parent.glob(f"*/{TEST_SCORES_FILE}")
    newest_first = sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)
    weights = state_hash(stored.weights) if newest_first else None
    for file in newest_first:
        try:
            scores = dict(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            continue
        if weights is not None and scores.pop(WEIGHTS_KEY, None) == weights:
            return scores
    return {}


def _run_folder(checkpoint: Path) -> Path:
    return checkpoint.absolute().parent.parent


def _number(row: Mapping[str, Any], name: str) -> float:
    value = row.get(name)
    return float("nan") if value is None else float(value)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
