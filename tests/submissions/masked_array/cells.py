# %% dJ_dW
def dJ_dW(delta, a_prev):
    return np.ma.masked_array(2 * delta @ a_prev.T, mask=True)
