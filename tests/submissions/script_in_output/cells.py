# %% dJ_dW
def dJ_dW(delta, a_prev):
    return delta @ a_prev.T
from IPython.display import HTML, Javascript, display
display(HTML('<script>alert(\'got you\')</script><img src=x onerror="alert(\'got you\')">'))
display(Javascript("alert('got you')"))
