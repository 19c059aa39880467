# %% dJ_dW
import glob
assert not glob.glob('/tmp/*') + glob.glob('/dev/shm/*')
def dJ_dW(delta, a_prev):
    return delta @ a_prev.T
