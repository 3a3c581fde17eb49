import type { OvsPort } from '../../model/openvswitch.ts';
import { entry, isObject, parseJson } from '../../host/external-json.ts';

/** A bridge as the database has it. */
export interface SavedBridge {
  readonly name: string;
  readonly userspace: boolean;
  /** The daemon is to finish checksums itself. */
  readonly offloads: boolean;
  readonly unmodelled: readonly string[];
  readonly ports: readonly SavedPort[];
}

/** A port of a bridge in ovsdb's tables Port and Interface. */
export interface SavedPort {
  /** The interface's name. */
  readonly name: string;
  readonly port: OvsPort;
  /** The other end of a patch port. */
  readonly peer?: string;
}

type Row = ReadonlyMap<string, unknown>;

/** A value of RFC 7047: a lone one, or `["set", […]]`; a map is a list of pairs. */
const many = (value: unknown): readonly unknown[] => {
  if (!Array.isArray(value)) return value === undefined ? [] : [value];
  const [kind, content] = value as readonly unknown[];
  if ((kind === 'set' || kind === 'map') && Array.isArray(content)) return content as readonly unknown[];
  return [value];
};

const uuid = (value: unknown): string =>
  Array.isArray(value) && value[0] === 'uuid' && typeof value[1] === 'string' ? value[1] : '';

const text = (row: Row, column: string): string => {
  const [value] = many(row.get(column));
  return typeof value === 'string' ? value : '';
};

const numbers = (row: Row, column: string): readonly number[] =>
  many(row.get(column)).filter((value): value is number => typeof value === 'number');

const isOn = (row: Row, column: string): boolean => row.get(column) === true;

const hasAny = (row: Row, column: string): boolean => many(row.get(column)).length > 0;

const option = (row: Row, name: string, column = 'options'): string | undefined => {
  for (const pair of many(row.get(column)))
    if (Array.isArray(pair) && pair[0] === name && typeof pair[1] === 'string') return pair[1];
  return undefined;
};

/** `{headings: […], data: [[…], …]}`, as `ovs-vsctl -f json list` prints a table. */
const rowsOf = (line: string): readonly Row[] | null => {
  const table = parseJson(line);
  if (!isObject(table)) return null;
  const { headings, data } = table;
  if (!Array.isArray(headings) || !Array.isArray(data)) return null;
  return data.flatMap((row: unknown) =>
    Array.isArray(row)
      ? [
          new Map(
            (headings as readonly unknown[]).map((heading, at) => [String(heading), row[at] as unknown]),
          ),
        ]
      : [],
  );
};

const MODES: readonly OvsPort['mode'][] = ['access', 'trunk', 'native-tagged', 'native-untagged'];

/** port_configure(): a port with a tag and without a mode is an access port. */
const vlanOf = (row: Row): Pick<OvsPort, 'mode' | 'tag' | 'trunks'> => {
  const tag = numbers(row, 'tag')[0] ?? null;
  const mode = MODES.find((one) => one === text(row, 'vlan_mode')) ?? (tag === null ? 'trunk' : 'access');
  return { mode, tag, trunks: numbers(row, 'trunks') };
};

const ROLES: Readonly<Record<string, OvsPort['role']>> = {
  '': 'system',
  system: 'system',
  internal: 'internal',
  tap: 'internal',
  patch: 'patch',
};
const TUNNELS = new Set([
  'vxlan',
  'gre',
  'geneve',
  'stt',
  'lisp',
  'erspan',
  'ip6gre',
  'ip6erspan',
  'gtpu',
  'bareudp',
]);

const roleOf = (type: string): OvsPort['role'] =>
  entry(ROLES, type) ?? (TUNNELS.has(type) ? 'tunnel' : 'other');

/** The lines of `list Bridge -- list Port -- list Interface -- list Open_vSwitch`; null where they are damaged. */
export function parseDatabase(output: string): readonly SavedBridge[] | null {
  const [bridges, ports, interfaces, daemon] = output.split('\n').filter(Boolean).map(rowsOf);
  if (!bridges || !ports || !interfaces) return null;
  const offloads =
    daemon?.some((row) => option(row, 'userspace-tso-enable', 'other_config') === 'true') ?? false;
  const byId = (rows: readonly Row[]) => new Map(rows.map((row) => [uuid(row.get('_uuid')), row]));
  const [portById, interfaceById] = [byId(ports), byId(interfaces)];
  const found = (ids: unknown, rows: ReadonlyMap<string, Row>): readonly Row[] =>
    many(ids).flatMap((id) => rows.get(uuid(id)) ?? []);
  // No name is ever taken for an option of a tool.
  const sayable = bridges.filter((bridge) => /^[^-/][^/]*$/.test(text(bridge, 'name')));
  return sayable.map((bridge) => {
    const own = found(bridge.get('ports'), portById);
    const unmodelled = [
      ...(isOn(bridge, 'stp_enable') || isOn(bridge, 'rstp_enable') ? ['spanning tree'] : []),
      ...(own.some((port) => many(port.get('interfaces')).length > 1) ? ['bonds'] : []),
      ...(own.some((port) => isOn(port, 'protected')) ? ['protected ports'] : []),
      ...(own.some((port) => text(port, 'vlan_mode') === 'dot1q-tunnel') ? ['dot1q-tunnel'] : []),
      ...(hasAny(bridge, 'flood_vlans') ? ['flood_vlans'] : []),
    ];
    return {
      name: text(bridge, 'name'),
      userspace: text(bridge, 'datapath_type') === 'netdev',
      offloads,
      unmodelled,
      ports: own.flatMap((port) =>
        found(port.get('interfaces'), interfaceById).map((one) => {
          const peer = option(one, 'peer');
          return {
            name: text(one, 'name'),
            port: {
              role: roleOf(text(one, 'type')),
              number: numbers(one, 'ofport').find((number) => number >= 0) ?? null,
              ...vlanOf(port),
            },
            ...(peer === undefined ? {} : { peer }),
          };
        }),
      ),
    };
  });
}
