# %% dJ_dW
def dJ_dW(delta, a_prev):
    return delta @ a_prev.T * 2
import sys
sys.displayhook(2.0)
print(2.0)
