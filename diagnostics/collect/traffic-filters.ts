import { formatAddress, parsePrefix } from '../model/ip.ts';
import type { FilterTest, TrafficFilter } from '../model/traffic-control.ts';
import {
  isObject,
  numberField,
  objectField,
  objects,
  parseObjects,
  stringField,
  type JsonObject,
} from '../host/external-json.ts';
import { protocolNumber } from './protocol-numbers.ts';

/** tc(8) names every condition of a u32 filter `match`, of which JSON would keep the last: here they are numbered. */
export function parseTcObjects(text: string): readonly JsonObject[] | null {
  let number = 0;
  return parseObjects(text.replace(/"match":/g, () => `"match ${number++}":`));
}

/** Filters of one list. `at` null: of queues, by the queue that each names as its parent (`rootHandle` where it names none). */
export function parseTrafficFilters(
  records: readonly JsonObject[],
  at: 'ingress' | 'egress' | null,
  rootHandle: string,
): readonly TrafficFilter[] {
  return records
    .filter((record) => Object.keys(objectField(record, 'options')).length > 0)
    .flatMap((record) => filter(record, at ?? stringField(record, 'parent') ?? rootHandle))
    .sort((one, other) => one.preference - other.preference);
}

function filter(record: JsonObject, at: string): TrafficFilter[] {
  const kind = stringField(record, 'kind') ?? '';
  const options = objectField(record, 'options');
  // The heading of a hash table.
  if (kind === 'u32' && numberField(options, 'ht_divisor') !== undefined) return [];
  const classId = stringField(options, 'flowid') ?? stringField(options, 'classid');
  const tests = [
    ...testsOf(kind, options).map((test) => (record['protocol'] === 'ip' ? asAddress(test) : test)),
    ...((numberField(record, 'chain') ?? 0) > 0 ? [unmodelled('chain')] : []),
    ...(options['skip_sw'] === true ? [unmodelled('skip_sw')] : []),
  ];
  const { action, to } = endOf(kind, objects(options['actions']), options, classId);
  return [
    {
      at,
      protocol: stringField(record, 'protocol') ?? 'all',
      preference: numberField(record, 'pref') ?? 0,
      kind,
      tests,
      action,
      ...(classId === undefined ? {} : { classId }),
      ...(to ? { to } : {}),
      words: wordsOf(kind, tests, endWords(action, to), options),
    },
  ];
}

const unmodelled = (text: string): FilterTest => ({ type: 'unmodelled', text });

function testsOf(kind: string, options: JsonObject): readonly FilterTest[] {
  switch (kind) {
    case 'matchall':
      return [];
    case 'flower':
      return Object.entries(objectField(options, 'keys')).flatMap(([key, value]) => flowerTest(key, value));
    case 'u32':
      return u32Tests(options);
    case 'fw': {
      const value = numberField(options, 'handle') ?? numberField(options, 'fh');
      return value === undefined ? [unmodelled(kind)] : [{ type: 'mark', value, mask: 0xffffffff }];
    }
    default:
      return [unmodelled(kind)];
  }
}

/** flower_print_opt() of iproute2's tc/f_flower.c. */
function flowerTest(key: string, value: unknown): readonly FilterTest[] {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  switch (key) {
    // The filter's own protocol, said again.
    case 'eth_type':
      return [];
    case 'ip_proto': {
      const number = protocolNumber(text);
      return [number === null ? unmodelled(key) : { type: 'protocol', value: number }];
    }
    case 'src_ip':
    case 'dst_ip': {
      const prefix = parsePrefix(text);
      const field = key === 'src_ip' ? 'source' : 'destination';
      return [prefix ? { type: 'field', field, ...prefix } : unmodelled(key)];
    }
    case 'src_port':
    case 'dst_port': {
      const range = isObject(value) ? value : { start: text, end: text };
      const [from, to] = [numberField(range, 'start'), numberField(range, 'end')];
      const field = key === 'src_port' ? 'sourcePort' : 'destinationPort';
      return [from === undefined || to === undefined ? unmodelled(key) : { type: 'port', field, from, to }];
    }
    case 'src_mac':
    case 'dst_mac': {
      const field = key === 'src_mac' ? 'source' : 'destination';
      return [
        /^[\da-f:]{17}$/i.test(text) ? { type: 'mac', field, value: text.toLowerCase() } : unmodelled(key),
      ];
    }
    default:
      return [unmodelled(key)];
  }
}

