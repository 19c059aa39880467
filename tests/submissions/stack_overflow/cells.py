# %% dJ_dW
import sys
sys.setrecursionlimit(10**9)
def dJ_dW(delta, a_prev):
    return dJ_dW(delta, a_prev)
