# %% dJ_dW
def dJ_dW(delta, a_prev):
    return float(input('gradient? '))
