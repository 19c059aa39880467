"""Networks from elsewhere: their outputs and their ∂Y/∂X, against each framework's own autodiff."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from course_lib.differences import central_difference
from course_lib.interop import from_keras, from_matlab, from_sklearn, from_torch, with_preprocessing
from course_lib.network import Network, forward
from course_lib.reference import jacobian

RECIPES = Path(__file__).parent.parent / "docs" / "recipes"
FLOAT32 = 2e-6  # what a framework that computes in float32 can agree to


def close(ours, theirs, tolerance=1e-12):
    assert ours.shape == theirs.shape
    assert np.max(np.abs(ours - theirs)) <= tolerance * max(1.0, np.max(np.abs(theirs)))


@pytest.fixture
def torch(require):
    return require("torch")


@pytest.fixture
def keras(require, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    require("jax")
    return require("keras")


def torch_models(torch):
    torch.manual_seed(0)
    nn = torch.nn
    return [
        nn.Sequential(
            nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 4), nn.ReLU(), nn.Dropout(0.4), nn.Linear(4, 2), nn.Softmax(dim=1)
        ),
        nn.Sequential(nn.Linear(4, 6, bias=False), nn.Sigmoid(), nn.Linear(6, 3)),
        nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 5), nn.Identity(), nn.Linear(5, 1), nn.Sigmoid()),
    ]


@pytest.mark.parametrize("which", range(3))
def test_torch(torch, rng, which):
    model = torch_models(torch)[which].double().eval()
    rows = rng.normal(size=(6, model[0].in_features))
    net = from_torch(model)
    close(forward(net, rows.T).y_hat.T, model(torch.tensor(rows)).detach().numpy())
    own = [torch.autograd.functional.jacobian(lambda x: model(x[None])[0], torch.tensor(row)).numpy() for row in rows]
    close(jacobian(net, rows.T), np.stack(own))


def test_torch_float32_weights_arrive_without_rounding(torch):
    model = torch.nn.Sequential(torch.nn.Linear(3, 2))
    np.testing.assert_array_equal(from_torch(model).W[1], model[0].weight.detach().numpy())


def test_torch_unknown_layers_are_named(torch):
    nn = torch.nn
    for layers, words in [
        ((nn.Linear(3, 2), nn.GELU()), "layer 1 .GELU"),
        ((nn.Conv2d(1, 2, 3),), "layer 0 .Conv2d"),
        ((nn.Linear(3, 2), nn.Softmax(dim=0)), "softmax over dim 0"),
        ((nn.ReLU(), nn.Linear(3, 2)), "does not follow a linear layer"),
        ((nn.Linear(3, 2), nn.Tanh(), nn.Sigmoid()), "layer 2"),
    ]:
        with pytest.raises(ValueError, match=words):
            from_torch(nn.Sequential(*layers))


def test_keras(keras, rng):
    import jax

    keras.utils.set_random_seed(1)
    layers = keras.layers
    normal = layers.Normalization()
    rows = rng.normal(size=(6, 3)) * [1, 10, 0.1] + [0, 5, 1]
    normal.adapt(rows)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            normal,
            layers.Dense(5, activation="tanh", bias_initializer="normal"),
            layers.Dense(4, use_bias=False),
            layers.ReLU(),
            layers.Dropout(0.3),
            layers.Dense(3, activation="sigmoid"),
            layers.Dense(2),
            layers.Softmax(),
        ]
    )
    net = from_keras(model)
    close(forward(net, rows.T).y_hat.T, np.asarray(model(rows)), FLOAT32)
    own = jax.vmap(jax.jacobian(lambda x: model(x[None])[0]))(rows.astype(np.float32))
    close(jacobian(net, rows.T), np.asarray(own), 5 * FLOAT32)


def test_keras_unknown_layers_are_named(keras):
    for layer in [keras.layers.LayerNormalization(name="odd"), keras.layers.ReLU(max_value=6.0, name="odd")]:
        with pytest.raises(ValueError, match="layer 'odd'"):
            from_keras(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), layer]))
    with pytest.raises(ValueError, match="gelu has no counterpart"):
        from_keras(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="gelu")]))


@pytest.mark.parametrize("activation", ["logistic", "tanh", "relu", "identity"])
@pytest.mark.parametrize("kind", ["classifier", "two classes", "regressor"])
def test_sklearn(require, rng, activation, kind):
    require("sklearn")
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    rows = rng.normal(size=(40, 3))
    labels = (rows[:, 0] > 0).astype(int) + (0 if kind == "two classes" else (rows[:, 1] > 0.5))
    model = MLPRegressor if kind == "regressor" else MLPClassifier
    options = {"hidden_layer_sizes": (6, 4), "activation": activation, "solver": "lbfgs", "max_iter": 200, "tol": 1e-2}
    model = model(**options, random_state=0).fit(rows, rows[:, :2] if kind == "regressor" else labels)

    def outputs(given):
        y = model.predict(given) if kind == "regressor" else model.predict_proba(given)
        return y[:, 1:] if kind == "two classes" else y  # one sigmoid: scikit-learn adds the other class itself

    net = from_sklearn(model)
    close(forward(net, rows.T).y_hat.T, outputs(rows))
    x, J = rows[0], jacobian(net, rows[:1].T)[0]  # scikit-learn has no autodiff: its own outputs, differenced
    for k in range(len(J)):
        close(J[k], central_difference(lambda v, k=k: outputs(v[None])[0, k], x), 1e-8)


def test_sklearn_other_models_are_refused(require):
    require("sklearn")
    from sklearn.linear_model import LinearRegression
    from sklearn.neural_network import MLPRegressor

    for model in (LinearRegression(), MLPRegressor()):
        with pytest.raises(ValueError, match="fitted MLPClassifier"):
            from_sklearn(model)


@pytest.mark.parametrize("output", ["identity", "sigmoid"])
def test_preprocessing_inside_equals_preprocessing_around(rng, output):
    net = Network.random([3, 5, 2], activation="tanh", output=output, seed=3)
    x_scale, x_offset, y_scale, y_offset = (
        rng.normal(size=3),
        rng.normal(size=3),
        rng.uniform(1, 9, 2),
        rng.normal(size=2),
    )
    X = rng.normal(size=(3, 4))
    inside = with_preprocessing(net, x_scale, x_offset, y_scale, y_offset)
    scaled = x_scale[:, None] * X + x_offset[:, None]
    close(forward(inside, X).y_hat, (forward(net, scaled).y_hat - y_offset[:, None]) / y_scale[:, None])
    close(jacobian(inside, X), np.diag(1 / y_scale) @ jacobian(net, scaled) @ np.diag(x_scale))


def test_preprocessing_that_cannot_be_is_refused():
    net = Network.random([3, 2], output="softmax")
    for options, words in [
        ({"x_scale": [1, 2]}, "x_scale: shape"),
        ({"y_scale": 2.0}, "softmax"),
        ({"y_scale": 0.0}, "0"),
    ]:
        with pytest.raises(ValueError, match=words):
            with_preprocessing(net, **options)


# A struct with the fields of a feedforwardnet: 4 inputs of which the third is constant, mapminmax and mapstd.
OCTAVE = """
net.IW = {IW; zeros(0,0)}; net.LW = {zeros(0,0), zeros(0,0); LW, zeros(0,0)}; net.b = {b1; b2};
net.layers = {struct('transferFcn', '%(hidden)s'); struct('transferFcn', '%(output)s')};
keep = struct('keep', [1 2 4], 'remove', 3);
minmax = struct('xoffset', [-1; 2; 0.5], 'gain', [0.5; 3; 1.5], 'ymin', -1);
std_out = struct('xoffset', [4; -2], 'gain', [0.1; 7], 'ymean', 0);
net.inputs = {struct('processFcns', {{'removeconstantrows', 'mapminmax'}}, 'processSettings', {{keep, minmax}})};
net.outputs = {[], struct('processFcns', {{'mapstd'}}, 'processSettings', {{std_out}})};
export_net(net, 'trained.mat');
f = {%(f)s}; df = {%(df)s};
J = input_jacobian({IW, LW}, {b1, b2}, f, df, minmax.gain .* (x(keep.keep) - minmax.xoffset) + minmax.ymin);
J = diag(1 ./ std_out.gain) * J * diag(minmax.gain);
a = f{2}(LW * f{1}(IW * (minmax.gain .* (x(keep.keep) - minmax.xoffset) + minmax.ymin) + b1) + b2);
y = (a - std_out.ymean) ./ std_out.gain + std_out.xoffset;
save('-v7', 'truth.mat', 'J', 'y');
"""
FORMS = {  # transfer function → itself and its derivative, in Octave
    "tansig": ("@(z) 2 ./ (1 + exp(-2*z)) - 1", "@(a) 1 - a.^2"),
    "logsig": ("@(z) 1 ./ (1 + exp(-z))", "@(a) a .* (1 - a)"),
    "poslin": ("@(z) max(z, 0)", "@(a) double(a > 0)"),
    "purelin": ("@(z) z", "@(a) ones(size(a))"),
}


@pytest.mark.parametrize(("hidden", "output"), [("tansig", "purelin"), ("logsig", "logsig"), ("poslin", "purelin")])
def test_matlab_recipe_in_octave(require, rng, tmp_path, hidden, output):
    octave, io = require("octave-cli"), require("scipy.io")
    arrays = {"IW": (5, 3), "LW": (2, 5), "b1": (5, 1), "b2": (2, 1), "x": (4, 1)}
    given = {name: rng.normal(size=shape) for name, shape in arrays.items()}
    io.savemat(tmp_path / "given.mat", given)
    (f1, d1), (f2, d2) = FORMS[hidden], FORMS[output]
    script = OCTAVE % {"hidden": hidden, "output": output, "f": f"{f1}, {f2}", "df": f"{d1}, {d2}"}
    (tmp_path / "run.m").write_text(f"addpath('{RECIPES}'); load('given.mat');\n{script}")
    subprocess.run([octave, "--no-gui", "--quiet", "run.m"], cwd=tmp_path, check=True, timeout=120)
    net, truth = from_matlab(tmp_path / "trained.mat"), io.loadmat(tmp_path / "truth.mat")
    close(forward(net, given["x"]).y_hat, truth["y"])
    J = jacobian(net, given["x"])[0]
    close(J[:, [0, 1, 3]], truth["J"])
    assert not J[:, 2].any(), "an input that MATLAB removed has no influence"


def matlab_file(io, path, **changes):
    """A .mat with the fields that export_net.m writes: one layer, no processing."""

    def cell(*items):
        array = np.empty((1, len(items)), object)
        for number, item in enumerate(items):
            array[0, number] = item
        return array

    empty = np.zeros((0, 0))
    fields = {
        "IW": cell(np.ones((2, 3))), "LW": cell(empty), "b": cell(np.ones((2, 1))), "transfer": cell("softmax"),
        "input_steps": np.empty((1, 0), object), "output_steps": np.empty((1, 0), object),
    }  # fmt: skip
    io.savemat(path, fields | {name: cell(*items) for name, items in changes.items()})
    return path


def test_matlab_softmax_without_processing(require, tmp_path):
    net = from_matlab(matlab_file(require("scipy.io"), tmp_path / "net.mat"))
    assert net.is_softmax
    assert net.sizes == [3, 2]


def test_matlab_what_has_no_counterpart_is_named(require, tmp_path):
    io = require("scipy.io")
    for changes, words in [
        ({"transfer": ["radbas"]}, "layer 1: radbas"),
        ({"LW": [np.ones((2, 2))]}, "LW{1,1}"),
        (
            {"input_steps": [{"name": "processpca", "settings": {"transform": 1}}]},
            "the input: processing step processpca",
        ),
        (
            {"output_steps": [{"name": "mapminmax", "settings": {"xoffset": [0, 0], "gain": [2, 2], "ymin": -1}}]},
            "softmax",
        ),
    ]:
        with pytest.raises(ValueError, match=words):
            from_matlab(matlab_file(io, tmp_path / "net.mat", **changes))
    io.savemat(tmp_path / "other.mat", {"IW": 1})
    with pytest.raises(ValueError, match="export_net"):
        from_matlab(tmp_path / "other.mat")


@pytest.mark.parametrize("page", ["pytorch", "keras", "scikit-learn"])
def test_recipes_run(require, monkeypatch, page):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    require({"pytorch": "torch", "keras": "keras", "scikit-learn": "sklearn"}[page])
    blocks = (RECIPES / f"{page}.md").read_text(encoding="utf-8").split("```python\n")[1:]
    names = {}
    exec("\n".join(block.partition("```")[0] for block in blocks), names)  # noqa: S102 (our own page)
    J = np.atleast_3d(names["J"])
    assert np.isfinite(J).all()
    assert J.any()
    if page == "scikit-learn":
        from course_lib.data import linearisation

        close(names["J"], linearisation(np.zeros(3)), 0.05)


def test_the_matlab_page_shows_the_script_that_is_tested():
    page, script = ((RECIPES / name).read_text(encoding="utf-8") for name in ("matlab.md", "input_jacobian.m"))
    shown = page.split("```matlab\n")[1].partition("```")[0].splitlines()
    code = [line.partition("%")[0].strip() for line in script.splitlines()]
    assert [line.strip() for line in shown] == [line for line in code if line][1:-1]
