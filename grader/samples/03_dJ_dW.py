# %% [markdown]
# Answers as students write them, style and all. `wrong` is the name by which the check must call the mistake, `fails` is
# wrong without a name of its own, `right` is right although it looks different from the solution.

# %% wrong="half of σ′"
def sigmoid_prime(a):
    return a

# %% wrong="tanh's derivative on a sigmoid"
def sigmoid_prime(a):
    return 1 - a**2

# %% wrong="σ applied twice"
def sigmoid_prime(a):
    s = 1 / (1 + np.exp(-a))
    return s * (1 - s)

# %% wrong="flipped sign in σ′"
def sigmoid_prime(a):
    return a * (a - 1)

# %% right="a − a²"
def sigmoid_prime(a):
    return a - a**2

# %% right="back through z"
def sigmoid_prime(a):
    z = np.log(a) - np.log(1 - a)
    return np.exp(-z) / (1 + np.exp(-z)) ** 2

# %% wrong="flipped sign"
def dJ_da(y_hat, Y):
    return (Y - y_hat) / Y.shape[1]

# %% wrong="missing 1/m"
def dJ_da(y_hat, Y):
    return y_hat - Y

# %% wrong="flipped sign and missing 1/m"
def dJ_da(y_hat, Y):
    return Y - y_hat

# %% wrong="mean over features"
def dJ_da(y_hat, Y):
    return (y_hat - Y) / Y.shape[0]

# %% wrong="mean over all entries"
def dJ_da(y_hat, Y):
    return (y_hat - Y) / np.size(Y)

# %% wrong="factor 2"
def dJ_da(y_hat, Y):
    m = Y.shape[1]
    return 2 / m * (y_hat - Y)

# %% fails="the wrong axis is counted, and integers are divided"
def dJ_da(y_hat, Y):
    return (y_hat - Y) // len(Y)

# %% right="a loop over the examples"
def dJ_da(y_hat, Y):
    m = Y.shape[1]
    return np.column_stack([(y_hat[:, i] - Y[:, i]) / m for i in range(m)])

# %% wrong="no σ′ at the output"
def delta_output(y_hat, Y):
    return dJ_da(y_hat, Y)

# %% wrong="half of σ′"
def delta_output(y_hat, Y):
    return dJ_da(y_hat, Y) * y_hat

# %% wrong="tanh's derivative on a sigmoid"
def delta_output(y_hat, Y):
    return dJ_da(y_hat, Y) * (1 - y_hat**2)

# %% wrong="σ applied twice"
def delta_output(y_hat, Y):
    sigma = 1 / (1 + np.exp(-y_hat))
    return dJ_da(y_hat, Y) * sigma * (1 - sigma)

# %% wrong="missing 1/m"
def delta_output(y_hat, Y):
    return (y_hat - Y) * y_hat * (1 - y_hat)

# %% wrong="σ′ averaged over the batch"
def delta_output(y_hat, Y):
    return dJ_da(y_hat, Y) * (y_hat * (1 - y_hat)).mean(axis=1, keepdims=True)

# %% wrong="inputs changed"
def delta_output(y_hat, Y):
    y_hat -= Y
    return y_hat / Y.shape[1] * (y_hat + Y) * (1 - y_hat - Y)

# %% right="multiplied out"
def delta_output(y_hat, Y):
    m = Y.shape[1]
    return (y_hat**2 - y_hat**3 - Y * y_hat + Y * y_hat**2) / m

# %% wrong="no σ′ in hidden layers"
def delta_hidden(W_next, delta_next, a):
    return W_next.T @ delta_next

# %% wrong="half of σ′"
def delta_hidden(W_next, delta_next, a):
    return (W_next.T @ delta_next) * a

# %% wrong="relu of the upstream"
def delta_hidden(W_next, delta_next, a):
    return np.maximum(0, W_next.T @ delta_next)

# %% wrong="tanh's derivative on a sigmoid"
def delta_hidden(W_next, delta_next, a):
    return (W_next.T @ delta_next) * (1 - a**2)

# %% wrong="1/m twice"
def delta_hidden(W_next, delta_next, a):
    m = a.shape[1]
    return (W_next.T @ delta_next) * a * (1 - a) / m

# %% wrong="W not transposed"
def delta_hidden(W_next, delta_next, a):
    return (W_next @ delta_next) * a * (1 - a)

# %% right="σ′ recomputed from z"
def delta_hidden(W_next, delta_next, a):
    z = -np.log(1 / a - 1)
    s = 1 / (1 + np.exp(-z))
    return (W_next.T @ delta_next) * (s * (1 - s))

# %% right="rows inside"
def delta_hidden(W_next, delta_next, a):
    rows = delta_next.T @ W_next
    return (rows * a.T * (1 - a.T)).T

