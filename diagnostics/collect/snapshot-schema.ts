import * as z from 'zod';
import type { Snapshot } from '../model/snapshot.ts';
import { engine } from './schema/engines.ts';
import { ipsecSchema } from './schema/ipsec.ts';
import { link } from './schema/links.ts';
import { fact, maybe, text } from './schema/parts.ts';
import { resolver } from './schema/resolver.ts';
import { fdbEntry, neighbour, route, rule } from './schema/routes.ts';
import { rulesetSchema } from './schema/ruleset.ts';
import { connection, offload, socket, socketProgram, virtualService } from './schema/sockets.ts';
import { trafficControlSchema } from './schema/traffic-control.ts';

const namespace = z.object({
  id: text,
  host: text,
  inode: z.number(),
  names: z.array(
    z.discriminatedUnion('type', [
      z.object({ type: z.literal('host') }),
      z.object({ type: z.literal('netns'), name: text }),
      z.object({ type: z.literal('container'), name: text, engine: maybe(text) }),
      z.object({ type: z.literal('pid'), pid: z.number(), process: text }),
      z.object({ type: z.literal('fd'), pid: z.number(), descriptor: z.number(), process: text }),
    ]),
  ),
  facts: z.object({
    links: fact(z.array(link)),
    routes: fact(z.array(route)),
    rules: fact(z.array(rule)),
    neighbours: fact(z.array(neighbour)),
    fdb: fact(z.array(fdbEntry)),
    sysctls: fact(z.record(text, text)),
    ruleset: fact(rulesetSchema),
    sockets: fact(z.array(socket)),
    conntrack: fact(z.array(connection)),
    // Files of older versions have none.
    datagramPorts: fact(z.array(z.number())).default({ state: 'unread' }),
    trafficControl: fact(z.array(trafficControlSchema)).default({ state: 'absent' }),
    virtualServices: fact(z.array(virtualService)).default({ state: 'absent' }),
    socketPrograms: fact(z.array(socketProgram)).default({ state: 'absent' }),
    offloads: fact(z.array(offload)).default({ state: 'unread' }),
    ipsec: fact(ipsecSchema).default({ state: 'absent' }),
    resolver: fact(resolver),
  }),
});

/**
 * The shape of a snapshot file, checked before anything reasons on it: a file from elsewhere may be cut off, edited or hostile.
 * It follows diagnostics/model/ field by field; a field that is not known here is dropped.
 */
export const snapshotSchema: z.ZodType<Snapshot> = z.object({
  schema: z.literal(1),
  machine: z.object({
    kernel: text,
    bootId: text,
    takenAt: text,
    privileged: z.boolean(),
    user: maybe(z.object({ uid: z.number(), gid: z.number() })),
  }),
  hosts: z.array(
    z.object({ id: text, rootNamespace: text, engine: fact(engine), others: maybe(z.array(fact(engine))) }),
  ),
  namespaces: z.array(namespace),
});
