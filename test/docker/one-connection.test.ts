import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { brief } from '../support/cause-case.ts';
import { dockerCase } from '../support/docker-case.ts';
import { startEngine } from '../support/docker.ts';

/** Takes one connection, and ends. */
const ONCE: readonly string[] = ['busybox', 'sh', '-c', 'nc -l -p 80 -e cat; sleep 1000'];
/** As /proc/net/tcp6 has it: port 80, in the state of a listener. */
const LISTENING = /:0050 0+:0000 0A /;

test('a server behind the engine’s proxy that takes one connection and ends: it is said who took that one', async () => {
  await using engine = await startEngine({ userlandProxy: true });
  const docker = dockerCase(engine);
  const web = await docker.run('web', '--publish 8080:80', ONCE);
  const pid = await engine.docker(['inspect', '-f', '{{.State.Pid}}', web]);
  await expect.poll(() => readFile(`/proc/${pid}/net/tcp6`, 'utf8')).toMatch(LISTENING);
  const diagnosis = await docker.ask({ from: 'host', to: '127.0.0.1', port: 8080 });
  expect(diagnosis.probe.agrees, brief(diagnosis)).not.toBe(false);
  expect(diagnosis.causes.map(({ id }) => id)).toEqual(['relay-backend-dead']);
  expect(diagnosis.notes.join('\n')).toMatch(
    /^When this question began, nc listened on port 80 in container:web; it does not any more\./m,
  );
  const again = await docker.ask({ from: 'host', to: '127.0.0.1', port: 8080 });
  expect(again.notes).toEqual([]);
});