# %% right="Jacobians: diag(σ′)Wᵀδ, one example after the other"
def delta_hidden(W_next, delta_next, a):
    columns = [np.diag(a[:, i] * (1 - a[:, i])) @ W_next.T @ delta_next[:, i] for i in range(a.shape[1])]
    return np.stack(columns, axis=1)

# %% wrong="dW transposed"
def dJ_dW(delta, a_prev):
    return a_prev @ delta.T

# %% wrong="only one example"
def dJ_dW(delta, a_prev):
    return np.outer(delta[:, 0], a_prev[:, 0])

# %% wrong="outer product of means"
def dJ_dW(delta, a_prev):
    return np.outer(delta.mean(axis=1), a_prev.mean(axis=1))

# %% wrong="1/m twice"
def dJ_dW(delta, a_prev):
    m = delta.shape[1]
    return delta @ a_prev.T / m

# %% wrong="only the last example"
def dJ_dW(delta, a_prev):
    for i in range(delta.shape[1]):
        dW = np.outer(delta[:, i], a_prev[:, i])
    return dW

# %% wrong="∘ in place of the outer product"
def dJ_dW(delta, a_prev):
    return delta * a_prev

# %% right="einsum"
def dJ_dW(delta, a_prev):
    return np.einsum("im,jm->ij", delta, a_prev)

# %% right="loops"
def dJ_dW(delta, a_prev):
    dW = np.zeros((delta.shape[0], a_prev.shape[0]))
    for i in range(dW.shape[0]):
        for j in range(dW.shape[1]):
            for example in range(delta.shape[1]):
                dW[i, j] += delta[i, example] * a_prev[j, example]
    return dW

# %% right="Fortran order"
def dJ_dW(delta, a_prev):
    return np.asfortranarray(delta @ a_prev.T)

# %% right="outer products added up"
def dJ_dW(delta, a_prev):
    return sum(np.outer(d, a) for d, a in zip(delta.T, a_prev.T))

# %% wrong="db averaged"
def dJ_db(delta):
    return delta.mean(axis=1, keepdims=True)

# %% wrong="db summed over everything"
def dJ_db(delta):
    return np.full((delta.shape[0], 1), delta.sum())

# %% wrong="db zero"
def dJ_db(delta):
    return np.zeros((delta.shape[0], 1))

# %% wrong="db lost its axis"
def dJ_db(delta):
    return delta.sum(axis=1)

# %% wrong="float32"
def dJ_db(delta):
    return delta.sum(axis=1, keepdims=True, dtype=np.float32)

# %% right="a product with ones"
def dJ_db(delta):
    return delta @ np.ones((delta.shape[1], 1))

# %% wrong="no σ′ at the output"
def backward(W, b, X, Y):
    z, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    dW, db = {}, {}
    dZ = (a[L] - Y) / m
    for l in range(L, 0, -1):
        dW[l] = dZ @ a[l - 1].T
        db[l] = dZ.sum(axis=1, keepdims=True)
        if l > 1:
            dZ = W[l].T @ dZ * a[l - 1] * (1 - a[l - 1])
    return dW, db

# %% wrong="no σ′ in hidden layers"
def backward(W, b, X, Y):
    z, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = {L: (a[L] - Y) / m * a[L] * (1 - a[L])}
    for l in range(L - 1, 0, -1):
        delta[l] = W[l + 1].T @ delta[l + 1]
    dW = {l: delta[l] @ a[l - 1].T for l in delta}
    db = {l: delta[l].sum(axis=1, keepdims=True) for l in delta}
    return dW, db

# %% wrong="1/m twice"
def backward(W, b, X, Y):
    z, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = {L: (a[L] - Y) / m * a[L] * (1 - a[L])}
    for l in range(L - 1, 0, -1):
        delta[l] = W[l + 1].T @ delta[l + 1] * a[l] * (1 - a[l])
    dW = {l: delta[l] @ a[l - 1].T / m for l in delta}
    db = {l: delta[l].sum(axis=1, keepdims=True) / m for l in delta}
    return dW, db

# %% wrong="σ′ before Wᵀ"
def backward(W, b, X, Y):
    z, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    dA = (a[L] - Y) / m
    dZ = dA * a[L] * (1 - a[L])
    dW, db = {L: dZ @ a[L - 1].T}, {L: dZ.sum(axis=1, keepdims=True)}
    for l in range(L - 1, 0, -1):
        dZ = W[l + 1].T @ (dZ * a[l + 1] * (1 - a[l + 1]))
        dW[l] = dZ @ a[l - 1].T
        db[l] = dZ.sum(axis=1, keepdims=True)
    return dW, db

# %% wrong="flipped sign"
def backward(W, b, X, Y):
    z, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = (Y - a[L]) / m * a[L] * (1 - a[L])
    dW, db = {}, {}
    for l in range(L, 0, -1):
        dW[l], db[l] = delta @ a[l - 1].T, delta.sum(axis=1, keepdims=True)
        delta = W[l].T @ delta * a[l - 1] * (1 - a[l - 1])
    return dW, db

