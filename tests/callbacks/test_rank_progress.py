from __future__ import annotations

from macedance.callbacks.rank_progress import Progress, standstill_line


def test_many_ranks_are_told_in_one_line() -> None:
    waiting, computing = Progress("waiting for its batch in step 5", 8), Progress("in step 5", 9)
    everyone = {rank: waiting if rank in (3, 4) else computing for rank in range(20)}
    told = standstill_line(everyone, {3, 4}, is_silent=False, minutes=20, is_alone=False)
    assert told == (
        "macedance: training stands still: ranks 3, 4 have been waiting for its batch in step 5 for 20 minutes "
        "(HangWatchdog); meanwhile ranks 0, 1, 2, 5, 6, 7, 8, 9 and 10 more in step 5\n"
    )
