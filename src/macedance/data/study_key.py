"""The key of a preference study: which code stands for which run and clip."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from macedance.json_files import write_json


@dataclass(frozen=True)
class StudyKey:
    """What participants must not know.

    Attributes:
        study: Hash of all that the study consists of, which votes carry.
        title: What participants see.
        seed: Of the codes and the order.
        runs: Names of the runs by code.
        clips: Keys of the clips by code.
    """

    study: str
    title: str
    seed: int
    runs: dict[str, str]
    clips: dict[str, str]

    def save(self, path: str | Path) -> None:
        """Write it as JSON."""
        write_json(path, dataclasses.asdict(self))

    @classmethod
    def load(cls, path: str | Path) -> StudyKey:
        """Read what :meth:`save` wrote.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: It is something else.
        """
        path = Path(path)
        if not path.is_file():
            raise FileNotFoundError(f"there is no {path}; --key must name the key.json of the study")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            fields = {field.name: content[field.name] for field in dataclasses.fields(cls)}
            key = cls(**fields)
            named = [key.study, key.title, *key.runs.items(), *key.clips.items()]
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"--key must be the key.json of a study, and {path} is not one ({error})"
            ) from error
        if not all(isinstance(text, str) for texts in named for text in texts):
            raise ValueError(f"--key must be the key.json of a study, and {path} has names that are no text")
        return key
