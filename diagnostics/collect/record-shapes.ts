import { isObject, type JsonObject } from '../host/external-json.ts';
import { isAddress, parsePrefix } from '../model/ip.ts';

/**
 * What a member of a record has to be. Where a tool's output is damaged, a member of another kind would be passed over as if it
 * were not there, and the route or the address with it: so a record that is not of its shape is damage, and not a lesser record.
 */
type Test = (value: unknown) => boolean;

interface Shape {
  /** These are there in every record. */
  readonly always: Readonly<Record<string, Test>>;
  /** These are as said where they are there. Other members are nobody's concern. */
  readonly sometimes: Readonly<Record<string, Test>>;
}

const isText: Test = (value) => typeof value === 'string' && value !== '';
const isYes: Test = (value) => typeof value === 'boolean';
const isTexts: Test = (value) => Array.isArray(value) && value.every(isText);
const isNumber =
  (least: number, most: number): Test =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const isOf =
  (pattern: RegExp): Test =>
  (value) =>
    typeof value === 'string' && pattern.test(value);
const either =
  (...tests: readonly Test[]): Test =>
  (value) =>
    tests.some((test) => test(value));
const every =
  (shape: Shape): Test =>
  (value) =>
    Array.isArray(value) &&
    value.every((item) => isObject(item) && (Object.keys(item).length === 0 || isOfShape(item, shape)));
const within =
  (shape: Shape): Test =>
  (value) =>
    isObject(value) && isOfShape(value, shape);

const isNull: Test = (value) => value === null;
const isWord32 = isNumber(0, 0xffffffff);
/** iproute2 writes some numbers as text, and some of these in hexadecimal. */
const isCount = either(isWord32, isOf(/^(?:0x[\da-f]{1,8}|\d{1,10})$/i));
const isIndex = isNumber(1, 0x7fffffff);
const isIp: Test = (value) => typeof value === 'string' && isAddress(value);
const isMac = isOf(/^[\da-f]{2}(?::[\da-f]{2})*$/i);
const isPort = isNumber(0, 0xffff);

const ADDRESS: Shape = {
  always: {},
  sometimes: {
    family: isText,
    local: isIp,
    address: isIp,
    broadcast: isIp,
    prefixlen: isNumber(0, 128),
    scope: isText,
  },
};

const isAddressInfo: Test = (value) =>
  isObject(value) &&
  (Object.keys(value).length === 0 ||
    (isOfShape(value, ADDRESS) &&
      isText(value['family']) &&
      (!/^inet6?$/.test(String(value['family'])) ||
        (isIp(value['local']) && isNumber(0, value['family'] === 'inet' ? 32 : 128)(value['prefixlen'])))));

/** `ip -d -j address show`. */
const LINK: Shape = {
  always: {
    ifindex: isIndex,
    ifname: isText,
    flags: isTexts,
    mtu: isWord32,
    addr_info: (value) => Array.isArray(value) && value.every(isAddressInfo),
  },
  sometimes: {
    address: isText,
    master: isText,
    // Of an interface without another end it is null.
    link: either(isText, isNull),
    link_index: isNumber(0, 0x7fffffff),
    link_netnsid: either(isNumber(-1, 0x7fffffff), isOf(/^unknown$/)),
    group: isText,
    promiscuity: isWord32,
    linkinfo: within({
      always: {},
      sometimes: {
        info_kind: isText,
        info_data: isObject,
        info_slave_kind: isText,
        info_slave_data: within({
          always: {},
          sometimes: {
            state: either(isText, isWord32),
            mii_status: isText,
            ...Object.fromEntries(
              [
                ...['hairpin', 'isolated', 'learning', 'flood', 'locked', 'bcast_flood', 'mcast_flood'],
                'proxy_arp',
              ].map((key) => [key, isYes]),
            ),
          },
        }),
      },
    }),
  },
};

/** ip(8) writes the bare `0/4` where the kernel names no address, and the labels of MPLS among the others. */
const isDestination: Test = (value) =>
  typeof value === 'string' &&
  (value === 'default' || isAddress(value) || parsePrefix(value) !== null || /^\d+(?:\/\d+)*$/.test(value));

