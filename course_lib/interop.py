"""Trained networks from elsewhere, as a `Network`: then ∂Y/∂X is one call, `reference.jacobian(net, X)`.

    net = from_torch(model)              torch.nn.Sequential of Linear and activations
    net = from_keras(model)              keras.Sequential of Dense and activations
    net = from_sklearn(model)            MLPClassifier, MLPRegressor
    net = from_matlab("trained.mat")     a feedforwardnet, written by docs/recipes/export_net.m

    net = with_preprocessing(net, x_scale, x_offset)        a network that takes physical units

Frameworks give observations in rows, a `Network` takes them in columns: X = rows.T. Weights become float64 without
rounding. A layer that has no counterpart here raises ValueError with its name; none is ever left out silently.
"""

from __future__ import annotations

import numpy as np

from course_lib.network import Network

# fmt: off
#                 theirs → ours
TORCH   = {"Sigmoid": "sigmoid", "Tanh": "tanh", "ReLU": "relu", "Identity": "identity", "Softmax": "softmax"}
KERAS   = {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "relu", "linear": "identity", "softmax": "softmax"}
SKLEARN = {"logistic": "sigmoid", "tanh": "tanh", "relu": "relu", "identity": "identity", "softmax": "softmax"}
MATLAB  = {"logsig": "sigmoid", "tansig": "tanh", "poslin": "relu", "purelin": "identity", "softmax": "softmax"}
# fmt: on
NOTHING_WHEN_TRAINED = {"Dropout", "InputLayer"}  # layers that hand their input on when a trained network is used


def from_torch(model) -> Network:
    """A `torch.nn.Sequential` of Linear, Sigmoid, Tanh, ReLU, Identity, Softmax(dim=1) and Dropout.

    Raises ValueError that names a layer of another kind.
    """
    steps = []
    for number, layer in enumerate(model):
        kind, where = type(layer).__name__, f"layer {number} ({layer})"
        if kind == "Linear":
            bias = None if layer.bias is None else layer.bias.detach().cpu().numpy()
            steps.append((where, (layer.weight.detach().cpu().numpy(), bias)))
        elif kind == "Softmax" and layer.dim not in (1, -1):
            raise ValueError(f"{where}: softmax over dim {layer.dim}, wanted dim=1, the units of one observation")
        elif kind not in NOTHING_WHEN_TRAINED:
            steps.append((where, _ours(TORCH, kind, where)))
    return _assemble(steps)


def from_keras(model) -> Network:
    """A `keras.Sequential` of Dense layers, Activation, ReLU, Softmax, Dropout and Normalization (adapted).

    Raises ValueError that names a layer of another kind.
    """
    from keras.ops import convert_to_numpy

    steps, x_scale, x_offset = [], None, None
    for layer in model.layers:
        kind, where = type(layer).__name__, f"layer {layer.name!r} ({type(layer).__name__})"
        if kind == "Dense":
            kernel, *bias = [convert_to_numpy(weights.value) for weights in layer.weights]
            steps.append((where, (kernel.T, bias[0] if bias else None)))
        if kind in ("Dense", "Activation"):
            steps.append((where, _ours(KERAS, layer.activation.__name__, where)))
        elif kind == "Softmax":
            steps.append((where, "softmax"))
        elif kind == "ReLU" and not (layer.negative_slope or layer.threshold or layer.max_value is not None):
            steps.append((where, "relu"))
        elif kind == "Normalization" and not steps and not layer.invert:
            x_scale = 1 / np.maximum(
                np.sqrt(convert_to_numpy(layer.variance).ravel().astype(float)), 1e-7
            )  # keras' floor
            x_offset = -convert_to_numpy(layer.mean).ravel() * x_scale
        elif kind not in NOTHING_WHEN_TRAINED:
            raise ValueError(
                _unknown(where, ["Dense", "Activation", "ReLU (plain)", "Softmax", "Normalization (first)"])
            )
    net = _assemble(steps)
    return net if x_scale is None else with_preprocessing(net, x_scale, x_offset)


def from_sklearn(model) -> Network:
    """A fitted scikit-learn `MLPClassifier` or `MLPRegressor`. Raises ValueError for any other model."""
    if type(model).__name__ not in ("MLPClassifier", "MLPRegressor") or not hasattr(model, "coefs_"):
        raise ValueError(f"{model}: wanted a fitted MLPClassifier or MLPRegressor; of a pipeline, its last step")
    hidden = [_ours(SKLEARN, model.activation, "the hidden layers")] * (len(model.coefs_) - 1)
    steps = []
    for number, (W, b) in enumerate(zip(model.coefs_, model.intercepts_, strict=True), start=1):
        kind = [*hidden, _ours(SKLEARN, model.out_activation_, "the output layer")][number - 1]
        steps += [(f"layer {number}", (W.T, b)), (f"layer {number}", kind)]
    return _assemble(steps)


