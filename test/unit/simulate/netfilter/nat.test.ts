import { describe, expect, it } from 'vitest';
import type { Hook, Ruleset } from '../../../../diagnostics/model/ruleset.ts';
import { runHook } from '../../../../diagnostics/simulate/netfilter/run-hook.ts';
import type { HookInput } from '../../../../diagnostics/simulate/netfilter/types.ts';
import { hookInput, iptables, nat, together } from '../../../support/hook-input.ts';

const destinations = (ruleset: Ruleset, input: HookInput, hook: Hook = 'prerouting'): readonly string[] =>
  runHook(ruleset, hook, input).map(({ packet }) => `${packet.destination}:${packet.destinationPort}`);

const sources = (ruleset: Ruleset, input: HookInput): readonly string[] =>
  runHook(ruleset, 'postrouting', input).map(({ packet }) => `${packet.source}:${packet.sourcePort}`);

describe('destinations', () => {
  it.each([
    ['-j DNAT --to-destination 1.1.1.1', '1.1.1.1:80'],
    ['-p tcp -j DNAT --to-destination 1.1.1.1:8080', '1.1.1.1:8080'],
    ['-p tcp -j DNAT --to-destination :8080', '10.0.1.1:8080'],
    ['-p tcp -j DNAT --to-destination 1.1.1.1:70-90', '1.1.1.1:80'],
    ['-p tcp -j DNAT --to-destination 1.1.1.1:8000-8010', '1.1.1.1:8000'],
    ['-p tcp -j REDIRECT --to-ports 3128', '10.0.0.254:3128'],
    ['-j NETMAP --to 192.168.7.0/24', '192.168.7.1:80'],
  ])('%s', (target, expected) => {
    const input = hookInput({}, { deviceAddress: (dev) => (dev === 'a' ? '10.0.0.254' : null) });
    expect(destinations(nat(`-A PREROUTING ${target}`), input)).toEqual([expected]);
  });

  it('the first mapping wins, and the step says which rule it was', () => {
    const ruleset = nat(
      '-A PREROUTING -j DNAT --to-destination 1.1.1.1',
      '-A PREROUTING -j DNAT --to-destination 2.2.2.2',
    );
    const [outcome] = runHook(ruleset, 'prerouting', hookInput());
    expect(outcome?.connection.dnat).toBe(true);
    expect(outcome?.steps).toMatchObject([
      {
        kind: 'translate',
        what: 'destination',
        before: '10.0.1.1:80',
        after: '1.1.1.1:80',
        decidedBy: { rule: { number: 1 } },
      },
    ]);
  });

  it('to what it is already: nothing is translated', () => {
    const [outcome] = runHook(
      nat('-A PREROUTING -j DNAT --to-destination 10.0.1.1'),
      'prerouting',
      hookInput(),
    );
    expect(outcome?.connection.dnat).toBe(false);
    expect(outcome?.steps).toEqual([]);
  });

  /** As the kernel does it: test/kernel/netfilter compares with it. */
  it.each([['10.0.0.1', '10.0.1.1', '', '1.1.1.5']])(
    'of several addresses a hash of who asks whom takes one: %s → %s %s',
    (source, destination, more, to) => {
      const ruleset = nat(`-A PREROUTING -j DNAT --to-destination 1.1.1.1-1.1.1.9 ${more}`);
      expect(destinations(ruleset, hookInput({ source, destination }))).toEqual([`${to}:80`]);
    },
  );

  it.each([
    [80, 8000],
    [81, 8001],
    [99, 8019],
    [100, 8000],
    [79, 8015],
  ])('ports are mapped one to one from a base on: %i → %i', (port, expected) => {
    const ruleset = nat('-A PREROUTING -p tcp -j DNAT --to-destination 1.1.1.1:8000-8019/80');
    expect(destinations(ruleset, hookInput({ destinationPort: port }))).toEqual([`1.1.1.1:${expected}`]);
  });

  it.each(['DNAT --to-destination 1.1.1.1:8000-8009 --random', 'REDIRECT --to-ports 8000-8009 --random'])(
    'of several ports chance takes one where the rule says so: %s',
    (target) => {
      const input = hookInput({}, { deviceAddress: () => '1.1.1.1' });
      const outcomes = runHook(nat(`-A PREROUTING -p tcp -j ${target}`), 'prerouting', input);
      expect(outcomes.map(({ packet }) => packet.destinationPort)).toEqual([8000, 8009]);
      expect(outcomes.every(({ chances }) => chances.length === 1)).toBe(true);
    },
  );

  it('redirected here: the loopback', () => {
    expect(
      destinations(
        nat('-A OUTPUT -p tcp -j REDIRECT --to-ports 8080'),
        hookInput({}, { inDev: null }),
        'output',
      ),
    ).toEqual(['127.0.0.1:8080']);
  });

  it('later packets of a connection are not asked again', () => {
    const ruleset = nat('-A PREROUTING -j DNAT --to-destination 1.1.1.1');
    const input = hookInput(
      {},
      {
        connection: { state: 'established' },
        nat: { type: 'apply', destination: { address: '3.3.3.3', port: 33 } },
      },
    );
    expect(destinations(ruleset, input)).toEqual(['3.3.3.3:33']);
  });

  it('untracked packets are left alone', () => {
    const raw = iptables('*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j CT --notrack\nCOMMIT\n');
    const ruleset = together(raw, nat('-A PREROUTING -j DNAT --to-destination 1.1.1.1'));
    const [outcome] = runHook(ruleset, 'prerouting', hookInput());
    expect(outcome?.connection.state).toBe('untracked');
    expect(outcome?.packet.destination).toBe('10.0.1.1');
  });

  it('raw sees no connection yet, mangle sees the untranslated address', () => {
    const raw = iptables(
      '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m conntrack --ctstate NEW -j DROP\nCOMMIT\n',
    );
    const mangle = iptables('*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -d 1.1.1.1 -j DROP\nCOMMIT\n');
    const ruleset = together(raw, mangle, nat('-A PREROUTING -j DNAT --to-destination 1.1.1.1'));
    expect(destinations(ruleset, hookInput())).toEqual(['1.1.1.1:80']);
  });

  it('IPv6 addresses with ports', () => {
    const ruleset = iptables(
      '*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j DNAT --to-destination [fd00::9]:81\nCOMMIT\n',
      'ip6',
    );
    expect(
      destinations(ruleset, hookInput({ family: 6, source: 'fd01::1', destination: 'fd01::2' })),
    ).toEqual(['fd00::9:81']);
  });
});

