# %% dJ_dW
def dJ_dW(delta, a_prev):
    return delta @ a_prev.T
print('\ud800\x00\x1b[2J\x1b]0;title\x07')
