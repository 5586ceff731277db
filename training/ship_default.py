"""Put a trained expert into the package as the default Motion Expert, with its card.

    python training/ship_default.py runs/default/heard --recipe runs/default/default/recipe.json \\
        --scores training/scores.json --row "default, temperature 0.5" --temperature 0.5 --sampler dpm --steps 20

Weights are rounded to bfloat16, normalisation stays as it is. The card's figures are those of the files named.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch

from macedance.default_expert import default_folder
from macedance.lightning_modules import MotionExpert
from macedance.lightning_modules.expert_files import StoredExpert, read_expert
from macedance.lightning_modules.exporting import write_expert

CLASS_PATH = "macedance.lightning_modules.MotionExpert"
