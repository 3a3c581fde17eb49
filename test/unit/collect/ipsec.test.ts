import { expect, test } from 'vitest';
import { parseIpsec, readIpsec } from '../../../diagnostics/collect/ipsec.ts';

/** As iproute2 6.1 printed what was given to it in a namespace of Linux 6.18. */
const POLICIES = `src 0.0.0.0/0 dst 0.0.0.0/0 proto esp 
	dir out priority 0 ptype main 
	tmpl src 10.0.0.1 dst 10.0.0.2
		proto comp reqid 0 mode transport
src fd00::/64 dst ::/0 proto gre key 5 
	dir fwd action block priority 0 ptype sub flag localok icmp
src 10.0.0.1/32 dst 10.0.0.2/32 proto udp sport 5 dport 80 
	dir in priority 3 ptype main 
	mark 0x5/0xff 
	if_id 0x7
src 10.0.0.1/32 dst 10.0.0.2/32 proto tcp dport 80 
	dir in action block priority 10 ptype main 
src 0.0.0.0/0 dst 0.0.0.0/0 
	socket in priority 0 ptype main 
`;

/** An association as strongSwan makes it, listed with \`nokeys\`. */
const STATES = `src 192.0.2.1 dst 192.0.2.2
	proto esp spi 0xc3f4a1b2 reqid 1 mode tunnel
	replay-window 32 flag af-unspec
	auth-trunc hmac(sha256) <<Keys hidden>> 128
	enc cbc(aes) <<Keys hidden>>
	anti-replay context: seq 0x0, oseq 0x0, bitmap 0x00000000
`;

const DEFAULTS = `Default policies:
 in:  block
 fwd: accept
 out: accept
`;

test('policies, associations and defaults are read from one text', () => {
  const { policies, states, defaults } = parseIpsec(POLICIES + STATES + DEFAULTS);
  expect(policies.map(({ direction, verdict, selector }) => `${direction} ${verdict} ${selector}`)).toEqual([
    'out accept src 0.0.0.0/0 dst 0.0.0.0/0 proto esp',
    'fwd block src fd00::/64 dst ::/0 proto gre key 5',
    'in accept src 10.0.0.1/32 dst 10.0.0.2/32 proto udp sport 5 dport 80',
    'in block src 10.0.0.1/32 dst 10.0.0.2/32 proto tcp dport 80',
  ]);
  expect(states).toEqual([
    { source: '192.0.2.1', destination: '192.0.2.2', protocol: 'esp', mode: 'tunnel', request: 1 },
  ]);
  expect(defaults).toEqual({ in: 'block', fwd: 'accept', out: 'accept' });
});

test('a policy keeps all that it selects by, and what is not modelled by name', () => {
  const [out, fwd, input] = parseIpsec(POLICIES).policies;
  expect(out?.templates).toEqual([
    {
      source: '10.0.0.1',
      destination: '10.0.0.2',
      protocol: 'comp',
      mode: 'transport',
      request: 0,
      optional: false,
    },
  ]);
  expect(out?.settings).toBe(
    'priority 0 ptype main tmpl src 10.0.0.1 dst 10.0.0.2 proto comp reqid 0 mode transport',
  );
  expect(fwd).toMatchObject({ family: 6, type: 'sub', protocol: 47, unmodelled: ['key'] });
  expect(input).toMatchObject({
    protocol: 17,
    sourcePort: { value: 5, mask: 0xffff },
    destinationPort: { value: 80, mask: 0xffff },
    mark: { value: 5, mask: 0xff },
    interfaceId: 7,
    priority: 3,
  });
});

test('no key of an association is kept, even where it was printed', () => {
  const shown = STATES.replaceAll('<<Keys hidden>>', '0xdeadbeefdeadbeef');
  expect(JSON.stringify(parseIpsec(shown))).not.toContain('deadbeef');
});

test('what could not be read is told apart from what is not there', async () => {
  const read = (stdout: string, stderr: string) =>
    readIpsec({ stdout, stderr }, ([, , verb, , word]) =>
      Promise.resolve(
        verb === 'state'
          ? { exitCode: 255, stdout: '', stderr: `Error: argument "${word ?? ''}" is wrong: unknown` }
          : { exitCode: 0, stdout: POLICIES, stderr: '' },
      ),
    );
  expect(await read('', 'RTNETLINK answers: Operation not permitted\nDump terminated')).toMatchObject({
    state: 'denied',
  });
  expect(await read('', 'Cannot open netlink socket: Protocol not supported')).toEqual({ state: 'absent' });
  // Without anything to protect nobody asks for associations.
  expect(await read(DEFAULTS, '')).toMatchObject({ state: 'known', value: { policies: [], states: [] } });
  // An older ip(8) stops at what it does not know, and would show keys.
  const old = await read('', 'Command "getdefault" is unknown, try "ip xfrm policy help".');
  expect(old).toMatchObject({ state: 'known', value: { states: null, defaults: { in: 'accept' } } });
  expect(old.state === 'known' && old.value.policies.length).toBe(4);
});
