import type { FoundNamespace } from '../host/machine.ts';
import {
  numberField,
  objectField,
  objects,
  optional,
  parseObjects,
  stringField,
  stringsField,
  type JsonObject,
} from '../host/external-json.ts';
import { known, type Fact } from '../model/fact.ts';
import type { JoinedGroup, Link } from '../model/link.ts';
import { runIn, type ReadContext } from './read-context.ts';

type Joined = NonNullable<Link['joined']>;

/**
 * Per interface, from `bridge -d -j mdb show`: `{mdb: [{dev, port, grp, vid, flags}], router: {BRIDGE: [{port}]}}`, where the bridge
 * itself is a port too. A group that is refused there (`blocked`) is not joined.
 */
export function parseGroups(records: readonly JsonObject[]): ReadonlyMap<string, Joined> {
  const found = new Map<string, Joined>();
  const add = (port: string | undefined, groups: readonly JoinedGroup[], router: boolean): void => {
    if (port === undefined) return;
    const before = found.get(port);
    found.set(port, {
      groups: [...(before?.groups ?? []), ...groups],
      ...(router || before?.router ? { router: true } : {}),
    });
  };
  for (const record of records) {
    for (const entry of objects(record['mdb'])) {
      const address = stringField(entry, 'grp');
      if (address === undefined || stringsField(entry, 'flags').includes('blocked')) continue;
      add(stringField(entry, 'port'), [{ address, ...optional('vlan', numberField(entry, 'vid')) }], false);
    }
    const routers = objectField(record, 'router');
    for (const ports of Object.values(routers))
      for (const one of objects(ports)) add(stringField(one, 'port'), [], true);
  }
  return found;
}

/** The interfaces with the groups that were joined at the ports of bridges, where a bridge among them decides by that. */
export async function withGroups(
  context: ReadContext,
  namespace: FoundNamespace,
  links: Fact<readonly Link[]>,
): Promise<Fact<readonly Link[]>> {
  if (links.state !== 'known') return links;
  const bridges = links.value.filter(({ kind }) => kind.type === 'bridge' && kind.snoops !== undefined);
  if (bridges.length === 0) return links;
  const output = await runIn(context, namespace, ['bridge', '-details', '-json', 'mdb', 'show']);
  const joined = parseGroups(parseObjects(output.stdout) ?? []);
  return known(
    links.value.map((link) =>
      bridges.some(({ index }) => index === link.index || index === link.master)
        ? { ...link, joined: joined.get(link.name) ?? { groups: [] } }
        : link,
    ),
  );
}
