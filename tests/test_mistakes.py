"""The bank of mistakes: each is named, or nothing is; never the right gradient, never another's name."""

import importlib
import pkgutil
import subprocess
import sys
from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from benchmarks.networks import hostile, ordinary
from course_lib import exercises
from course_lib.exercises.diagnosis import match, name_network_mistake, same
from course_lib.exercises.mistakes import MISTAKES, NETWORK_RULES, Mistake, with_rules
from course_lib.exercises.points import as_network, networks
from course_lib.reference import RULES, Gradient, backward
from course_lib.wire import Call

NAMES = sorted({name for name, _ in NETWORK_RULES})


def test_every_text_belongs_to_a_mistake_that_something_names(root):
    folders = (root / "course_lib" / "exercises", root / "grader" / "samples")
    code = "".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.py"))
    assert [name for name in MISTAKES if name not in code] == []


def claim(g, *parts):
    """What an exercise hands in: dW and db, or the parts asked for."""
    held = {"dW": g.W, "db": g.b, "dX": g.X, "delta": g.delta}
    return {part: held[part] for part in parts or ("dW", "db")}


def gradients(points, rules=RULES):
    """The gradients that these rules give, or None where code with this mistake cannot run."""
    try:
        with np.errstate(all="ignore"):
            found = [backward(net, X, Y, rules) for net, X, Y in points]
    except (ValueError, IndexError):
        return None
    fits = all(
        g.W[l].shape == net.W[l].shape and g.b[l].shape == net.b[l].shape
        for g, (net, _, _) in zip(found, points, strict=True)
        for l in net.W
    )
    return found if fits and all(np.isfinite(v).all() for g in found for v in [*g.W.values(), *g.b.values()]) else None


def equal(one, other, parts=("W", "b")):
    return all(
        same(getattr(a, part)[l], getattr(b, part)[l])
        for a, b in zip(one, other, strict=True)
        for part in parts
        for l in a.W
    )


@pytest.fixture
def points(rng):
    """Where the checks look: shapes all different, one example, one layer, square, large gradients."""
    return [(as_network(W, b), X, Y) for W, b, X, Y in networks(rng)]


# Words. ------------------------------------------------------------------------------------------------------------------------


def words_used_in_exercises():
    for module in pkgutil.iter_modules(exercises.__path__):
        for name, table in vars(importlib.import_module(f"course_lib.exercises.{module.name}")).items():
            if name.startswith("WRONG") and isinstance(table, dict | list):
                rows = table if isinstance(table, dict) else [row[0] for row in table if isinstance(row, tuple)]
                yield from ((module.name, row) for row in rows if isinstance(row, str))


def test_every_mistake_says_where_to_read(root):
    """ "03 · where the 1/m goes" is a heading of chapter 03."""
    headings = {
        (source.name[:2], line.lstrip("# 0123456789").lower())
        for source in (root / "solutions").glob("[0-9][0-9]_*.py")
        for line in source.read_text(encoding="utf-8").splitlines()
        if line.startswith("# #")
    }
    places = {tuple(row.read.lower().split(" · ", 1)) for row in MISTAKES.values() if row.read}
    assert sorted(places - headings) == []


def test_every_mistake_has_words():
    used = {(module, name) for module, name in words_used_in_exercises()} | {("NETWORK_RULES", name) for name in NAMES}
    assert [place for place in sorted(used) if place[1] not in MISTAKES] == []


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=lambda mistake: mistake.name)
def test_words_explain_ask_and_send_back(mistake):
    assert mistake.explanation.endswith((".", "!", "?", "”"))
    assert len(mistake.explanation.split()) <= 60
    assert mistake.question.endswith("?")
    assert mistake.read[:2].isdigit()


def test_words_of_a_pair_are_put_together():
    pair = MISTAKES["missing 1/m and no σ′ at the output"]
    assert isinstance(pair, Mistake)
    assert MISTAKES["missing 1/m"].explanation in pair.explanation
    assert MISTAKES["no σ′ at the output"].question in pair.question
    assert "missing 1/m and unheard of" not in MISTAKES
    assert "unheard of" not in MISTAKES
    with pytest.raises(KeyError):
        MISTAKES["missing 1/m and unheard of"]


# Names. ------------------------------------------------------------------------------------------------------------------------


def test_there_are_many_distinguishable_mistakes(points):
    """At five small points the mistakes that run there give different arrays, apart from the rows of one name."""
    found = [(name, gradients(points, with_rules(mistake))) for name, mistake in NETWORK_RULES if "dX" not in mistake]
    found = [(name, g) for name, g in found if g]
    assert len({name for name, _ in found}) >= 60
    assert not any(equal(g, gradients(points)) for _, g in found)
    assert [(a, b) for (a, g), (b, h) in combinations(found, 2) if a != b and equal(g, h)] == []


