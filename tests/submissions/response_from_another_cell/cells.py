# %% dJ_dW
def dJ_dW(delta, a_prev):
    return delta @ a_prev.T
from IPython.display import display
from course_lib.respond import respond
from course_lib.wire import MIME, pack
display({MIME: {'exercise': 'dJ_dW'} | pack(respond(dJ_dW, check.given['dJ_dW']))}, raw=True)
del check.given['dJ_dW']
