"""Why an answer is wrong: the mistake that gives exactly the arrays that came back."""

from __future__ import annotations

import numpy as np

EXACT = 1e-10  # of the array's largest entry: a mistake is named only if it gives these very numbers


def match(calls, expected, got, wrong, parts):
    """(name, "") of the one mistake of `wrong` that gives `got` at every call, else (None, "").

    calls, expected, got: per call its arguments, and {label: array} of the right and of the student's answer.
    wrong: {name: function(*args) → answer}; `parts` turns an answer into {label: array}.
    A mistake that equals the right answer at all calls, or raises, names nothing; neither do two different ones.
    """
    names = [name for name, rule in wrong.items() if _gives(rule, calls, expected, got, parts)]
    return (names[0] if len(names) == 1 else None), ""


def _gives(rule, calls, expected, got, parts) -> bool:
    with np.errstate(all="ignore"):
        for call, want, have in zip(calls, expected, got, strict=True):
            try:
                produced = parts(rule(*call.args, **call.kwargs))
            except Exception:  # a mistake that cannot even be computed at this point is not the one
                return False
            if produced.keys() != have.keys() or not all(close(have[key], produced[key], want[key]) for key in have):
                return False
    return True


def close(have, produced, want) -> bool:
    """Equal to EXACT, on the scale of the larger of what the mistake gives and what is right."""
    produced = np.asarray(produced)
    if have.shape != produced.shape:
        return False
    scale = max(np.max(np.abs(produced), initial=0.0), 1e-300)
    return bool(np.max(np.abs(have - produced), initial=0.0) <= EXACT * scale)
