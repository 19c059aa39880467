# %% dJ_dW
exit()
def dJ_dW(delta, a_prev):
    return delta @ a_prev.T
