# %% dJ_dW
hoard = []
while True:
    hoard.append(bytearray(10**8))
