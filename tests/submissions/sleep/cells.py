# %% dJ_dW
def dJ_dW(delta, a_prev):
    import time
    time.sleep(86400)
