import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import type { Machine } from '../../diagnostics/host/machine.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import type { ArrivalFate, Diagnosis } from '../../diagnostics/model/diagnosis.ts';
import { diagnosisText } from '../../diagnostics/report/text.ts';
import { ask, brief, type Asked } from '../support/cause-case.ts';
import { expectChinese } from '../support/chinese-report.ts';
import { namespaceNamed } from '../support/facts.ts';
import { hasty } from '../support/hasty.ts';
import { buildNetwork, type TestNetwork } from '../support/network.ts';
import type { Server } from '../support/network.ts';

/** red – router – blue, both families; blue reads datagrams on 7001 and answers none. */
let net: TestNetwork;
let stopped: Server;

beforeAll(async () => {
  net = await buildNetwork();
  await net.namespaces('red', 'router', 'blue');
  await net.wire('red/eth0 10.0.1.2/24 fd01::2/64', 'router/ra 10.0.1.1/24 fd01::1/64');
  await net.wire('blue/eth0 10.0.2.2/24 fd02::2/64', 'router/rb 10.0.2.1/24 fd02::1/64');
  for (const [name, network] of [
    ['red', 1],
    ['blue', 2],
  ] as const) {
    await net.run(name, `ip route add default via 10.0.${network}.1`);
    await net.run(name, `ip route add default via fd0${network}::1`);
  }
  await net.run('router', 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1');
  await hasty(net, 'red', 'router', 'blue');
  await net.listen('blue', { protocol: 'tcp', port: 80, address: '::' });
  await net.listen('blue', { protocol: 'udp', port: 7001, address: '::', behaviour: 'silent' });
  stopped = await net.listen('blue', { protocol: 'udp', port: 7002, behaviour: 'silent' });
});
afterAll(() => net.close());
afterEach(async () => {
  for (const name of ['red', 'router', 'blue'])
    for (const tool of ['iptables', 'ip6tables'])
      for (const flush of ['-F', '-t nat -F', '-t mangle -F']) await net.run(name, `${tool} ${flush}`);
});

const english = (diagnosis: Diagnosis): string =>
  diagnosisText(diagnosis, { language: 'en', colour: false, columns: 10_000 });

const inChinese = async (asked: Asked): Promise<void> =>
  expectChinese(await ask(asked, true, openMachine(), 'zh-cn'));

interface Silence {
  readonly title: string;
  readonly rules?: readonly (readonly [string, string])[];
  readonly to: string;
  readonly fate: ArrivalFate;
  readonly verdict: 'reachable' | 'unreachable';
  readonly says: string;
}

const SILENCES: readonly Silence[] = [
  {
    title: 'a program takes it and keeps quiet',
    to: '10.0.2.2:7001',
    fate: 'taken',
    verdict: 'reachable',
    says: 'It arrived at netns:blue, where a program took it and answered nothing.',
  },
  {
    title: 'a program takes it and keeps quiet, IPv6',
    to: '[fd02::2]:7001',
    fate: 'taken',
    verdict: 'reachable',
    says: 'It arrived at netns:blue, where a program took it and answered nothing.',
  },
  {
    title: 'it is sent on to another address and port',
    rules: [['router', 'iptables -t nat -A PREROUTING -p udp --dport 99 -j DNAT --to 10.0.2.2:7001']],
    to: '10.0.1.1:99',
    fate: 'taken',
    verdict: 'reachable',
    says: 'It arrived at netns:blue, where a program took it and answered nothing.',
  },
  {
    title: 'a firewall on the way drops it',
    rules: [['router', 'iptables -A FORWARD -p udp -j DROP']],
    to: '10.0.2.2:7001',
    fate: 'never',
    verdict: 'unreachable',
    says: 'It never arrived at netns:blue.',
  },
  {
    title: 'a firewall on the way drops it, IPv6',
    rules: [['router', 'ip6tables -A FORWARD -p udp -j DROP']],
    to: '[fd02::2]:7001',
    fate: 'never',
    verdict: 'unreachable',
    says: 'It never arrived at netns:blue.',
  },
  {
    title: 'it is sent on to another address and port, and a firewall there drops it',
    rules: [
      ['router', 'iptables -t nat -A PREROUTING -p udp --dport 99 -j DNAT --to 10.0.2.2:7001'],
      ['router', 'iptables -A FORWARD -p udp -j DROP'],
    ],
    to: '10.0.1.1:99',
    fate: 'never',
    verdict: 'unreachable',
    says: 'It never arrived at netns:blue.',
  },
  {
    title: 'the receiver’s own firewall drops it',
    rules: [['blue', 'iptables -A INPUT -p udp -j DROP']],
    to: '10.0.2.2:7001',
    fate: 'stopped',
    verdict: 'unreachable',
    says: 'It came into netns:blue by eth0, and no socket there was given it.',
  },
  {
    title: 'nothing listens, and a firewall keeps the sender from being told',
    rules: [['blue', 'iptables -A OUTPUT -p icmp -j DROP']],
    to: '10.0.2.2:7009',
    fate: 'no-listener',
    verdict: 'unreachable',
    says: 'It arrived at netns:blue, where nothing listens on the port.',
  },
];

describe('a datagram that nobody answers', () => {
  test.each(SILENCES)('$title: $fate', async ({ rules = [], to, fate, verdict, says }) => {
    for (const [name, rule] of rules) await net.run(name, rule);
    const asked = { from: 'netns:red', to, protocol: 'udp' } as const;
    const diagnosis = await ask(asked);
    expect(diagnosis.probe.outcome, brief(diagnosis)).toBe('timeout');
    expect(diagnosis.probe.arrival?.fate, brief(diagnosis)).toBe(fate);
    expect(diagnosis.probe.agrees, brief(diagnosis)).toBe(true);
    expect(diagnosis.verdict, brief(diagnosis)).toBe(verdict);
    expect(diagnosis.probe.detail).toBe(says);
    expect(english(diagnosis)).toContain(says);
    await inChinese(asked);
  });

  test('a program that does not read: it waits, until the buffer is full', async () => {
    process.kill(stopped.pid, 'SIGSTOP');
    const asked = { from: 'netns:red', to: '10.0.2.2:7002', protocol: 'udp' } as const;
    const waits = await ask(asked);
    expect(waits.probe.arrival?.fate, brief(waits)).toBe('waiting');
    expect(waits.verdict).toBe('reachable');
    await inChinese(asked);

    const flood = 'for n in $(seq 600); do echo x > /dev/udp/10.0.2.2/7002; done';
    await net.run('red', ['bash', '-c', flood]);
    const full = await ask(asked);
    expect(full.probe.arrival?.fate, brief(full)).toBe('buffer-full');
    expect(full.verdict).toBe('unreachable');
    expect(full.probe.agrees).toBe(false);
    await inChinese(asked);
    process.kill(stopped.pid, 'SIGCONT');
  });

  test('another’s datagrams beside it are not taken for it', async () => {
    await net.run('blue', 'iptables -A INPUT -p udp -m length --length 0:80 -j DROP');
    const noise = execa(
      'nsenter',
      [
        ...['--net=/run/netns/red', 'bash', '-c'],
        'while :; do head -c 200 /dev/zero > /dev/udp/10.0.2.2/7001; sleep 0.02; done',
      ],
      { reject: false },
    );
    try {
      const diagnosis = await ask({ from: 'netns:red', to: '10.0.2.2:7001', protocol: 'udp' });
      expect(diagnosis.probe.arrival?.fate).not.toBe('taken');
      expect(diagnosis.verdict, brief(diagnosis)).toBe('unreachable');
    } finally {
      noise.kill();
      await noise;
    }
  });

  test('where tcpdump is missing, the receiver’s counters still tell whether a socket got it', async () => {
    const blind: Machine = {
      ...openMachine(),
      follow: () => ({
        ended: Promise.resolve({ exitCode: null, stdout: '', stderr: '', problem: 'missing-tool' }),
        stop: () => Promise.resolve(),
      }),
    };
    const asked = { from: 'netns:red', to: '10.0.2.2:7001', protocol: 'udp' } as const;
    const silent = await ask(asked, true, blind);
    expect(silent.probe.arrival, brief(silent)).toBeUndefined();
    expect(silent.notes.join()).toContain('proves nothing with UDP');

    await net.run('router', 'iptables -A FORWARD -p udp -j DROP');
    const lost = await ask(asked, true, blind);
    expect(lost.probe.arrival?.fate, brief(lost)).toBe('not-taken');
    expect(lost.probe.detail).toBe('No socket in netns:blue was given it.');
    expectChinese(await ask(asked, true, blind, 'zh-cn'));
  });
});

interface Refusal {
  readonly title: string;
  readonly rule?: readonly [string, string];
  readonly ask: Omit<Asked, 'from'>;
  readonly outcome: Diagnosis['probe']['outcome'];
  readonly says: string;
}

const REFUSALS: readonly Refusal[] = [
  {
    title: 'a port on which nothing listens, UDP',
    ask: { to: '10.0.2.2:7009', protocol: 'udp' },
    outcome: 'refused',
    says: 'netns:blue (10.0.2.2) answered: port unreachable.',
  },
  {
    title: 'a port on which nothing listens, UDP over IPv6',
    ask: { to: '[fd02::2]:7009', protocol: 'udp' },
    outcome: 'refused',
    says: 'netns:blue (fd02::2) answered: port unreachable.',
  },
  {
    title: 'a router that rejects, of which a program with UDP is not told',
    rule: ['router', 'iptables -A FORWARD -p udp -j REJECT --reject-with icmp-host-unreachable'],
    ask: { to: '10.0.2.2:7001', protocol: 'udp' },
    outcome: 'timeout',
    says: 'netns:router (10.0.1.1) answered: host unreachable.',
  },
  {
    title: 'a router that prohibits TCP',
    rule: ['router', 'iptables -A FORWARD -p tcp -j REJECT --reject-with icmp-admin-prohibited'],
    ask: { to: '10.0.2.2:80' },
    outcome: 'unreachable',
    says: 'netns:router (10.0.1.1) answered: administratively prohibited.',
  },
  {
    title: 'a router that prohibits TCP, IPv6',
    rule: ['router', 'ip6tables -A FORWARD -p tcp -j REJECT --reject-with icmp6-adm-prohibited'],
    ask: { to: '[fd02::2]:80' },
    outcome: 'prohibited',
    says: 'netns:router (fd01::1) answered: administratively prohibited.',
  },
  {
    title: 'a router that prohibits echo requests',
    rule: ['router', 'iptables -A FORWARD -p icmp -j REJECT --reject-with icmp-admin-prohibited'],
    ask: { to: '10.0.2.2', protocol: 'icmp' },
    outcome: 'prohibited',
    says: 'netns:router (10.0.1.1) answered: administratively prohibited.',
  },
  {
    title: 'an address that a rule translates before it is rejected',
    rule: ['red', 'iptables -t nat -A OUTPUT -p tcp -d 10.7.7.7 -j DNAT --to 10.0.2.2:81'],
    ask: { to: '10.7.7.7:80' },
    outcome: 'refused',
    says: 'Connection refused (ECONNREFUSED).',
  },
  {
    title: 'no route on the way',
    ask: { to: '10.9.0.1:80' },
    outcome: 'unreachable',
    says: 'netns:router (10.0.1.1) answered: network unreachable.',
  },
];

describe('who sent the error', () => {
  test.each(REFUSALS)('$title', async ({ rule, ask: asked, outcome, says }) => {
    if (rule) await net.run(...rule);
    const whole = { from: 'netns:red', ...asked };
    const diagnosis = await ask(whole);
    expect(diagnosis.probe.outcome, brief(diagnosis)).toBe(outcome);
    expect(diagnosis.probe.detail, brief(diagnosis)).toBe(says);
    expect(diagnosis.probe.agrees, brief(diagnosis)).toBe(true);
    expect(diagnosis.verdict, brief(diagnosis)).toBe('unreachable');
    if (says.includes('answered')) expect(english(diagnosis)).toContain(says);
    await inChinese(whole);
  });

  test('of a translated address too', async () => {
    await net.run('red', 'iptables -t nat -A OUTPUT -p tcp -d 10.7.7.7 -j DNAT --to 10.0.2.2:80');
    await net.run('router', 'iptables -A FORWARD -p tcp -j REJECT --reject-with icmp-host-prohibited');
    const { probe } = await ask({ from: 'netns:red', to: '10.7.7.7:80' });
    expect(probe.icmp).toEqual({
      from: '10.0.1.1',
      namespace: 'netns:router',
      says: 'host administratively prohibited',
    });
  });

  test('that nobody expected: it is asked once more, with open ears', async () => {
    await net.run('router', 'iptables -A FORWARD -p tcp -j REJECT --reject-with icmp-net-prohibited');
    const source = createLiveSource(openMachine());
    const { id } = namespaceNamed(await source.discover(), 'netns:red');
    const answer = await source.probe?.({
      namespace: id,
      protocol: 'tcp',
      address: '10.0.2.2',
      port: 80,
      timeoutMilliseconds: 1000,
      watch: { expectsError: false, destinations: ['10.0.2.2'], receiver: null },
    });
    expect(answer?.icmp).toEqual({ from: '10.0.1.1', says: 'network administratively prohibited' });
  });
});