def from_matlab(file) -> Network:
    """A MATLAB `feedforwardnet` from a .mat file that `export_net.m` wrote; takes and gives *physical* units.

    Transfer functions tansig, logsig, purelin, poslin, softmax; processing removeconstantrows, mapminmax, mapstd.
    Raises ValueError that names another transfer function, processing step, or connection between layers.
    """
    from scipy.io import loadmat

    mat = loadmat(file)
    missing = {"IW", "LW", "b", "transfer", "input_steps", "output_steps"} - mat.keys()
    if missing:
        raise ValueError(f"{file}: {', '.join(sorted(missing))} missing; write it with docs/recipes/export_net.m")
    layers = range(len(mat["b"]))
    steps = []
    for l in layers:
        weights = mat["IW"][0, 0] if l == 0 else mat["LW"][l, l - 1]
        extra = [f"LW{{{l + 1},{k + 1}}}" for k in layers if k != l - 1 and mat["LW"][l, k].size]
        extra += [f"IW{{{l + 1},{k + 1}}}" for k in range(mat["IW"].shape[1]) if (l or k) and mat["IW"][l, k].size]
        if extra or not weights.size:
            raise ValueError(
                f"layer {l + 1}: connections {', '.join(extra) or 'missing'}, wanted a plain chain of layers"
            )
        bias, where = mat["b"].ravel()[l], f"layer {l + 1}"
        transfer = str(mat["transfer"].ravel()[l][0])
        steps += [(where, (weights, bias if bias.size else None)), (where, _ours(MATLAB, transfer, where))]
    net = _assemble(steps)
    A, offset = _affine(mat["input_steps"], "the input")
    net = _first(net, A, offset)
    B, offset = _affine(mat["output_steps"], "the output")
    if B is None:
        return net
    if np.count_nonzero(B - np.diag(np.diagonal(B))) or B.shape[0] != B.shape[1]:
        raise ValueError("the output: removeconstantrows took outputs away, wanted a network that computes all of them")
    return with_preprocessing(net, y_scale=np.diagonal(B), y_offset=offset)


def with_preprocessing(net, x_scale=1.0, x_offset=0.0, y_scale=1.0, y_offset=0.0) -> Network:
    """The network with its scaling inside: it takes and gives physical units, and so does its ∂Y/∂X.

    Net input = x_scale · physical + x_offset, net output = y_scale · physical + y_offset, unit by unit: numbers, or
    arrays (n₀,) and (n_L,). `mapminmax` and standardisation (x_scale = 1/std, x_offset = −mean/std) are of this form.
    The same around the network: diag(1/y_scale) · J · diag(x_scale). Raises ValueError for a scale of 0, for a wrong
    shape, and for an output scale behind softmax.
    """
    n, k = net.sizes[0], net.sizes[-1]
    x_scale, x_offset = _per_unit(x_scale, n, "x_scale"), _per_unit(x_offset, n, "x_offset")
    y_scale, y_offset = _per_unit(y_scale, k, "y_scale"), _per_unit(y_offset, k, "y_offset")
    net = _first(net, np.diag(x_scale), x_offset)
    if np.all(y_scale == 1) and np.all(y_offset == 0):
        return net
    if np.any(y_scale == 0):
        raise ValueError("y_scale: 0, wanted a number that can be divided by")
    if net.is_softmax:
        raise ValueError("y_scale: the output is softmax, wanted no output scale: probabilities have no unit")
    back, shift = np.diag(1 / y_scale), (-y_offset / y_scale)[:, None]
    if net.activations[net.L] == "identity":
        return Network(
            net.W | {net.L: back @ net.W[net.L]}, net.b | {net.L: back @ net.b[net.L] + shift}, net.activations
        )
    new = net.L + 1
    return Network(net.W | {new: back}, net.b | {new: shift}, net.activations | {new: "identity"})


def _first(net, A, offset):
    """The network with the affine map A x + offset put into its first layer."""
    if A is None:
        return net
    b = net.b[1] + net.W[1] @ np.reshape(offset, (-1, 1))
    return Network(net.W | {1: net.W[1] @ A}, net.b | {1: b}, net.activations)


def _per_unit(value, n, name):
    value = np.asarray(value, float)
    if value.shape not in ((), (n,)):
        raise ValueError(f"{name}: shape {value.shape}, wanted a number or ({n},), one for each unit")
    return np.broadcast_to(value, (n,)).astype(float)


def _affine(steps, where):
    """MATLAB's processing steps of one side as one map A x + offset; (None, None) for no steps."""
    A = offset = None
    for step in steps.ravel():
        name, settings = str(step["name"][0, 0][0]), step["settings"][0, 0]
        read = lambda field, settings=settings: np.asarray(settings[field][0, 0], float).ravel()
        if name == "removeconstantrows":
            rows = read("keep").astype(int) - 1
            M = np.eye(len(rows) + read("remove").size)[rows]
            c = np.zeros(len(rows))
        elif name in ("mapminmax", "mapstd"):
            gain, low = read("gain"), read("ymin" if name == "mapminmax" else "ymean")
            M, c = np.diag(gain), low - gain * read("xoffset")
        else:
            raise ValueError(
                _unknown(f"{where}: processing step {name}", ["removeconstantrows", "mapminmax", "mapstd"])
            )
        A, offset = (M, c) if A is None else (M @ A, M @ offset + c)
    return A, offset


def _assemble(steps) -> Network:
    """A `Network` of (where, (W, b)) and (where, activation) in order; a linear layer alone has the identity."""
    W, b, activations = {}, {}, {}
    for where, step in steps:
        l = len(W)
        if isinstance(step, tuple):
            W[l + 1] = np.asarray(step[0], float)
            b[l + 1] = np.zeros((len(W[l + 1]), 1)) if step[1] is None else np.asarray(step[1], float).reshape(-1, 1)
            activations[l + 1] = "identity"
        elif l == 0 or activations[l] != "identity":
            raise ValueError(
                f"{where}: an activation that does not follow a linear layer, wanted linear and activation in turn"
            )
        else:
            activations[l] = step
    return Network(W, b, activations)


def _ours(table, theirs, where):
    if theirs not in table:
        raise ValueError(_unknown(f"{where}: {theirs}", table))
    return table[theirs]


def _unknown(what, known):
    return f"{what} has no counterpart here, wanted one of {', '.join(known)}"
