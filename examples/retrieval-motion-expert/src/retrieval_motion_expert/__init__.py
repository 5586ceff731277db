"""A Motion Expert that dances with windows of the dances it was trained on."""

from retrieval_motion_expert.expert import RetrievalMotionExpert

__all__ = ["RetrievalMotionExpert"]
