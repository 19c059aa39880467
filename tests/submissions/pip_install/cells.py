# %% extra
!pip install dJ_dW-solver
!python -m pip install dJ_dW-solver

# %% dJ_dW
from solver import dJ_dW