describe('sources', () => {
  const masquerade = hookInput({}, { deviceAddress: (dev) => (dev === 'b' ? '5.5.5.5' : null) });

  it.each([
    ['-j MASQUERADE', '5.5.5.5:40000'],
    ['-p tcp -j MASQUERADE --to-ports 1000-2000', '5.5.5.5:1000'],
    ['-j SNAT --to-source 6.6.6.6', '6.6.6.6:40000'],
    ['-p tcp -j SNAT --to-source 6.6.6.6:39000-41000', '6.6.6.6:40000'],
    ['-j SNAT --to-source 10.0.0.0-10.0.0.9', '10.0.0.1:40000'],
    ['-o c -j MASQUERADE', '10.0.0.1:40000'],
  ])('%s', (target, expected) => {
    expect(sources(nat(`-A POSTROUTING ${target}`), masquerade)).toEqual([expected]);
  });

  it('masquerading behind an interface without an address drops', () => {
    expect(runHook(nat('-A POSTROUTING -j MASQUERADE'), 'postrouting', hookInput())).toMatchObject([
      { verdict: 'drop' },
    ]);
  });
});

describe('marks', () => {
  const mangle = (...lines: readonly string[]): Ruleset =>
    iptables(['*mangle', ':FORWARD ACCEPT [0:0]', ...lines, 'COMMIT'].join('\n'));

  it.each([
    [['-A FORWARD -j MARK --set-xmark 0x10/0xff'], 0x1210, 0x5],
    [['-A FORWARD -j MARK --set-mark 0x10/0xf'], 0x1230, 0x5],
    [['-A FORWARD -j MARK --or-mark 0x1'], 0x1235, 0x5],
    [['-A FORWARD -j CONNMARK --set-xmark 0x7/0xffffffff'], 0x1234, 0x7],
    [['-A FORWARD -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff'], 0x1205, 0x5],
    [['-A FORWARD -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff'], 0x1234, 0x1234],
  ])('%s', (lines, mark, connectionMark) => {
    const [outcome] = runHook(
      mangle(...lines),
      'forward',
      hookInput({ mark: 0x1234 }, { connection: { mark: 5 } }),
    );
    expect(outcome?.packet.mark).toBe(mark);
    expect(outcome?.connection.mark).toBe(connectionMark);
  });
});
