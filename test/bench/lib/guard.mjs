// Preloaded into every child of a benchmark. Owns three things: the child ends when the benchmark does, its listeners
// stay on 127.0.0.1 where asked, and it tells its memory and CPU time when asked. Costs nothing while traffic flows.
import net from 'node:net';
import v8 from 'node:v8';
import vm from 'node:vm';

if (process.channel) {
  process.once('disconnect', () => process.exit(1));
  process.on('message', ({ kind, collect }) => {
    if (kind !== 'usage') return;
    if (collect) collectGarbage();
    const { user, system } = process.cpuUsage();
    const nursery = v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.physical_space_size ?? 0;
    process.send({ ...process.memoryUsage(), nursery, cpuUs: user + system });
  });
  process.channel.unref();
}

if (process.env.BENCH_LOOPBACK === '1') {
  const { listen } = net.Server.prototype;
  net.Server.prototype.listen = function listenOnLoopback(first, ...rest) {
    const callback = rest.find((argument) => typeof argument === 'function');
    if (typeof first === 'object' && first !== null) return listen.call(this, { ...first, host: '127.0.0.1' }, callback);
    return listen.call(this, { port: Number(first), host: '127.0.0.1' }, callback);
  };
}

function collectGarbage() {
  v8.setFlagsFromString('--expose-gc');
  const gc = vm.runInNewContext('gc');
  for (let pass = 0; pass < 3; pass++) gc();
}
