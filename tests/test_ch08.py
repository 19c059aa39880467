"""Chapter 08: hardening is measured, masks are seen through, and no trick of scale looks robust to the judge."""

from functools import partial

import nbformat
import numpy as np
import pytest

from course_lib import attacks, figures
from course_lib.data import digits, one_hot
from course_lib.exercises import attacked, find, hardening, judge, robustness, shortest
from course_lib.exercises import ch08_harden as chapter
from course_lib.exercises.mistakes import MISTAKES
from course_lib.network import Network
from course_lib.reference import backward, input_gradient
from course_lib.respond import made, respond
from course_lib.wire import Call

WRONG = {"robust_accuracy": chapter.WRONG_ACCURACY, "margin_gradient": chapter.WRONG_MARGIN}


@pytest.fixture(autouse=True)
def live(monkeypatch):
    """The judge's rules take functions by name; as answers they get them live."""
    monkeypatch.setattr(chapter, "made", lambda f: f if callable(f) else made(f))


def asked_afresh(name, answer, seed):
    """The verdict at other test points than those of the notebook."""
    calls = find(name).calls(np.random.default_rng(seed))
    return find(name).verdict(calls, respond(answer, calls))


def as_net(W, b):
    return Network(W, b, dict.fromkeys(W, "sigmoid"))


# Answers with one right value. -----------------------------------------------------------------------------------------------


def margin_gradient_one_by_one(W, b, X, labels):
    columns = []
    for k, label in enumerate(labels):
        net = Network(W, b, dict.fromkeys(W, "sigmoid") | {len(W): "identity"})
        J = shortest.before_the_last_sigmoid(net.W, net.b)[1](X[:, [k]])
        z = shortest.before_the_last_sigmoid(net.W, net.b)[0](X[:, [k]])[:, 0]
        rival = max((i for i in range(len(z)) if i != label), key=lambda i: z[i])
        columns.append(J[label] - J[rival])
    return np.array(columns).T


RIGHT = [
    ("robust_accuracy", chapter.robust_accuracy),
    ("margin_gradient", chapter.margin_gradient),
    ("margin_gradient", margin_gradient_one_by_one),
    ("masked", hardening.masked),
]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(("name", "answer"), RIGHT, ids=[f"{n}-{a.__name__}" for n, a in RIGHT])
def test_a_right_answer_passes_at_any_points(name, answer, seed):
    verdict = asked_afresh(name, answer, seed)
    assert verdict, verdict
    assert verdict.mistake is None


PLANTED = [pytest.param(name, mistake, id=f"{name}-{mistake}") for name, table in WRONG.items() for mistake in table]


@pytest.mark.parametrize(("name", "mistake"), PLANTED)
def test_a_planted_mistake_is_named_and_explained(name, mistake):
    for verdict in (judge(find(name), WRONG[name][mistake]), asked_afresh(name, WRONG[name][mistake], 1)):
        assert (verdict.state, verdict.mistake) == ("failed", mistake)
        assert MISTAKES[mistake].question in verdict.message


def test_the_margins_gradient_is_its_central_difference(rng):
    W, b, X, _, labels = chapter.attacked(rng)
    slope = chapter.margin_slopes(W, b, X, labels)["margin_gradient"]
    right = robustness.margin_gradient(W, b, X, labels)
    measured = np.array([[slope((i, k)) for k in range(X.shape[1])] for i in range(len(X))])
    np.testing.assert_allclose(measured, right, atol=1e-8)


# Adversarial training, measured. ---------------------------------------------------------------------------------------------


