# %% dJ_dW
def dJ_dW(delta, a_prev):
    return delta @ a_prev.T
from IPython.display import SVG, display
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'))
