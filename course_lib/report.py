"""What a gradient check found, as data and as a table that can be read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

AGREES, DISAGREES, INCONCLUSIVE = "agrees", "disagrees", "inconclusive"

# An array can only be judged where rounding may hide less than this part of it.
CONCLUSIVE = 1e-3


@dataclass(frozen=True)
class Row:
    """One array of the claim. `index` is its worst entry, the other numbers belong to that entry."""

    name: str
    layer: int | None
    shape: tuple
    verdict: str
    index: tuple = ()
    claimed: float = np.nan
    numerical: float = np.nan
    tolerance: float = np.nan
    note: str = ""

    @property
    def label(self):
        """The array as it is written in the course: `dJ_dW[2]`."""
        quantity = self.name if self.name in ("delta", "gradient", "slope") else f"dJ_d{self.name}"
        return quantity if self.layer is None else f"{quantity}[{self.layer}]"

    @property
    def ratio(self):
        """The difference in units of what is allowed; infinite where nothing can be compared."""
        return np.inf if np.isnan(self.difference) else float(_ratio(np.array(self.difference), self.tolerance))

    @property
    def difference(self):
        """Distance between claimed and numerical value, at the worst entry."""
        return abs(self.claimed - self.numerical)

    def __str__(self):
        if self.note and np.isnan(self.numerical):
            return f"{self.label:<10} {self.verdict:<13} {self.note}"
        at = f"[{', '.join(map(str, self.index))}]"
        numbers = f"{self.claimed:>14.6e} {self.numerical:>14.6e} {self.difference:>11.1e} {self.tolerance:>9.1e}"
        return f"{self.label:<10} {self.verdict:<13} {at:<11} {numbers}  {self.note}".rstrip()


_HEAD = (
    f"{'array':<10} {'verdict':<13} {'worst entry':<11} "
    f"{'claimed':>14} {'numerical':>14} {'difference':>11} {'allowed':>9}"
)


@dataclass(frozen=True)
class GradientReport:
    """The verdict on a claimed gradient, array by array in the order in which backpropagation computes them."""

    rows: list[Row]
    method: str
    certified: bool | None = None
    evidence: str = ""

    @property
    def verdict(self):
        """ "disagrees" if any array does; else "inconclusive" if any is; else "agrees". Never more than was certified."""
        found = {row.verdict for row in self.rows}
        if self.certified is False:
            return INCONCLUSIVE
        return next((v for v in (DISAGREES, INCONCLUSIVE) if v in found), AGREES)

    @property
    def first_wrong(self):
        """The first array that disagrees, a `Row`, or None: the mistake enters there."""
        return next((row for row in self.rows if row.verdict == DISAGREES), None)

    @property
    def worst(self):
        """The row that exceeds its tolerance most, or comes closest to it."""
        return max(self.rows, key=lambda row: row.ratio)

    @property
    def by_layer(self):
        """Layer → verdict on all its arrays (∂J/∂X has no layer)."""
        layers = sorted({row.layer for row in self.rows if row.layer is not None})
        return {l: GradientReport([r for r in self.rows if r.layer == l], "").verdict for l in layers}

    def __str__(self):
        first = f": {self.first_wrong.label} is wrong first" if self.first_wrong else ""
        return "\n".join(
            [f"{self.verdict}{first}", _HEAD, *map(str, self.rows), f"numerical: {self.method}; {self.evidence}"]
        )


def compare(name, layer, claimed, numerical, tolerance, hidden) -> Row:
    """The row for one array. `tolerance` and `hidden` are like `numerical`; what exceeds `tolerance` but not `hidden`
    (at a relu's kink both slopes are right) is inconclusive. A wrong shape, or NaN, disagrees."""
    claimed = np.asarray(claimed)
    if claimed.shape != np.shape(numerical) or claimed.dtype.kind not in "biuf":
        wrong = f"shape {claimed.shape}, wanted {np.shape(numerical)}"
        note = wrong if claimed.shape != np.shape(numerical) else f"dtype {claimed.dtype}, wanted float64"
        return Row(name, layer, claimed.shape, DISAGREES, note=note)
    if claimed.size == 0:
        return Row(name, layer, claimed.shape, INCONCLUSIVE, note="empty")
    note = "" if claimed.dtype.itemsize >= 8 else f"{claimed.dtype}: checked to its own precision"
    claimed = claimed.astype(float, copy=False)
    difference = np.abs(claimed - numerical)
    ratio = _ratio(difference, tolerance)
    index = tuple(int(i) for i in np.unravel_index(np.argmax(ratio), ratio.shape))
    if ratio[index] <= 1:
        verdict = AGREES
        if _norm(tolerance) > max(CONCLUSIVE * _norm(numerical), 1e-250):
            verdict, note = INCONCLUSIVE, "rounding could hide a mistake here: take another point"
    elif hidden is not tolerance and np.all(difference <= hidden):
        verdict, note = INCONCLUSIVE, "a relu stands at its kink: more than one slope is right"
    else:
        verdict = DISAGREES
    at = (float(np.asarray(array)[index]) for array in (claimed, numerical, tolerance))
    return Row(name, layer, claimed.shape, verdict, index, *at, note)


def _ratio(difference, tolerance):
    """difference / tolerance; 0/0 is 0."""
    with np.errstate(all="ignore"):
        return np.divide(difference, tolerance, out=np.zeros_like(difference), where=difference != 0)


def _norm(array):
    """Euclidean norm; scaled where squares would underflow or overflow."""
    norm = np.sqrt(np.vdot(array, array))
    if 1e-150 < norm < 1e150:
        return norm
    top = np.max(np.abs(array), initial=0.0)
    return top * np.sqrt(np.sum((array / top) ** 2)) if 0 < top < np.inf else top
