import type { RoutingRule, RuleAction } from '../model/route.ts';
import { numberField, optional, stringField, type JsonObject } from '../host/external-json.ts';
import { readRealms } from './realms.ts';
import { protocolNumber } from './protocol-numbers.ts';
import type { TableNumber } from './route-tables.ts';

/** Keys that are modelled, or say nothing about a packet. Any other one makes the rule a `maybe`. */
const UNDERSTOOD = new Set([
  'priority',
  'not',
  'src',
  'srclen',
  'dst',
  'dstlen',
  'iif',
  'iif_detached',
  'oif',
  'oif_detached',
  'l3mdev',
  'fwmark',
  'fwmask',
  'ipproto',
  'sport',
  'sport_start',
  'sport_end',
  'dport',
  'dport_start',
  'dport_end',
  'uid_start',
  'uid_end',
  'tos',
  'suppress_prefixlen',
  'table',
  'goto',
  'unresolved',
  'nop',
  'action',
  'protocol',
  'flow_from',
  'flow_to',
]);

/** Routing policy rules of one family from `ip -d -j rule show`. */
export function parseRules(
  records: readonly JsonObject[],
  family: 4 | 6,
  tableNumber: TableNumber,
): RoutingRule[] {
  return records.flatMap((record) => {
    const priority = numberField(record, 'priority');
    if (priority === undefined) return [];
    const unmodelled = Object.keys(record).filter((key) => !UNDERSTOOD.has(key));
    const action = ruleAction(record, tableNumber);
    if (action === null) unmodelled.push(`table ${stringField(record, 'table') ?? '?'}`);
    const protocol = stringField(record, 'ipproto');
    const number = protocol === undefined ? undefined : ipProtocol(protocol);
    if (protocol !== undefined && number === undefined) unmodelled.push(`ipproto ${protocol}`);
    // A name of /etc/iproute2/rt_dsfield.
    const tos = stringField(record, 'tos');
    if (tos !== undefined && numberField(record, 'tos') === undefined) unmodelled.push(`tos ${tos}`);
    return [
      {
        family,
        priority,
        not: 'not' in record,
        ...optional('from', prefix(record, 'src', family)),
        ...optional('to', prefix(record, 'dst', family)),
        ...optional('iif', stringField(record, 'iif')),
        ...optional('oif', stringField(record, 'oif')),
        ...optional('mark', mark(record)),
        ...optional('protocol', number),
        ...optional('sourcePorts', ports(record, 'sport')),
        ...optional('destinationPorts', ports(record, 'dport')),
        ...optional('users', users(record)),
        ...optional('tos', numberField(record, 'tos')),
        ...optional('suppressPrefixLength', numberField(record, 'suppress_prefixlen')),
        ...('flow_to' in record && {
          realms: readRealms(stringField(record, 'flow_from'), stringField(record, 'flow_to')),
        }),
        unmodelled,
        action: action ?? { type: 'nop' },
        text: ruleText(record),
      },
    ];
  });
}

/** iproute2 prints the name of /etc/protocols, or `ipproto-N` where that has none. */
const ipProtocol = (text: string): number | undefined =>
  protocolNumber(text.replace(/^ipproto-/, '')) ?? undefined;

/** null: a table that has no number here. */
function ruleAction(record: JsonObject, tableNumber: TableNumber): RuleAction | null {
  const goto = numberField(record, 'goto');
  if (goto !== undefined) return { type: 'goto', priority: goto };
  if ('nop' in record) return { type: 'nop' };
  if ('l3mdev' in record) return { type: 'vrf' };
  const action = stringField(record, 'action');
  if (action === 'blackhole' || action === 'unreachable' || action === 'prohibit') return { type: action };
  const table = tableNumber(stringField(record, 'table') ?? '');
  return table === undefined ? null : { type: 'lookup', table };
}

function prefix(
  record: JsonObject,
  key: 'src' | 'dst',
  family: 4 | 6,
): { address: string; length: number } | undefined {
  const address = stringField(record, key);
  if (address === undefined || address === 'all') return undefined;
  return { address, length: numberField(record, `${key}len`) ?? (family === 4 ? 32 : 128) };
}

function mark(record: JsonObject): { value: number; mask: number } | undefined {
  const value = numberField(record, 'fwmark');
  return value === undefined ? undefined : { value, mask: numberField(record, 'fwmask') ?? 0xffffffff };
}

function users(record: JsonObject): readonly [number, number] | undefined {
  const [from, to] = [numberField(record, 'uid_start'), numberField(record, 'uid_end')];
  return from === undefined || to === undefined ? undefined : [from, to];
}

function ports(record: JsonObject, key: 'sport' | 'dport'): readonly [number, number] | undefined {
  const one = numberField(record, key);
  if (one !== undefined) return [one, one];
  const [from, to] = [numberField(record, `${key}_start`), numberField(record, `${key}_end`)];
  return from === undefined || to === undefined ? undefined : [from, to];
}

/** As `ip rule show` prints it: print_rule() in iproute2's ip/iprule.c. */
function ruleText(record: JsonObject): string {
  const text = (key: string): string | undefined => {
    const value = record[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  const selector = (key: 'src' | 'dst'): string | undefined => {
    const length = text(`${key}len`);
    return text(key) === undefined ? undefined : `${text(key)}${length === undefined ? '' : `/${length}`}`;
  };
  const range = (key: string): string | undefined =>
    text(key) ?? (text(`${key}_start`) && `${text(`${key}_start`)}-${text(`${key}_end`)}`);
  const mask = text('fwmask');
  const parts: readonly (readonly [string, string | undefined])[] = [
    ['from', selector('src')],
    ['to', selector('dst')],
    ['tos', text('tos')],
    ['fwmark', text('fwmark') && `${text('fwmark')}${mask === undefined ? '' : `/${mask}`}`],
    ['iif', text('iif')],
    ['oif', text('oif')],
    ['lookup', 'l3mdev' in record ? '[l3mdev-table]' : undefined],
    ['uidrange', text('uid_start') && `${text('uid_start')}-${text('uid_end')}`],
    ['ipproto', text('ipproto')],
    ['sport', range('sport')],
    ['dport', range('dport')],
    ['lookup', text('table')],
    ['suppress_prefixlength', text('suppress_prefixlen')],
    ['goto', text('goto')],
    ['', text('action')],
  ];
  const words = parts.flatMap(([word, value]) => (value === undefined ? [] : [word, value])).filter(Boolean);
  return `${text('priority') ?? ''}: ${['not' in record ? 'not' : '', ...words].filter(Boolean).join(' ')}`;
}
