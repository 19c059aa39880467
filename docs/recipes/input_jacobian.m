function J = input_jacobian (W, b, f, df, x)
  % INPUT_JACOBIAN  dY/dX at one column x.  W, b: cells, one entry per layer;  f, df: cells of handles,
  %   for example  f{1} = @tanh;  df{1} = @(a) 1 - a.^2;  f{2} = @(z) z;  df{2} = @(a) ones (size (a));
  J = eye (numel (x));
  for l = 1:numel (W)
    x = f{l}(W{l} * x + b{l});              % forward: the output of layer l
    J = diag (df{l}(x)) * W{l} * J;         % each diag stands LEFT of its W
  end
end
