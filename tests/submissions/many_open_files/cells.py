# %% dJ_dW
def dJ_dW(delta, a_prev):
    kept = []
    while True:
        kept.append(open('/dev/null'))