@pytest.mark.parametrize(("name", "mistake"), [row for row in NETWORK_RULES if "dX" not in row[1]])
def test_a_single_mistake_is_named(points, name, mistake):
    wrong = gradients(points, with_rules(mistake))
    if wrong is None:  # its shapes fit in square layers only
        points = [point for point in points if len(set(point[0].sizes)) == 1]
        wrong = gradients(points, with_rules(mistake))
    if wrong is None:
        assert name in {"db not summed", "db lost its axis", "db summed over the units"}  # found by its shape
        return
    found = name_network_mistake(points, [claim(g) for g in wrong])
    assert found.name in (name, None)
    assert found.name == name or len(points) == 1
    assert found.first_wrong is not None


@pytest.mark.parametrize(("name", "mistake"), [row for row in NETWORK_RULES if set(row[1]) == {"dX"}])
def test_a_mistake_in_the_last_step_is_named(points, name, mistake):
    points = [
        point
        for point in points
        if ("not transposed" not in name and "one short" not in name) or len(set(point[0].sizes)) == 1
    ]
    wrong = gradients(points, with_rules(mistake))
    found = name_network_mistake(points, [claim(g, "dW", "db", "dX") for g in wrong])
    assert found.name == name
    assert found.first_wrong == ("dX", None)
    assert "last step" in found.text


def test_on_random_networks_a_mistake_is_named_right_or_not_at_all(rng):
    """2,000 networks, four at a time."""
    found = Counter()
    for n in range(500):
        points = [(hostile, ordinary)[n % 2](rng) for _ in range(4)]
        for k in rng.choice(len(NETWORK_RULES), size=4, replace=False):
            name, mistake = NETWORK_RULES[k]
            wrong = gradients(points, with_rules(mistake))
            if wrong and "dX" not in mistake and not equal(wrong, gradients(points)):
                named = name_network_mistake(points, [claim(g) for g in wrong]).name
                found[named == name] += 1
                assert named in (name, None)
    assert found[True] > 0.95 * sum(found.values())


def test_a_pair_is_named_as_itself_or_as_something_equal_on_paper(points, rng):
    """Two mistakes at once: 80 % are named so; any other name gives the same arrays at points never seen."""
    elsewhere = [(as_network(W, b), X, Y) for W, b, X, Y in networks(rng)]
    pairs, named_so, total = list(combinations([row for row in NETWORK_RULES if "dX" not in row[1]], 2)), 0, 0
    for k in rng.choice(len(pairs), size=120, replace=False):
        (a, first), (b, second) = pairs[k]
        rules = with_rules(first, second)
        wrong = gradients(points, rules) if rules and a != b else None
        if wrong is None or equal(wrong, gradients(points)):
            continue
        found, total = name_network_mistake(points, [claim(g) for g in wrong]), total + 1
        if set(found.names) == {a, b}:
            named_so += 1
        elif found.names:
            rows = [[rule for name, rule in NETWORK_RULES if name == part] for part in found.names]
            choices = [
                with_rules(*chosen)
                for chosen in (
                    [(x,) for x in rows[0]] if len(rows) == 1 else [(x, y) for x in rows[0] for y in rows[1]]
                )
            ]
            assert any(
                g and equal(g, gradients(elsewhere, rules)) for g in (gradients(elsewhere, r) for r in choices if r)
            ), (a, b, found)
    assert named_so > 0.8 * total > 60


def test_the_right_gradient_is_never_named(rng):
    """Also not with its last digits changed, as by another order of summation."""
    for n in range(300):
        points = [(hostile, ordinary)[n % 2](rng) for _ in range(3)]
        right = gradients(points)
        blur = [
            Gradient(
                *({l: v * (1 + 1e-14 * rng.standard_normal(v.shape)) for l, v in part.items()} for part in (g.W, g.b)),
                {},
                g.X,
            )
            for g in right
        ]
        for found in (
            name_network_mistake(points, [claim(g) for g in right]),
            name_network_mistake(points, [claim(g) for g in blur]),
        ):
            assert (found.names, found.first_wrong, found.text) == ((), None, "")


@pytest.mark.parametrize(
    "change",
    [
        lambda w, rng: w + 0.01,
        lambda w, rng: w * rng.uniform(0.5, 2, w.shape),
        lambda w, rng: w**2,
        lambda w, rng: np.sin(w),
    ],
)
def test_a_mistake_that_nobody_listed_is_not_named(points, change, rng):
    wrong = [{"dW": {l: change(w, rng) for l, w in g.W.items()}, "db": g.b} for g in gradients(points)]
    found = name_network_mistake(points, wrong)
    assert found.name is None
    assert found.first_wrong == ("dW", 3)


