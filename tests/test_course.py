"""The course holds together: every exercise can be failed, every solution passes, notebooks/ is what the sources say."""

import ast

import nbformat
import pytest

from course_lib import exercises
from course_lib.check import Failed
from grader import release, source

SIGNATURES = {
    "00_start_here": ["half(x)"],
    "01_notation": [
        "sigmoid(z)",
        "layer_forward(W, b, a_prev)",
        "forward(W, b, X)",
        "cost(y_hat, Y)",
        "to_columns(rows)",
        "possible(W_shape, X_shape)",
        "repaired_forward(W1, b1, W2, b2, X_rows)",
    ],
    "02_derivatives": [
        "central_difference(f, x, h=1e-5)",
        "directional_derivative(f, x, v, h=1e-5)",
        "relative_error(a, n)",
        "complex_step(f, x, h=1e-30)",
        "best_step(f, x, df)",
        "trustworthy(checkers)",
    ],
    "03_dJ_dW": [
        "sigmoid_prime(a)",
        "dJ_da(y_hat, Y)",
        "delta_output(y_hat, Y)",
        "delta_hidden(W_next, delta_next, a)",
        "dJ_dW(delta, a_prev)",
        "dJ_db(delta)",
        "backward(W, b, X, Y)",
        "multiplications(sizes, m)",
    ],
    "04_bug_museum": [
        "name_the_bug(exhibits)",
        "repair_1(W, b, X, Y)",
        "repair_2(W, b, X, Y)",
        "repair_3(W, b, X, Y)",
        "repair_4(W, b, X, Y)",
        "accepts(dW, db, W, b, X, Y)",
        "fixture(rng)",
    ],
    "05_training": [
        "initial_weights(sizes, rng)",
        "update(W, b, dW, db, rate)",
        "minibatches(X, Y, size, rng)",
        "train(W, b, X, Y, *, epochs, rate, batch, rng)",
        "softmax(z)",
        "cross_entropy(y_hat, Y)",
        "delta_softmax(y_hat, Y)",
        "critical(W, b, X, Y, tol)",
    ],
    "06_dJ_dX": [
        "layer_backward(W, a_prev, a, dJ_da)",
        "dJ_dX(W, b, X, Y)",
        "jacobian(W, b, x)",
        "jvp(W, b, x, v)",
        "vjp(W, b, x, u)",
        "scaled_jacobian(W, b, x, x_scale, y_scale)",
        "right_when(n, h, o)",
        "saliency(W, b, x, k)",
        "steer(W, b, x, target, free, steps, rate)",
    ],
    "07_adversarial": [
        "fgsm(input_gradient, X, Y, eps)",
        "targeted_fgsm(input_gradient, X, Y_target, eps)",
        "fgm_l2(input_gradient, X, Y, eps)",
        "project_linf(X_adv, X, eps)",
        "project_l2(X_adv, X, eps)",
        "pgd(input_gradient, X, Y, eps, step, steps, rng=None)",
        "smallest_linear(w, b, x, norm)",
        "deepfool(W, b, x, steps)",
        "accuracy_curve(predict, attack, X, labels, eps_list)",
    ],
    "08_harden": [
        "adversarial_train(W, b, X, Y, *, eps, epochs, rate, batch, rng)",
        "robust_accuracy(predict, attack, X, labels, eps)",
        "margin_gradient(W, b, X, labels)",
        "masked(W, b, X, Y, labels, eps)",
        "hardened()",
    ],
}
CHAPTERS = release.wanted(())
ANSWERS = [
    pytest.param(chapter, exercise.name, id=exercise.name, marks=getattr(pytest.mark, exercise.name))
    for chapter in CHAPTERS
    for exercise in exercises.chapters()[chapter]
    if exercise.challenge
]


def released(chapter):
    return nbformat.read(release.ROOT / "notebooks" / chapter / f"{chapter}.ipynb", as_version=4)


