"""An exercise whose answer is compared with the right one: what most exercises are."""

from __future__ import annotations

import inspect

from course_lib.exercises import Exercise
from course_lib.exercises.behaviour import naming
from course_lib.exercises.compare import values


def exercise(
    name, points, challenge, right, *, hints, needs=(), prediction=None, returns=None, wrong=None, raising=(), **how
):
    """An exercise that `right` answers; `returns` names the parts of the answer, `how` is as in `compare.values`.

    wrong, raising   {mistake: function(*args) → the answer that it gives}, or (mistake, function) pairs when a mistake can
                     be made in several ways; those of `raising` have a wrong shape or raise at some test point
    """
    verify = values(right, returns=returns or (name,), wrong=wrong, **how)
    rows = [row for table in (wrong or {}, raising) for row in (table.items() if isinstance(table, dict) else table)]
    names = tuple(inspect.signature(right).parameters)
    return Exercise(name, points, challenge, naming(verify, rows), hints, needs, prediction, names)
