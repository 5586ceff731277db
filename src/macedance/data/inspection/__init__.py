"""What a set of shards holds, and everything that is wrong with it."""

from macedance.data.inspection.choice import choose_clips
from macedance.data.inspection.inspecting import inspect_shards
from macedance.data.inspection.opening import open_shard
from macedance.data.inspection.report import ClipFacts, Group, InspectionReport, Problem, ShardFacts

__all__ = [
    "ClipFacts",
    "Group",
    "InspectionReport",
    "Problem",
    "ShardFacts",
    "choose_clips",
    "inspect_shards",
    "open_shard",
]