def cell(notebook, name):
    return next(cell for cell in notebook.cells if cell.id == name)


def test_every_chapter_has_exercises():
    assert CHAPTERS
    assert set(CHAPTERS) <= set(exercises.chapters())


def test_exercise_names_are_unique():
    names = [exercise.name for exercise in exercises.every()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_signatures_are_those_of_the_contract(chapter):
    cells = [cell for cell in source.read(release.SOLUTIONS / f"{chapter}.py") if cell.tag == "answer"]
    functions = [node for cell in cells for node in ast.parse(cell.text).body if getattr(node, "name", "") == cell.name]
    assert [signature(node) for node in functions] == [
        signature(ast.parse(f"def {text}: ...").body[0]) for text in SIGNATURES[chapter]
    ]


def signature(function):
    return f"{function.name}({ast.unparse(function.args)})"


@pytest.mark.parametrize("exercise", exercises.every(), ids=lambda exercise: exercise.name)
def test_an_exercise_is_complete(exercise):
    assert exercise.points > 0
    assert len(exercise.hints) == 3
    assert all(hint.strip() for hint in exercise.hints)
    earlier = [other.name for other in exercises.every()]
    assert set(exercise.needs) <= set(earlier[: earlier.index(exercise.name)])


@pytest.mark.parametrize(("chapter", "name"), ANSWERS)
def test_the_solution_gets_full_marks(chapter, name, solved):
    verdict = solved(chapter)[1][name]
    assert (verdict.state, verdict.score) == ("passed", 1.0)
    assert verdict.evidence


@pytest.mark.parametrize(("chapter", "name"), ANSWERS)
def test_the_stub_fails_and_says_that_nothing_is_answered(chapter, name, solved, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = dict(solved(chapter)[0])
    exec(cell(released(chapter), source.answer_id(name)).source, namespace)  # noqa: S102 (our own source)
    with pytest.raises(Failed) as caught:
        eval(cell(released(chapter), name).source, namespace)
    assert caught.value.verdict.state == "not_answered"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_rebuild_changes_nothing(chapter, tmp_path, root):
    (tmp_path / "nbgrader_config.py").write_bytes((root / "nbgrader_config.py").read_bytes())
    [built] = release.release(tmp_path, [chapter])
    assert built.read_bytes() == (root / "notebooks" / chapter / built.name).read_bytes()


def test_notebooks_holds_the_chapters_and_nothing_else(root):
    files = [str(path.relative_to(root / "notebooks")) for path in (root / "notebooks").rglob("*") if path.is_file()]
    assert sorted(file for file in files if "checkpoint" not in file) == [
        f"{chapter}/{chapter}.ipynb" for chapter in CHAPTERS
    ]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_no_solution_is_released(chapter):
    """No line between the marks gets out, unless a lesson says it itself; and no lesson or hint says all of an answer."""
    cells = source.read(release.SOLUTIONS / f"{chapter}.py")
    taught = text([cell.text for cell in cells if cell.tag != "answer"] + hints(chapter))
    shown = text([cell.source for cell in released(chapter).cells])
    for name, lines in secrets(cells).items():
        leaked = [line for line in lines if any(line in other for other in shown)]
        assert not [line for line in leaked if not any(line in other for other in taught)], name
        assert len(leaked) < len(lines), name


def hints(chapter):
    return [hint for exercise in exercises.chapters()[chapter] for hint in exercise.hints]


def text(sources):
    """All lines of the cells, with single spaces."""
    return [" ".join(line.split()) for cell in sources for line in cell.splitlines()]


def secrets(cells):
    """Exercise → the lines between its solution's marks, but for those too short to tell anything."""
    found = {}
    for cell in cells:
        inside = False
        for line in cell.text.splitlines():
            if "SOLUTION" in line:
                inside = "BEGIN" in line
            elif inside and len(line.strip()) >= 12:
                found.setdefault(cell.name, []).append(" ".join(line.split()))
    return found
