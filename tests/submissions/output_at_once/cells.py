# %% dJ_dW
def dJ_dW(delta, a_prev):
    print('x' * (2 * 10**8))
