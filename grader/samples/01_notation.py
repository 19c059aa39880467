# %% [markdown]
# Answers as students write them, style and all. `wrong` is the name by which the check must call the mistake, `fails` is
# wrong without a name of its own, `right` is right although it looks different from the solution.

# %% wrong="sign of the exponent"
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    return 1 / (1 + np.exp(np.clip(z, -700, 700)))

# %% wrong="tanh in place of σ"
def sigmoid(z):
    return np.tanh(z)

# %% wrong="σ′ in place of σ"
def sigmoid(z):
    e = np.exp(-np.abs(np.asarray(z, dtype=float)))
    return e / (1 + e) ** 2

# %% wrong="overflow in exp"
def sigmoid(z):
    return 1 / (1 + np.exp(-z))

# %% fails="works for one number only"
def sigmoid(z):
    import math
    return 1 / (1 + math.exp(-z))

# %% wrong="whole-number buffer"
def sigmoid(z):
    z = np.asarray(z)
    a = np.zeros_like(z)
    a[...] = 1 / (1 + np.exp(np.minimum(-z.astype(float), 700)))
    return a

# %% right="two branches"
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))

# %% right="by tanh"
def sigmoid(z):
    return 0.5 + np.tanh(np.asarray(z, dtype=float) / 2) / 2

# %% wrong="b of shape (n,)"
def layer_forward(W, b, a_prev):
    z = W @ a_prev + b
    return z, sigmoid(z)

# %% wrong="b forgotten"
def layer_forward(W, b, a_prev):
    if b.shape != (W.shape[0], 1):
        raise ValueError("b must be a column")
    z = W @ a_prev
    return z, sigmoid(z)

# %% wrong="z and a swapped"
def layer_forward(W, b, a_prev):
    if b.ndim != 2 or b.shape[1] != 1:
        raise ValueError("b must be a column")
    z = W @ a_prev + b
    return sigmoid(z), z

# %% wrong="b added after σ"
def layer_forward(W, b, a_prev):
    if b.shape != (len(W), 1):
        raise ValueError("b must be a column")
    z = W @ a_prev
    return z, sigmoid(z) + b

# %% fails="only a is returned"
def layer_forward(W, b, a_prev):
    if b.shape != (len(W), 1):
        raise ValueError("b must be a column")
    return sigmoid(W @ a_prev + b)

# %% right="einsum, and the bias as a weight of a constant 1"
def layer_forward(W, b, a_prev):
    if b.shape != (W.shape[0], 1):
        raise ValueError(f"b has shape {b.shape}, wanted {(W.shape[0], 1)}")
    z = np.einsum("ij,jm->im", np.hstack([W, b]), np.vstack([a_prev, np.ones((1, a_prev.shape[1]))]))
    return z, sigmoid(z)

# %% wrong="z handed to the next layer"
def forward(W, b, X):
    z, a = {}, {0: X}
    current = X
    for l in range(1, len(W) + 1):
        current, a[l] = layer_forward(W[l], b[l], current)
        z[l] = current
    return z, a

# %% wrong="no σ at the output"
def forward(W, b, X):
    z, a = {}, {0: X}
    for l in W:
        z[l], a[l] = layer_forward(W[l], b[l], a[l - 1])
    a[l] = z[l]
    return z, a

# %% wrong="no activation in hidden layers"
def forward(W, b, X):
    z, a = {}, {0: X}
    for l in range(1, len(W) + 1):
        z[l] = W[l] @ a[l - 1] + b[l]
        a[l] = sigmoid(z[l]) if l == len(W) else z[l]
    return z, a

# %% fails="the last layer is left out"
def forward(W, b, X):
    z, a = {}, {0: X}
    for l in range(1, len(W)):
        z[l], a[l] = layer_forward(W[l], b[l], a[l - 1])
    return z, a

# %% fails="lists instead of dicts"
def forward(W, b, X):
    z, a = [], [X]
    for l in range(1, len(W) + 1):
        z_l, a_l = layer_forward(W[l], b[l], a[-1])
        z.append(z_l)
        a.append(a_l)
    return z, a

