"""The end of a test: its scores in the log, on the screen and in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import lightning as L

from macedance.hashes import weights_hash
from macedance.json_files import write_json

THIS_MODEL = "this model"
"""The row that is logged; what stands beside it is for comparison."""

TEST_SCORES_FILE = "test_scores.json"
WEIGHTS_KEY = "weights_sha256"
"""Beside the rows in the file: the digest of the weights that scored so."""

Scores = Mapping[str, Mapping[str, float]]


def report_test(module: L.LightningModule, scores: Scores, show: Callable[[Scores], None]) -> None:
    """Log this model's scores, show all rows, and write them as ``test_scores.json`` into the run's folder.

    The file also tells of which weights they are.

    Args:
        module: The expert that was tested; to be called on every rank.
        scores: A row of scores by name, equal on all ranks; one is :data:`THIS_MODEL`.
        show: Prints them, on one rank.
    """
    module.log_dict({f"test/{name}": value for name, value in scores[THIS_MODEL].items()})
    log_dir = module.trainer.log_dir  # asks the other ranks, so all must come by here
    weights = weights_hash(module) if log_dir else None  # so may this, where each holds a part
    if not module.trainer.is_global_zero:
        return
    show(scores)
    if log_dir:
        write_json(Path(log_dir) / TEST_SCORES_FILE, {**scores, WEIGHTS_KEY: weights})