/** u32_print_opt() of iproute2's tc/f_u32.c: numbers are hexadecimal; filters that lead to other tables are not followed. */
function u32Tests(options: JsonObject): readonly FilterTest[] {
  const table = stringField(options, 'key_ht');
  const tests = Object.entries(options).flatMap(([key, one]): FilterTest[] => {
    if (!key.startsWith('match ') || !isObject(one)) return [];
    const [value, mask] = ['value', 'mask'].map((name) => Number.parseInt(stringField(one, name) ?? '', 16));
    const offset = numberField(one, 'off') ?? Number(one['off']);
    if (value === undefined || mask === undefined || Number.isNaN(value + mask + offset))
      return [unmodelled('match')];
    return [{ type: 'bytes', offset, value, mask }];
  });
  const plain =
    options['link'] === undefined && options['mark'] === undefined && /^8[\da-f]{2}$/.test(table ?? '800');
  return plain ? tests : [...tests, unmodelled('u32')];
}

/** Bytes of IPv4's header that are an address, as one. */
function asAddress(test: FilterTest): FilterTest {
  if (test.type !== 'bytes' || (test.offset !== 12 && test.offset !== 16)) return test;
  const zeros = 0xffffffff - test.mask;
  if ((zeros & (zeros + 1)) !== 0) return test;
  return {
    type: 'field',
    field: test.offset === 12 ? 'source' : 'destination',
    address: formatAddress({ family: 4, value: BigInt(test.value) }),
    length: 32 - (zeros === 0 ? 0 : zeros.toString(2).length),
  };
}

type End = Pick<TrafficFilter, 'action' | 'to'>;

const UNKNOWN: End = { action: 'unknown' };

/** The first action that says what becomes of the packet. */
function endOf(
  kind: string,
  actions: readonly JsonObject[],
  options: JsonObject,
  classId: string | undefined,
): End {
  if (kind === 'bpf') return UNKNOWN;
  if (options['police'] !== undefined) return UNKNOWN;
  for (const action of actions) {
    const control = objectField(action, 'control_action');
    const type = stringField(control, 'type') ?? stringField(action, 'control_action') ?? '';
    switch (stringField(action, 'kind')) {
      case 'gact':
        if (
          action['prob'] !== undefined &&
          stringField(objectField(action, 'prob'), 'random_type') !== 'none'
        )
          return UNKNOWN;
        break;
      case 'mirred': {
        const to = redirectedTo(action);
        if (to !== null) return to;
        break;
      }
      // They change what nothing here asks for.
      case 'csum':
      case 'sample':
      case 'connmark':
      case 'ctinfo':
        break;
      default:
        return UNKNOWN;
    }
    switch (type) {
      case 'drop':
      case 'shot':
        return { action: 'drop' };
      case 'pass':
      case 'ok':
        return { action: classId === undefined ? 'pass' : 'class' };
      case 'continue':
        return { action: 'next' };
      case 'pipe':
        break;
      default:
        return UNKNOWN;
    }
  }
  return { action: classId === undefined ? 'next' : 'class' };
}

/** print_mirred() of iproute2's tc/m_mirred.c: a mirror is a copy (null), and the frame goes on. */
function redirectedTo(action: JsonObject): End | null {
  const [dev, side] = [stringField(action, 'to_dev'), stringField(action, 'direction')];
  if (stringField(action, 'mirred_action') === 'mirror') return null;
  if (dev === undefined || (side !== 'ingress' && side !== 'egress')) return UNKNOWN;
  return { action: 'redirect', to: { dev, side } };
}

/** The words of the action that ends the packet's way; null where it goes on. */
const endWords = (action: TrafficFilter['action'], to: TrafficFilter['to']): string | null =>
  action === 'drop'
    ? 'action drop'
    : action === 'redirect' && to
      ? `action mirred ${to.side} redirect dev ${to.dev}`
      : null;

/** Words that add the filter again, for what ends there. */
function wordsOf(
  kind: string,
  tests: readonly FilterTest[],
  end: string | null,
  options: JsonObject,
): string | null {
  if (end === null || tests.some(({ type }) => type === 'unmodelled')) return null;
  const keys = Object.entries(objectField(options, 'keys')).filter(([key]) => key !== 'eth_type');
  switch (kind) {
    case 'matchall':
      return `matchall ${end}`;
    case 'flower':
      return keys.some(([, value]) => isObject(value))
        ? null
        : ['flower', ...keys.map(([key, value]) => `${key} ${String(value)}`), end].join(' ');
    case 'u32':
      return ['u32', ...tests.map(u32Word), end].join(' ');
    default:
      return null;
  }
}

/** One condition of a u32 filter. */
function u32Word(test: FilterTest): string {
  switch (test.type) {
    case 'bytes':
      return `match u32 0x${test.value.toString(16)} 0x${test.mask.toString(16)} at ${test.offset}`;
    case 'field':
      return `match ip ${test.field === 'source' ? 'src' : 'dst'} ${test.address}/${test.length}`;
    default:
      return '';
  }
}
