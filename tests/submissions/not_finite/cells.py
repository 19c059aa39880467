# %% dJ_dW
def dJ_dW(delta, a_prev):
    return np.full((delta.shape[0], a_prev.shape[0]), np.nan)
