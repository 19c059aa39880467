# %% dJ_dW
def dJ_dW(delta, a_prev):
    return delta @ a_prev.T
while True:
    pass