# %% wrong="db averaged"
def backward(W, b, X, Y):
    z, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = {L: (a[L] - Y) / m * a[L] * (1 - a[L])}
    for l in range(L - 1, 0, -1):
        delta[l] = W[l + 1].T @ delta[l + 1] * a[l] * (1 - a[l])
    dW = {l: delta[l] @ a[l - 1].T for l in delta}
    db = {l: delta[l].mean(axis=1, keepdims=True) for l in delta}
    return dW, db

# %% wrong="finite differences"
def backward(W, b, X, Y):
    m, h = X.shape[1], 1e-6

    def own_costs(l, unit, step):
        z, a = forward(W, b, X)
        z[l][unit] += step
        for k in range(l, len(W) + 1):
            if k > l:
                z[k] = W[k] @ a[k - 1] + b[k]
            a[k] = sigmoid(z[k])
        return np.sum((a[len(W)] - Y) ** 2, axis=0) / (2 * m)

    z, a = forward(W, b, X)
    dW, db = {}, {}
    for l in W:
        delta = np.array([(own_costs(l, i, h) - own_costs(l, i, -h)) / (2 * h) for i in range(len(W[l]))])
        dW[l], db[l] = delta @ a[l - 1].T, delta.sum(axis=1, keepdims=True)
    return dW, db

# %% fails="one layer only"
def backward(W, b, X, Y):
    z, a = forward(W, b, X)
    delta = (a[2] - Y) / X.shape[1] * a[2] * (1 - a[2])
    return {2: delta @ a[1].T}, {2: delta.sum(axis=1, keepdims=True)}

# %% right="the 1/m in dW and db instead of in δ"
def backward(W, b, X, Y):
    z, a = forward(W, b, X)
    L, m = len(W), X.shape[1]
    delta = (a[L] - Y) * a[L] * (1 - a[L])
    dW, db = {}, {}
    for l in range(L, 0, -1):
        dW[l], db[l] = delta @ a[l - 1].T / m, delta.mean(axis=1, keepdims=True)
        delta = W[l].T @ delta * a[l - 1] * (1 - a[l - 1])
    return dW, db

# %% right="one example after the other, observations in rows"
def backward(W, b, X, Y):
    z, a = forward(W, b, X)
    dW = {l: np.zeros(W[l].shape) for l in W}
    db = {l: np.zeros(b[l].shape) for l in b}
    for i in range(X.shape[1]):
        row = (a[len(W)][:, i] - Y[:, i]) * a[len(W)][:, i] * (1 - a[len(W)][:, i]) / X.shape[1]
        for l in sorted(W, reverse=True):
            dW[l] += np.outer(row, a[l - 1][:, i])
            db[l][:, 0] += row
            row = row @ W[l] * a[l - 1][:, i] * (1 - a[l - 1][:, i])
    return dW, db

# %% right="recursion"
def backward(W, b, X, Y):
    z, a = forward(W, b, X)

    def delta(l):
        if l == len(W):
            return delta_output(a[l], Y)
        return delta_hidden(W[l + 1], delta(l + 1), a[l])

    return {l: dJ_dW(delta(l), a[l - 1]) for l in W}, {l: dJ_db(delta(l)) for l in W}

# %% wrong="∂J/∂X counted too"
def multiplications(sizes, m):
    products = sum(n * k for n, k in zip(sizes[1:], sizes[:-1]))
    P = products + sum(sizes[1:])
    return {"forward": m * products, "backward": 2 * m * products, "finite_differences": 2 * P * m * products}

# %% wrong="biases forgotten"
def multiplications(sizes, m):
    products = [n * k for n, k in zip(sizes[1:], sizes[:-1])]
    forward = m * sum(products)
    return {"forward": forward, "backward": forward + m * sum(products[1:]), "finite_differences": 2 * sum(products) * forward}

# %% wrong="one forward pass per parameter"
def multiplications(sizes, m):
    products = [n * k for n, k in zip(sizes[1:], sizes[:-1])]
    P = sum(products) + sum(sizes[1:])
    forward = m * sum(products)
    return {"forward": forward, "backward": forward + m * sum(products[1:]), "finite_differences": P * forward}

# %% fails="a key is missing"
def multiplications(sizes, m):
    forward = m * sum(n * k for n, k in zip(sizes[1:], sizes[:-1]))
    return {"forward": forward, "backward": 2 * forward}

# %% right="counted layer by layer"
def multiplications(sizes, m):
    forward = backward = parameters = 0
    for l in range(1, len(sizes)):
        n, n_prev = sizes[l], sizes[l - 1]
        forward += n * n_prev * m
        backward += n * m * n_prev + (n_prev * n * m if l > 1 else 0)
        parameters += n * n_prev + n
    return {"forward": forward, "backward": backward, "finite_differences": 2 * parameters * forward}
