# %% dJ_dW
raise ValueError('<script>alert(\'got you\')</script><img src=x onerror="alert(\'got you\')">')