const NEXT_HOP: Shape['sometimes'] = {
  gateway: isIp,
  dev: isText,
  via: within({ always: { host: isText }, sometimes: { family: isText } }),
  weight: isWord32,
  flags: isTexts,
};

/** `ip -d -j route show table all`. */
const ROUTE: Shape = {
  always: { dst: isDestination },
  sometimes: {
    ...NEXT_HOP,
    type: isOf(
      /^(?:none|unicast|local|broadcast|anycast|multicast|blackhole|unreachable|prohibit|throw|nat|xresolve|\d+)$/,
    ),
    from: isDestination,
    table: isText,
    metric: isWord32,
    prefsrc: isIp,
    scope: isText,
    protocol: isText,
    tos: either(isText, isWord32),
    expires: either(isText, Number.isFinite),
    nexthops: every({ always: {}, sometimes: NEXT_HOP }),
    metrics: every({
      always: {},
      sometimes: { mtu: isWord32, advmss: isWord32, hoplimit: isWord32 },
    }),
  },
};

const isSelector = either(isOf(/^(?:all|0)$/), isIp);

/** `ip -d -j rule show`. */
const RULE: Shape = {
  always: { priority: isWord32, src: isSelector },
  sometimes: {
    dst: isSelector,
    srclen: isNumber(0, 128),
    dstlen: isNumber(0, 128),
    iif: isText,
    oif: isText,
    fwmark: isCount,
    fwmask: isCount,
    ipproto: isText,
    sport: isPort,
    dport: isPort,
    sport_start: isPort,
    sport_end: isPort,
    dport_start: isPort,
    dport_end: isPort,
    uid_start: isWord32,
    uid_end: isWord32,
    tos: isText,
    suppress_prefixlen: isNumber(-1, 0x7fffffff),
    table: isText,
    goto: either(isCount, isOf(/^none$/)),
    action: isText,
  },
};

/** `ip -j neigh show nud all`, and `… proxy`. */
const NEIGHBOUR: Shape = {
  always: { dst: isIp, dev: isText },
  // On a tunnel it is an address.
  sometimes: { lladdr: isText, state: isTexts },
};

/** `bridge -j fdb show`. */
const FORWARDING: Shape = {
  always: { mac: isMac, ifname: isText },
  sometimes: {
    master: isText,
    vlan: isNumber(0, 4095),
    dst: isIp,
    port: isPort,
    vni: isWord32,
    viaIf: isText,
    viaIfIndex: isIndex,
    // Of what was learnt it is empty.
    state: (value) => typeof value === 'string',
  },
};

/** `1:`, `ffff:fff1`: print_tc_classid() of iproute2's tc/tc_util.c. */
const isHandle = isOf(/^[\da-f]{1,4}:[\da-f]{0,4}$/i);

/** `tc -j qdisc show`. */
const QUEUE: Shape = {
  always: { kind: isText, handle: isHandle, dev: isText },
  sometimes: {
    root: isYes,
    parent: either(isHandle, isOf(/^(?:root|none|ingress)$/)),
    options: within({
      always: {},
      sometimes: { limit: isWord32, burst: isWord32, default: isCount, priomap: Array.isArray },
    }),
  },
};

/** `tc -j filter show`. */
const FILTER: Shape = {
  always: { kind: isText },
  sometimes: { protocol: isText, pref: isWord32, chain: isWord32, parent: isText, options: isObject },
};

const SHAPES = {
  links: LINK,
  routes: ROUTE,
  rules: RULE,
  neighbours: NEIGHBOUR,
  fdb: FORWARDING,
  queues: QUEUE,
  filters: FILTER,
} as const;

const isOfShape = (record: JsonObject, { always, sometimes }: Shape): boolean =>
  Object.entries(always).every(([key, test]) => test(record[key])) &&
  Object.entries(sometimes).every(([key, test]) => !(key in record) || test(record[key]));

/** Whether every record is what the tool prints for such a thing. */
export const areWhole = (records: readonly JsonObject[], kind: keyof typeof SHAPES): boolean =>
  records.every((record) => isOfShape(record, SHAPES[kind]));