def once_an_epoch(attack):
    """Gradient descent on images that were attacked at the start of each epoch."""

    def answer(W, b, X, Y, *, eps, epochs, rate, batch, rng):
        for _ in range(epochs):
            X_adv = attack(W, b, X, Y, eps, None)
            for rows in np.array_split(rng.permutation(X.shape[1]), X.shape[1] // batch):
                g = backward(as_net(W, b), X_adv[:, rows], Y[:, rows])
                W, b = {l: W[l] - rate * g.W[l] for l in W}, {l: b[l] - rate * g.b[l] for l in b}
        return W, b

    return answer


def training(attack, each=True):
    """Gradient descent on attack(W, b, X, Y, eps, rng) of every minibatch; each=False: with the weights at the start."""

    def answer(W, b, X, Y, *, eps, epochs, rate, batch, rng):
        first = W, b
        for _ in range(epochs):
            for rows in np.array_split(rng.permutation(X.shape[1]), X.shape[1] // batch):
                X_adv = attack(*((W, b) if each else first), X[:, rows], Y[:, rows], eps, rng)
                g = backward(as_net(W, b), X_adv, Y[:, rows])
                W, b = {l: W[l] - rate * g.W[l] for l in W}, {l: b[l] - rate * g.b[l] for l in b}
        return W, b

    return answer


def fgsm(W, b, X, Y, eps, rng):
    return attacks.fgsm(partial(input_gradient, as_net(W, b)), X, Y, eps)


def pgd(W, b, X, Y, eps, rng):
    return attacks.pgd(partial(input_gradient, as_net(W, b)), X, Y, eps, eps / 2, 3, rng)


def downhill(W, b, X, Y, eps, rng):
    return attacks.targeted_fgsm(partial(input_gradient, as_net(W, b)), X, Y, eps)


def noise(W, b, X, Y, eps, rng):
    return np.clip(X + eps * np.sign(rng.normal(size=X.shape)), 0, 1)


def wrong_label(W, b, X, Y, eps, rng):
    return fgsm(W, b, X, np.roll(Y, 1, axis=0), eps, rng)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_adversarial_training_passes(attack, seed):
    verdict = asked_afresh("adversarial_train", training(attack), seed)
    assert verdict, verdict


@pytest.mark.parametrize(
    ("mistake", "answer"),
    [
        ("as fragile as plain training", training(lambda W, b, X, Y, eps, rng: X)),
        ("as fragile as plain training", training(noise)),
        ("less robust than plain training", training(downhill)),
        ("less robust than plain training", training(fgsm, each=False)),
        ("less robust than plain training", training(wrong_label)),
        ("nothing trained", lambda W, b, X, Y, **settings: (W, b)),
        ("biases not trained", lambda W, b, X, Y, **settings: (training(fgsm)(W, b, X, Y, **settings)[0], b)),
        ("attacked once an epoch", once_an_epoch(fgsm)),
        ("attacked once an epoch", once_an_epoch(pgd)),
        ("uphill", lambda W, b, X, Y, *, rate, **settings: training(fgsm)(W, b, X, Y, rate=-rate, **settings)),
        (
            "seed fixed inside",
            lambda W, b, X, Y, *, rng, **settings: training(fgsm)(W, b, X, Y, rng=np.random.default_rng(0), **settings),
        ),
        (
            "minibatches left out",
            lambda W, b, X, Y, *, batch, **settings: training(fgsm)(
                W, b, X, Y, batch=X.shape[1], **settings | {"rng": hardening.Unshuffled()}
            ),
        ),
        (
            "not shuffled",
            lambda W, b, X, Y, *, rng, **settings: training(fgsm)(W, b, X, Y, rng=hardening.Unshuffled(), **settings),
        ),
        (
            "another generator",
            lambda W, b, X, Y, *, rng, **settings: training(fgsm)(W, b, X, Y, rng=np.random.default_rng(), **settings),
        ),
    ],
)
def test_training_that_does_not_harden_is_told_so(mistake, answer):
    verdict = judge(find("adversarial_train"), answer)
    assert (verdict.state, verdict.mistake) == ("failed", mistake)
    assert MISTAKES[mistake].question in verdict.message


def test_training_in_place_is_refused():
    def in_place(W, b, X, Y, *, eps, epochs, rate, batch, rng):
        for rows in np.array_split(rng.permutation(X.shape[1]), X.shape[1] // batch):
            g = backward(as_net(W, b), X[:, rows], Y[:, rows])
            for l in W:
                W[l] -= rate * g.W[l]
        return W, b

    assert "changed its input W" in judge(find("adversarial_train"), in_place).message


# Masks. ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mistake", "answer"),
    [
        ("masking not seen", lambda *args: False),
        ("masking seen everywhere", lambda *args: True),
        ("the answer turned round", lambda *args: not hardening.masked(*args)),
        ("0.25 forgotten", lambda *args: np.greater(*hardening.accuracies(*args)[1:])),
        (
            "clean accuracy in place of FGSM's",
            lambda *args: hardening.accuracies(*args)[0] > hardening.accuracies(*args)[2] + 0.25,
        ),
        (
            "high accuracy taken for masking",
            lambda *args: hardening.accuracies(*args)[1] > 0.5,
        ),
    ],
)
def test_a_test_for_masks_that_misjudges_is_named(mistake, answer):
    verdict = judge(find("masked"), answer)
    assert (verdict.state, verdict.mistake) == ("failed", mistake)


@pytest.mark.parametrize(("mistake", "answer"), hardening.WRONG_MASKED)
def test_a_planted_test_for_masks_is_refused_and_given_no_other_name(mistake, answer):
    """Two of them may agree on the few nets of one challenge: then neither is named."""
    for seed in range(3):
        calls = find("masked").calls(np.random.default_rng(seed))
        same = len({answer(*call.args) for call in calls}) == 1
        verdict = find("masked").verdict(calls, respond(answer, calls))
        assert verdict.state == "failed"
        assert verdict.mistake in {mistake, None, *(("masking seen everywhere", "masking not seen") if same else ())}


@pytest.mark.parametrize("steps", hardening.WITHOUT_SIGN)
def test_a_step_without_its_sign_is_not_called_0_25_forgotten(steps):
    verdict = judge(find("masked"), hardening.by_rule(hardening.more_than_a_quarter, **steps))
    assert (verdict.state, verdict.mistake) == ("failed", "a step without the sign")


def test_a_test_for_masks_that_raises_is_told_where():
    def raising(W, b, X, Y, labels, eps):
        return W * eps > 0

    message = judge(find("masked"), raising).message
    assert "of W that is W[l]" in message
    assert "in raising: return W * eps > 0" in message


def test_an_eps_that_is_hard_coded_is_named():
    """At ε = 0 nothing moves, so no net is masked there, whatever its scale."""
    verdict = judge(find("masked"), lambda W, b, X, Y, labels, eps: hardening.masked(W, b, X, Y, labels, 0.15))
    assert (verdict.state, verdict.mistake) == ("failed", "ε hard-coded")
    assert "at ε = 0: you say True" in verdict.message


def test_a_mask_changes_no_prediction_and_opens_a_wide_gap(rng):
    for seed in range(3):
        calls = hardening.suspects(np.random.default_rng(seed))
        gaps = sorted(np.subtract(*hardening.accuracies(*call.args)[1:]) for call in calls)
        assert gaps[5] < 0.2, gaps
        assert gaps[6] > 0.32, gaps
    W, b, X, _, _ = chapter.attacked(rng)
    np.testing.assert_array_equal(
        robustness.predict(W, b, X), robustness.predict(*hardening.last_layer_times(hardening.MASK, (W, b)), X)
    )


# Handed-in weights. ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def images():
    train, test = digits().split()
    return train.images.T, one_hot(train.labels), test.images.T, test.labels


@pytest.fixture(scope="module")
def plain(images):
    return attacked.trained(np.random.default_rng(0), (64, 30, 10), images[0], images[1], epochs=20)


@pytest.fixture(scope="module")
def hard(images):
    """What the solution hands in, but for half the epochs."""
    start = attacked.trained(np.random.default_rng(0), (64, 30, 10), *images[:2], epochs=0)
    return training(pgd)(*start, *images[:2], eps=0.15, epochs=100, rate=3.0, batch=32, rng=np.random.default_rng(0))


def switches(net, X, Y):
    """W[1] × 1000: hidden units are switches without a slope; W[2] is fitted again to them."""
    W, b = {1: 1000 * net[0][1]}, {1: 1000 * net[1][1]}
    a = robustness.sigmoid(W[1] @ X + b[1])
    last = attacked.trained(np.random.default_rng(0), (30, 10), a, Y, epochs=60, batch=32)
    return W | {2: last[0][1]}, b | {2: last[1][1]}


def handed_in(net):
    calls = [Call(), Call()]
    return find("hardened").verdict(calls, respond(lambda: net, calls))


def test_a_plain_net_gets_nothing(plain):
    verdict = handed_in(plain)
    assert verdict.score == 0.0
    assert "PGD on the margin" in verdict.message


def test_a_plain_net_that_was_stopped_early_gets_nothing_and_is_told_why(images):
    """It is more robust than one that was trained to the end, 0.35; nobody hardened it."""
    verdict = handed_in(attacked.trained(np.random.default_rng(3), (64, 30, 10), *images[:2], epochs=10, batch=32))
    assert (verdict.score, verdict.mistake) == (0.0, "as fragile as plain training")


def test_a_hardened_net_gets_much_and_the_attacks_are_told(hard):
    verdict = handed_in(hard)
    assert verdict.score >= 0.4
    assert verdict.message.count("%") >= 6 or verdict.evidence.count("%") >= 6


@pytest.mark.parametrize("size", [300.0, 1e4, 1e-3])
def test_no_scale_of_the_last_layer_looks_robust(size, plain, images):
    """FGSM on the cost is blinded by the large ones; the worst of the judge's attacks is the same as for the plain net."""
    *_, X, labels = images
    worst, _ = robustness.worst_accuracy(*plain, X, labels, 0.15)
    scaled = {**plain[0], 2: size * plain[0][2]}, {**plain[1], 2: size * plain[1][2]}
    assert robustness.worst_accuracy(*scaled, X, labels, 0.15)[0] == pytest.approx(worst, abs=0.01)
    assert handed_in(scaled).score == 0.0


def test_switches_in_place_of_units_do_not_look_robust(plain, images):
    """Plain PGD on the cost or on the margin is fooled; one of the others is not."""
    X_train, Y_train, X, labels = images
    W, b = switches(plain, X_train, Y_train)
    read = lambda X: float(np.mean(robustness.predict(W, b, X) == labels))
    assert read(X) > 0.93
    fooled = attacks.pgd(partial(input_gradient, as_net(W, b)), X, one_hot(labels), 0.15, 0.015, 40)
    on_margin = attacks.pgd(robustness.on_margin(W, b), X, labels, 0.15, 0.015, 40)
    worst, alone = robustness.worst_accuracy(W, b, X, labels, 0.15)
    assert read(fooled) > 0.5, "plain PGD finds half of it robust"
    assert read(on_margin) > worst + 0.15
    assert worst < hardening.NOTHING
    assert alone["through unit spread"] < alone["PGD on the margin"]
    assert handed_in((W, b)).score == 0.0


def test_every_attack_stays_within_eps_and_the_box(plain, images):
    *_, X, labels = images
    X, labels = X[:, :40], labels[:40]
    for tries in robustness.attempts(*plain, X, labels, 0.15, np.random.default_rng(0)).values():
        for X_adv in tries:
            assert np.abs(X_adv - X).max() <= 0.15 + 1e-12
            assert X_adv.min() >= 0
            assert X_adv.max() <= 1


def test_the_worst_is_never_better_than_any_attack_alone(hard, images):
    *_, X, labels = images
    worst, alone = robustness.worst_accuracy(*hard, X, labels, 0.15)
    assert worst <= min(alone.values())


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda: None, "returned None"),
        (lambda: ({1: np.zeros((30, 64))}, {1: np.zeros((30, 1))}), "wanted a dict with keys 1, 2"),
        (
            lambda: ({1: np.zeros((64, 30)), 2: np.zeros((10, 30))}, {1: np.zeros((30, 1)), 2: np.zeros((10, 1))}),
            "wanted (30, 64)",
        ),
        (lambda: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_weights_of_another_form_are_told_so(answer, says):
    calls = [Call(), Call()]
    verdict = find("hardened").verdict(calls, respond(answer, calls))
    assert verdict.state == "failed"
    assert says in verdict.message


# The report. -----------------------------------------------------------------------------------------------------------------


def test_the_report_is_marked_by_hand_and_its_rubric_adds_up(root):
    notebook = nbformat.read(root / "notebooks" / "08_harden" / "08_harden.ipynb", as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == "report")
    grader = cell.metadata.nbgrader
    assert (cell.cell_type, grader.grade, grader.solution, grader.points) == (
        "markdown",
        True,
        True,
        find("report").points,
    )
    assert "PGD in ℓ∞" not in cell.source, "the model report is not released"
    rubric = next(cell.source for cell in notebook.cells if "what is looked for" in cell.source)
    points = [
        int(line.split("|")[1])
        for line in rubric.splitlines()
        if line.startswith("| ") and line.split("|")[1].strip().isdigit()
    ]
    assert sum(points) == find("report").points


# Figures. --------------------------------------------------------------------------------------------------------------------


def test_figures_say_what_they_show(rng):
    pictures = [
        figures.hardened_curves([0.0, 0.15, 0.3], [0.97, 0.3, 0.0], [0.95, 0.66, 0.1], 0.15),
        figures.what_units_look_for(rng.normal(size=(9, 64)), rng.normal(size=(9, 64)) ** 3),
        figures.two_attacks(["plain", "× 300"], [0.4, 0.9], [0.35, 0.35]),
    ]
    assert all(picture.png and len(picture.alt) > 60 for picture in pictures)
    assert "30%, the hardened one 66%" in pictures[0].alt
