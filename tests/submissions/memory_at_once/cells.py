# %% dJ_dW
def dJ_dW(delta, a_prev):
    return np.ones(10**13) * np.ones(10**13)
