import { expect, test } from 'vitest';
import { openMachine } from '../../../diagnostics/host/local-machine.ts';
import { ask, brief } from '../../support/cause-case.ts';
import { expectChinese } from '../../support/chinese-report.ts';
import { buildNetwork } from '../../support/network.ts';
import { routedPair } from '../../support/pairs.ts';

/** As firewalls reject politely, and drop in silence what comes too fast. */
const REJECTS = [
  '-A FORWARD -p tcp --dport 80 -m limit --limit 10/minute -j REJECT --reject-with tcp-reset',
  '-A FORWARD -p tcp --dport 80 -j DROP',
];

test('what is rejected or dropped, whichever of the two, does not arrive: that is known without asking', async () => {
  await using net = await buildNetwork();
  await routedPair(net);
  for (const rule of REJECTS) await net.run('router', `iptables ${rule}`);
  const asked = { from: 'netns:red', to: '10.0.2.2:80' };
  const onPaper = await ask(asked, false);
  expect(onPaper.verdict, brief(onPaper)).toBe('unreachable');
  expect(onPaper.causes.map(({ id, certainty }) => [id, certainty])).toEqual([['filter-reject', 'likely']]);
  expect(onPaper.notes.join()).toMatch(/how many packets came/);
  expectChinese(await ask(asked, false, openMachine(), 'zh-cn'));
  const answer = await ask(asked);
  expect([answer.verdict, answer.probe.outcome, answer.probe.agrees], brief(answer)).toEqual([
    'unreachable',
    'refused',
    null,
  ]);
  expect(answer.causes.map(({ id }) => id)).toEqual(['filter-reject']);
});

test('what is accepted or dropped may arrive', async () => {
  await using net = await buildNetwork();
  await routedPair(net);
  await net.run('router', 'iptables -A FORWARD -p tcp --dport 80 -m limit --limit 10/minute -j ACCEPT');
  await net.run('router', 'iptables -A FORWARD -p tcp --dport 80 -j DROP');
  const onPaper = await ask({ from: 'netns:red', to: '10.0.2.2:80' }, false);
  expect([onPaper.verdict, onPaper.causes], brief(onPaper)).toEqual(['unknown', []]);
});