def test_a_constant_factor_is_said_even_without_a_name(points):
    wrong = [
        {part: {l: -0.01 * v for l, v in arrays.items()} for part, arrays in claim(g).items()}
        for g in gradients(points)
    ]
    assert name_network_mistake(points, wrong).text.endswith("Every entry is -0.01 times what it should be.")


@pytest.mark.parametrize("layer", [1, 2, 3])
@pytest.mark.parametrize("place", ["delta", "dW", "db"])
def test_first_wrong_intermediate_from_dW_and_db_alone(points, layer, place):
    """The error is planted at one layer. δ is not shown, so a wrong δ cannot be told from two wrong sums."""

    def broken(rule):
        return lambda s, l: rule(s, l) * (1 + 0.1 * np.cos(np.arange(len(rule(s, l))))[:, None] if l == layer else 1)

    from dataclasses import replace

    net = points[0]
    wrong = gradients([net], replace(RULES, **{place: broken(getattr(RULES, place))}))
    found = name_network_mistake([net], [claim(g) for g in wrong])
    assert found.first_wrong == ("δ or sums" if place == "delta" else place, layer)
    assert f"layer {layer}" in found.text
    assert ("Layers above" in found.text) == (layer < 3)


# One-layer exercises. ------------------------------------------------------------------------------------------------------------


def parts(value):
    return {"": np.asarray(value)}


def diagnose(calls, right, answer, wrong):
    calls = [Call(args) for args in calls]
    expected, got = ([parts(f(*call.args)) for call in calls] for f in (right, answer))
    return match(calls, expected, got, wrong, parts)


WRONG = {
    "dW transposed": lambda d, a: a @ d.T,
    "only one example": lambda d, a: d[:, :1] @ a[:, :1].T,
    "same as only one example": lambda d, a: d[:, :1] @ a[:, :1].T + 0.0,
    "crashes": lambda d, a: d @ a,
}


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (lambda d, a: d @ a.T, None),
        (lambda d, a: np.einsum("im,jm->ij", d, a), None),
        (lambda d, a: a @ d.T, "dW transposed"),
        (lambda d, a: -d @ a.T, "flipped sign"),
        (lambda d, a: 2 * d @ a.T, "factor 2"),
        (lambda d, a: d @ a.T / 2, "factor ½"),
        (lambda d, a: d @ a.T * d.shape[1], "missing 1/m"),
        (lambda d, a: d @ a.T / d.shape[1], "1/m twice"),
        (lambda d, a: d[:, :1] @ a[:, :1].T, None),  # two names for it: none
        (lambda d, a: 0.3 * d @ a.T, None),
        (lambda d, a: np.zeros((3, 3)), None),
    ],
)
def test_match(answer, name, rng):
    calls = [(rng.normal(size=(3, m)), rng.normal(size=(3, m))) for m in (4, 5, 7)]
    assert diagnose(calls, lambda d, a: d @ a.T, answer, WRONG).name == name


def test_match_wants_every_call(rng):
    """Right at m = 1, wrong elsewhere: the name must fit at all points; a mistake that cannot be seen is not named."""
    one, many = [rng.normal(size=(3, 1))] * 2, [rng.normal(size=(3, 4))] * 2
    wrong = {"only one example": WRONG["only one example"]}
    right = lambda d, a: d @ a.T
    assert diagnose([one, many], right, wrong["only one example"], wrong).name == "only one example"
    assert diagnose([one], right, wrong["only one example"], wrong).name is None
    assert (
        diagnose([one, many], right, lambda d, a: right(d, a) if d.shape[1] > 1 else -right(d, a), wrong).name is None
    )


def test_match_says_a_constant_factor(rng):
    calls = [(rng.normal(size=(3, 4)), rng.normal(size=(3, 4)))]
    assert (
        diagnose(calls, lambda d, a: d @ a.T, lambda d, a: 0.3 * d @ a.T, {}).text
        == "Every entry is 0.3 times what it should be."
    )


# The judge's side. -----------------------------------------------------------------------------------------------------------------


def test_the_bank_needs_numpy_only():
    code = "import sys, course_lib.exercises.diagnosis; print(*{m.split('.')[0] for m in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"matplotlib", "IPython", "nbformat", "nbgrader", "ipywidgets", "scipy", "autograd"} & set(loaded)


def test_points_may_be_networks_or_plain_dicts(points):
    """(net, X, Y), or (W, b, X, Y) for sigmoids everywhere."""
    wrong = gradients(points, with_rules(dict(NETWORK_RULES)["db averaged"]))
    as_tuples = [(net.W, net.b, X, Y) for net, X, Y in points]
    assert name_network_mistake(as_tuples, [claim(g) for g in wrong]).name == "db averaged"
