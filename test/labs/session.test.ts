import { snapshotSource } from '../../diagnostics/collect/snapshot-file.ts';
import { reachMatrix } from '../../diagnostics/reach-matrix.ts';
import { readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectSession, type SessionClient } from '../../labs/session/client.ts';
import type { LabStatus, SessionEvent } from '../../labs/session/protocol.ts';
import { installedForTests } from './support/installed-for-tests.ts';
import { newLearner, type Learner } from './support/learner.ts';
import { whoRunsTests } from './support/users.ts';

const [self] = await whoRunsTests();
const dist = installedForTests();
let learner: Learner;
let client: SessionClient;

async function startRouter(): Promise<void> {
  if (!self) throw new Error('nobody runs this test');
  learner = await newLearner(self, dist());
  await learner.lab('start', 'router');
  client = await connectSession(join(learner.runtime, 'router/s'));
}

async function stopRouter(): Promise<void> {
  client.close();
  await learner.end();
}

describe('the session of a running lab', () => {
  beforeEach(startRouter);
  afterEach(stopRouter);

  it('lets only its owner connect', async () => {
    expect((await stat(join(learner.runtime, 'router/s'))).mode & 0o777).toBe(0o600);
    expect((await stat(learner.runtime)).mode & 0o777).toBe(0o700);
  });

  it('tells who subscribed at once when the learner gets on, each in their language', async () => {
    const chinese = await connectSession(join(learner.runtime, 'router/s'));
    const seen = (from: SessionClient): Promise<LabStatus> =>
      new Promise((resolve) =>
        from.onEvent((event: SessionEvent) => {
          if (event.event === 'status' && event.status.currentStep === 'way-out') resolve(event.status);
        }),
      );
    const [english, other] = [seen(client), seen(chinese)];
    await client.request('subscribe', { language: 'en' });
    await chinese.request('subscribe', { language: 'zh-cn' });
    await learner.type(
      'router',
      'ip address add 10.0.1.1/24 dev to-red; ip address add 10.0.2.1/24 dev to-blue',
    );
    expect((await english).steps[1]?.title).toBe('A way out of red');
    expect((await other).steps[1]?.title).toBe('给 red 一条出去的路');
    chinese.close();
  });

  it('hands out hints by degrees, and counts them', async () => {
    const hints = [];
    for (let asked = 0; asked < 4; asked++) hints.push(await client.request('hint', { language: 'en' }));
    expect(hints.map(({ shown }) => shown)).toEqual([1, 2, 3, 3]);
    expect(new Set(hints.map(({ hint }) => hint)).size).toBe(3);
  });

  it('hands out all facts of its network, from which a matrix of its nodes is made', async () => {
    for (let step = 0; step < 4; step++) await client.request('solve', { language: 'en', run: true });
    const facts = snapshotSource(await client.request('snapshot', {}));
    const { ends, pairs } = await reachMatrix(facts, [{ protocol: 'icmp', port: null }], { language: 'en' });
    const nodes = ends.map(({ name }) => name).filter((name) => name !== 'host');
    expect(nodes.sort()).toEqual(['netns:blue', 'netns:red', 'netns:router']);
    const between = pairs.filter(({ from, to }) => nodes.includes(from) && nodes.includes(to));
    expect(between.map(({ verdict }) => verdict)).toEqual(Array(6).fill('reachable'));
  });

  it('answers why, applies a fix, takes it back', async () => {
    for (let step = 0; step < 4; step++) await client.request('solve', { language: 'en', run: true });
    await client.request('break', { language: 'en', fault: 'morning-after' });
    const question = { language: 'en', from: 'netns:red', to: '10.0.2.2', port: 80, probe: true } as const;
    const diagnosis = await client.request('why', question);
    expect(diagnosis.causes.map((cause) => [cause.id, cause.namespace])).toEqual([
      ['ip-forward-off', 'netns:router'],
    ]);
    const applied = await client.request('apply', { ...question, causes: [] });
    expect(applied).toMatchObject({ applied: true, undone: false, diagnosis: { verdict: 'reachable' } });
    expect((await client.request('undo', question)).verdict).toBe('unreachable');
    await expect(client.request('undo', question)).rejects.toThrow('There is nothing to take back.');
  });

  it('shows what exists as a map', async () => {
    const map = await client.request('map', {});
    const labels = map.nodes.filter((node) => node.kind === 'namespace').map((node) => node.endpoint);
    expect(labels).toEqual(expect.arrayContaining(['netns:red', 'netns:router', 'netns:blue']));
    expect(map.edges.filter((edge) => edge.kind === 'veth')).toHaveLength(2);
  });

  it('does one thing at a time to the network', async () => {
    const reset = client.request('reset', { language: 'en' });
    await expect(client.request('reset', { language: 'en' })).rejects.toMatchObject({ code: 'busy' });
    await reset;
  });

  it('says goodbye to its clients when it is stopped, and everything is gone', async () => {
    const pid = await learner.pidOf('router');
    const goodbye = new Promise((resolve) =>
      client.onEvent((event) => {
        if (event.event === 'stopping') resolve(null);
      }),
    );
    await client.request('subscribe', { language: 'en' });
    await client.request('stop', {});
    await goodbye;
    while (await alive(pid)) await delay(5);
    expect((await learner.hoplab('lab', 'status')).stderr).toMatch(/^hoplab: No lab is running/);
  });

  const alive = async (pid: number): Promise<boolean> =>
    /^State:\t[^Z]/m.test(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''));
});

describe('one session that hears nonsense again and again', () => {
  beforeAll(startRouter);
  afterAll(stopRouter);

  it.each([
    ['no JSON', 'hello', /one line of JSON/],
    ['JSON that is no request', '[1,2]', /id \(a number\)/],
    ['a method of Object', '{"id":1,"method":"constructor","params":{}}', /There is no such method/],
    ['a parameter too many', '{"id":1,"method":"map","params":{"x":1}}', /map: params/],
    ['a number for a name', '{"id":1,"method":"shell","params":{"node":5}}', /shell: params\.node/],
    ['a node that is not there', '{"id":1,"method":"shell","params":{"node":"../red"}}', /has no node/],
    [
      'an endpoint with a shell in it',
      '{"id":1,"method":"why","params":{"language":"en","from":"$(id)","to":"x","probe":false}}',
      /./,
    ],
    [
      'terminal escapes',
      '{"id":1,"method":"hint","params":{"language":"en","step":"\\u001b[2J"}}',
      /^[^\u001b]*$/,
    ],
  ])('answers %s with one clear error', async (_what, line, error) => {
    const answer = await raw(line);
    expect(answer).toMatchObject({ error: { message: expect.stringMatching(error) } });
    expect(answer.error?.message).not.toContain('    at ');
    expect((await client.request('status', { language: 'en' })).lab.id).toBe('router');
  });

  it('hangs up on who sends a line without end, and goes on', async () => {
    const answer = await raw('x'.repeat(200_000));
    expect(answer.error?.message).toMatch(/bytes at most/);
    expect((await client.request('status', { language: 'en' })).lab.id).toBe('router');
  });
});

async function raw(line: string): Promise<{ error?: { message: string } }> {
  const socket = connect(join(learner.runtime, 'router/s'));
  socket.on('error', () => undefined);
  socket.write(`${line}\n`);
  for await (const text of createInterface({ input: socket })) {
    socket.destroy();
    return JSON.parse(text) as { error?: { message: string } };
  }
  throw new Error('the session hung up without an answer');
}
