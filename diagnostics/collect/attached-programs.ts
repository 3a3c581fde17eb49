import type { FoundNamespace } from '../host/machine.ts';
import type { TrafficFilter } from '../model/traffic-control.ts';
import { isObject, objects, parseJson, stringField } from '../host/external-json.ts';
import type { ReadContext } from './read-context.ts';

/** What tc(8) does not list: programs that are attached to a device by themselves (tcx, netkit). */
export const PROGRAMS_COMMAND: readonly string[] = ['bpftool', '-j', 'net', 'show'];

const asked = new WeakMap<object, Promise<boolean>>();

/** Most machines do not have it: that is found out once, and not in each namespace. Without it nobody knows of such programs. */
export function hasBpftool(
  { machine, discovery, signal }: ReadContext,
  { host, id }: FoundNamespace,
): Promise<boolean> {
  const seen = asked.get(discovery);
  if (seen) return seen;
  const found = machine
    .run({ host, namespace: id }, { argv: ['bpftool', 'version'], ...(signal ? { signal } : {}) })
    .then(({ problem, exitCode }) => {
      // Cancelled, or the namespace is gone: whoever asks next finds out.
      if (problem !== undefined && problem !== 'missing-tool') asked.delete(discovery);
      return problem === undefined && exitCode === 0;
    });
  asked.set(discovery, found);
  return found;
}

/** attach_loc_strings[] of bpftool's net.c, and where frames meet such a program; those of clsact tc lists itself. */
const SIDES: Readonly<Record<string, 'ingress' | 'egress'>> = {
  'tcx/ingress': 'ingress',
  'tcx/egress': 'egress',
  'netkit/primary': 'egress',
  'netkit/peer': 'ingress',
};

/** By device: each as a filter that nobody knows the doing of. Reads `bpftool -j net show`; empty where it says nothing. */
export function parseAttachedPrograms(text: string): ReadonlyMap<string, readonly TrafficFilter[]> {
  const found = new Map<string, TrafficFilter[]>();
  for (const listing of objects(parseJson(text)))
    for (const record of isObject(listing) ? objects(listing['tc']) : []) {
      const dev = stringField(record, 'devname');
      const kind = stringField(record, 'kind') ?? '';
      const at = SIDES[kind];
      if (dev === undefined || at === undefined) continue;
      found.set(dev, [...(found.get(dev) ?? []), programFilter(at, kind, stringField(record, 'name'))]);
    }
  return found;
}

const programFilter = (at: string, kind: string, name: string | undefined): TrafficFilter => ({
  at,
  protocol: 'all',
  preference: 0,
  kind: 'program',
  tests: [],
  action: 'unknown',
  words: name === undefined || name === '' ? kind : `${name}, ${kind}`,
});
