function export_net (net, file)
  % EXPORT_NET  Write a trained feedforwardnet to FILE (.mat) for course_lib.interop.from_matlab.
  %   export_net (net, 'trained.mat')
  IW = net.IW;  LW = net.LW;  b = net.b;
  transfer     = cellfun (@(layer) layer.transferFcn, net.layers, 'UniformOutput', false);
  input_steps  = steps (net.inputs{1});
  output_steps = steps (net.outputs{end});
  save (file, '-v7', 'IW', 'LW', 'b', 'transfer', 'input_steps', 'output_steps');
end

function list = steps (side)
  list = cell (1, numel (side.processFcns));
  for k = 1:numel (side.processFcns)
    list{k} = struct ('name', side.processFcns{k}, 'settings', side.processSettings{k});
  end
end