# %% right="one example after the other"
def forward(W, b, X):
    columns = []
    for x in X.T:
        z, a = {}, {0: x[:, None]}
        for l in sorted(W):
            z[l] = W[l] @ a[l - 1] + b[l]
            a[l] = sigmoid(z[l])
        columns.append((z, a))
    join = lambda which, l: np.hstack([pair[which][l] for pair in columns])
    return {l: join(0, l) for l in W}, {l: join(1, l) for l in [0, *W]}

# %% wrong="J without 1/m"
def cost(y_hat, Y):
    return 0.5 * np.sum((y_hat - Y) ** 2)

# %% wrong="J without ½"
def cost(y_hat, Y):
    return np.sum((y_hat - Y) ** 2) / Y.shape[1]

# %% wrong="mean square, no ½"
def cost(y_hat, Y):
    return np.mean((y_hat - Y) ** 2)

# %% wrong="mean over all entries"
def cost(y_hat, Y):
    return 0.5 * np.mean((Y - y_hat) ** 2)

# %% wrong="norm not squared"
def cost(y_hat, Y):
    m = Y.shape[1]
    return np.linalg.norm(y_hat - Y) / (2 * m)

# %% fails="one number per example"
def cost(y_hat, Y):
    return np.sum((y_hat - Y) ** 2, axis=0) / (2 * Y.shape[1])

# %% right="a trace"
def cost(y_hat, Y):
    error = y_hat - Y
    return float(np.trace(error @ error.T)) / (2 * Y.shape[1])

# %% right="the mean of the examples' own costs"
def cost(y_hat, Y):
    own = [0.5 * sum((p - t) ** 2 for p, t in zip(y_hat[:, i], Y[:, i])) for i in range(Y.shape[1])]
    return sum(own) / len(own)

# %% wrong="reshape in place of transpose"
def to_columns(rows):
    m, n = rows.shape
    return rows.reshape(n, m)

# %% wrong="turned, not transposed"
def to_columns(rows):
    return np.rot90(rows)

# %% wrong="transposed"
def to_columns(rows):
    return rows

# %% right="stacked as columns"
def to_columns(rows):
    return np.column_stack(list(rows))

# %% wrong="only W X and X W"
def possible(W_shape, X_shape):
    names = set()
    if W_shape[1] == X_shape[0]:
        names.add("WX")
    if X_shape[1] == W_shape[0]:
        names.add("XW")
    return names

# %% wrong="outer numbers compared"
def possible(W_shape, X_shape):
    p, q = W_shape
    r, s = X_shape
    return {name for name, fits in {"WX": p == s, "XW": r == q, "WXt": p == r, "XWt": r == p}.items() if fits}

# %% fails="a list instead of a set"
def possible(W_shape, X_shape):
    p, q = W_shape
    r, s = X_shape
    return [name for name, fits in [("WX", q == r), ("XW", s == p), ("WXt", q == s), ("XWt", s == q)] if fits]

# %% right="by trying"
def possible(W_shape, X_shape):
    W, X = np.empty(W_shape), np.empty(X_shape)
    names = set()
    for name, left, right in [("WX", W, X), ("XW", X, W), ("WXt", W, X.T), ("XWt", X, W.T)]:
        try:
            left @ right
            names.add(name)
        except ValueError:
            pass
    return names

# %% wrong="orientation guessed from the shape"
def repaired_forward(W1, b1, W2, b2, X_rows):
    X = X_rows if X_rows.shape[0] == W1.shape[1] else X_rows.T
    return sigmoid(W2 @ sigmoid(W1 @ X + b1) + b2).T

# %% wrong="reshape in place of transpose"
def repaired_forward(W1, b1, W2, b2, X_rows):
    X = X_rows.reshape(W1.shape[1], -1)
    return sigmoid(W2 @ sigmoid(W1 @ X + b1) + b2).T

# %% wrong="no σ at the output"
def repaired_forward(W1, b1, W2, b2, X_rows):
    a1 = sigmoid(W1 @ X_rows.T + b1)
    return (W2 @ a1 + b2).T

# %% wrong="transposed"
def repaired_forward(W1, b1, W2, b2, X_rows):
    return sigmoid(W2 @ sigmoid(W1 @ X_rows.T + b1) + b2)

# %% right="rows throughout"
def repaired_forward(W1, b1, W2, b2, X_rows):
    return sigmoid(sigmoid(X_rows @ W1.T + b1.T) @ W2.T + b2.T)
