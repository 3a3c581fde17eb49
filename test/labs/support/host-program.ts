/**
 * A session of its own for tests of the sandbox alone: starts the lab hosts that its arguments name (`engine:NAME`: with a
 * Docker engine), then runs what it is asked: a line `["HOST", "argv0", …]` in, a line `{"exitCode", "stdout", "stderr"}` out.
 * HOST `sandbox` is the sandbox itself.
 */
import { execa } from 'execa';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { startEngine } from '../../../labs/sandbox/engine.ts';
import { startLabHost } from '../../../labs/sandbox/lab-host.ts';

const hosts = new Map(
  await Promise.all(
    process.argv.slice(2).map(async (word) => {
      const name = word.replace('engine:', '');
      const host = await startLabHost(name);
      if (word !== name) await startEngine(host);
      return [name, host] as const;
    }),
  ),
);

createServer((socket) => {
  socket.on('error', () => undefined);
  void (async () => {
    for await (const line of createInterface({ input: socket })) {
      const [name = '', ...argv] = JSON.parse(line) as string[];
      const [file = '', ...rest] = [...(hosts.get(name)?.enter ?? []), ...argv];
      const { exitCode, stdout, stderr } = await execa(file, rest, { reject: false });
      socket.write(`${JSON.stringify({ exitCode, stdout, stderr })}\n`);
    }
  })();
}).listen('/run/hoplab/s');
