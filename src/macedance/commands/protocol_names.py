"""The names of the protocols, for ``--help`` without importing torch."""

PROTOCOL_NAMES = (
    "default", "aist++", "bailando", "edge", "lodge", "flowerdance", "megadance", "mace", "mace-2d",
    "default-2d",
)  # fmt: skip
"""Kept equal to :data:`macedance.metrics.functional.protocols.PROTOCOLS` by a test."""
