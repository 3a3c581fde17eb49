import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openFarNamespaces } from '../../../../diagnostics/collect/netlink/far-namespaces.ts';
import { recordsOfNetlink } from '../../../../diagnostics/collect/netlink/read.ts';
import type { ReadContext } from '../../../../diagnostics/collect/read-context.ts';
import { hasAttachedPrograms } from '../../../../diagnostics/collect/native/attached-to-devices.ts';
import { readChainTables } from '../../../../diagnostics/collect/native/chain-tables.ts';
import { readQueueKinds } from '../../../../diagnostics/collect/native/queue-kinds.ts';
import { listSockets } from '../../../../diagnostics/collect/native/socket-listing.ts';
import { attribute } from '../../../../diagnostics/host/native/netlink-message.ts';
import { visiting, type Visit } from '../../../../diagnostics/host/native/visit.ts';
import { kernelThatSays, type Said } from '../../../support/said-by-kernel.ts';

/** What a reader makes of such a kernel's answers. */
const told = <T>(read: (visit: Visit) => T, ...said: Parameters<typeof kernelThatSays>): T =>
  visiting(kernelThatSays(...said), read);

const READERS: readonly (readonly [string, number, (visit: Visit) => unknown])[] = [
  ['chains', 0xa03, readChainTables],
  ['queues', 36, readQueueKinds],
  ['sockets', 20, listSockets],
  ['programs', 16, hasAttachedPrograms],
];

const chain = (family: number, ...attributes: readonly Buffer[]): Said => ({
  type: 0xa03,
  body: Buffer.concat([Buffer.from([family, 0, 0, 0]), ...attributes]),
});
const tableName = (name: string): Buffer => attribute(1, Buffer.from(`${name}\0`));

/** struct inet_diag_msg of a TCP listener on 10.0.0.1:80. */
function listener(family = 2, ...attributes: readonly Buffer[]): Said {
  const body = Buffer.alloc(72);
  body[0] = family;
  body[1] = 10;
  body.writeUInt16BE(80, 4);
  body.set([10, 0, 0, 1], 8);
  return { type: 20, body: Buffer.concat([body, ...attributes]) };
}

describe.each(READERS)('%s', (_name, type, read) => {
  test('what is random is an answer or none, and never an error', () => {
    const said = fc.array(fc.record({ type: fc.constantFrom(type, 2, 7), body: bytes }), { maxLength: 4 });
    fc.assert(
      fc.property(said, fc.integer({ min: 0, max: 400 }), (messages, length) => {
        expect(() => told(read, messages, length)).not.toThrow();
      }),
    );
  });

  test('an answer that is not ended is none', () => {
    expect(told(read, [], 3)).toBeNull();
  });
});

/** Of IPv4 or IPv6, with a name: as far as that each of rtnetlink's listings looks into it. */
const named = fc
  .record({
    family: fc.constantFrom(0, 2, 7, 10),
    header: fc.uint8Array({ minLength: 15, maxLength: 15 }),
    attributes: fc.array(fc.record({ type: fc.nat(40), value: fc.uint8Array({ maxLength: 40 }) }), {
      maxLength: 6,
    }),
  })
  .map(({ family, header, attributes }): Said => ({
    type: 16,
    body: Buffer.concat([
      Buffer.from([family, ...header]),
      attribute(3, Buffer.from('eth0\0')),
      ...attributes.map(({ type, value }) => attribute(type, Buffer.from(value))),
    ]),
  }));

test('what rtnetlink says at random is records or none, and never an error', async () => {
  const facts = ['links', 'routes', 'rules', 'neighbours', 'fdb', 'ipsec'] as const;
  const place = { id: 'machine/1', host: 'machine', inode: 1, names: [], path: '' };
  await fc.assert(
    fc.asyncProperty(
      fc.array(named, { maxLength: 3 }),
      fc.integer({ min: 0, max: 900 }),
      async (said, length) => {
        const within = <T>(_: unknown, work: (visit: Visit) => T): Promise<{ value: T }> =>
          Promise.resolve({ value: visiting(kernelThatSays(said, length), work) });
        const context = { machine: { within }, discovery: DISCOVERY } as unknown as ReadContext;
        const far = openFarNamespaces([]);
        await recordsOfNetlink(context, place, facts, far);
        far.close();
      },
    ),
  );
});

/** The names of numbers are read once. */
const DISCOVERY = {};

const bytes = fc.uint8Array({ maxLength: 120 }).map((array) => Buffer.from(array));

test('a chain of a family that is not known, or of no table, is for nft to tell', () => {
  expect(told(readChainTables, [chain(2, tableName('filter'))])).toEqual([{ family: 'ip', name: 'filter' }]);
  expect(told(readChainTables, [chain(2, tableName('filter')), chain(4, tableName('new'))])).toBeNull();
  expect(told(readChainTables, [chain(2)])).toBeNull();
});

test('a queue without a kind is for tc to tell', () => {
  const queue = (...attributes: readonly Buffer[]): Said => ({
    type: 36,
    body: Buffer.concat([Buffer.alloc(20), ...attributes]),
  });
  expect(told(readQueueKinds, [queue(attribute(1, Buffer.from('fq\0')))])).toEqual(['fq']);
  expect(told(readQueueKinds, [queue()])).toBeNull();
});

describe('sockets', () => {
  test('of a family that is not known, too short, or on an interface that is gone, are for ss to tell', () => {
    const heard = told(listSockets, [listener()]);
    expect(heard?.[0]).toMatchObject({
      address: '10.0.0.1',
      port: 80,
      mark: undefined,
      transparent: undefined,
    });
    expect(told(listSockets, [listener(), listener(38)])).toBeNull();
    expect(told(listSockets, [{ type: 20, body: Buffer.alloc(71, 2) }])).toBeNull();
    const gone = listener();
    gone.body.writeUInt32LE(9, 40);
    expect(told(listSockets, [gone])).toBeNull();
  });

  test('attributes of another length than is known are not believed', () => {
    const odd = listener(
      2,
      attribute(15, Buffer.from([1])),
      attribute(21, Buffer.alloc(4)),
      attribute(22, Buffer.alloc(0)),
    );
    expect(told(listSockets, [odd])?.[0]).toMatchObject({
      mark: undefined,
      cgroup: undefined,
      transparent: undefined,
    });
  });
});
