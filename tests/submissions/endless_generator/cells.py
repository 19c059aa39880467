# %% dJ_dW
def dJ_dW(delta, a_prev):
    while True:
        yield delta @ a_prev.T
