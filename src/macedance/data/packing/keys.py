"""Names of clips."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection


def unique_keys(names: Collection[str]) -> dict[str, str]:
    """For each recording's name, one that can be a key in a shard: no dots, slashes or spaces.

    Names that would become the same get a part of their hash.

    >>> unique_keys(["CMU/01/walk.v2", "gBR_sBM"])
    {'CMU/01/walk.v2': 'CMU__01__walk_v2', 'gBR_sBM': 'gBR_sBM'}
    """
    plain = {name: re.sub(r"[^\w-]", "_", name.replace("/", "__")) for name in names}
    counts = Counter(key.casefold() for key in plain.values())
    return {
        name: key if counts[key.casefold()] == 1 else f"{key}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        for name, key in plain.items()
    }
