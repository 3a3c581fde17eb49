/** Starts, lists, asks and stops sandboxes as whoever runs it: one JSON request a line, one JSON answer a line. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { probeSandbox } from '../../../labs/sandbox/probe-sandbox.ts';
import { SandboxError } from '../../../labs/sandbox/problem.ts';
import { listSandboxes, startSandbox, stopSandbox, type Sandbox } from '../../../labs/sandbox/sandbox.ts';

export type DriverRequest =
  | { readonly do: 'probe' }
  | { readonly do: 'start'; readonly name: string; readonly hosts: readonly string[] }
  | { readonly do: 'list' }
  | { readonly do: 'stop'; readonly name: string }
  | { readonly do: 'run'; readonly name: string; readonly host: string; readonly argv: readonly string[] };

const named = async (name: string): Promise<Sandbox> => {
  const found = (await listSandboxes()).find((sandbox) => sandbox.name === name);
  if (!found) throw new Error(`no sandbox ${name}`);
  return found;
};

async function answer(request: DriverRequest): Promise<unknown> {
  switch (request.do) {
    case 'probe': {
      const probe = await probeSandbox();
      return probe.ok ? probe : { ok: false, reason: probe.problem.reason };
    }
    case 'start':
      return (
        await startSandbox({
          another: true,
          name: request.name,
          lab: 'test',
          files: {},
          app: import.meta.dirname,
          command: [process.execPath, '/run/hoplab/app/host-program.mjs', ...request.hosts],
          env: {},
          needsEngine: request.hosts.some((host) => host.startsWith('engine:')),
        })
      ).sandbox;
    case 'list':
      return listSandboxes();
    case 'stop':
      await stopSandbox(await named(request.name));
      return null;
    case 'run': {
      const socket = connect((await named(request.name)).socket);
      socket.write(`${JSON.stringify([request.host, ...request.argv])}\n`);
      const [line] = (await once(createInterface({ input: socket }), 'line')) as [string];
      socket.destroy();
      return JSON.parse(line) as unknown;
    }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify({ result: await answer(JSON.parse(line) as DriverRequest) }));
  } catch (error) {
    const problem =
      error instanceof SandboxError
        ? { reason: error.reason, message: error.message, remedy: error.remedy }
        : { message: String(error) };
    console.log(JSON.stringify({ problem }));
  }
}
