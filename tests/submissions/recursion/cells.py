# %% dJ_dW
def dJ_dW(delta, a_prev):
    return dJ_dW(delta, a_prev)
