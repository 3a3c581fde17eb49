import { parsePrefix } from '../../model/ip.ts';
import type { Action } from '../../model/rule-action.ts';
import type { AddressRange, Translation, Verdict } from '../../model/rule-map.ts';
import type { Extension } from './options.ts';
import { MASK_ALL, readNumber } from './values.ts';

/** Targets that leave the packet's way alone: they log, count, copy, or change what no rule here looks at. */
const HARMLESS = new Set([
  'LOG',
  'NFLOG',
  'ULOG',
  'TRACE',
  'AUDIT',
  'LED',
  'IDLETIMER',
  'RATEEST',
  'TEE',
  'CHECKSUM',
  'ECN',
  'SECMARK',
  'CONNSECMARK',
]);

const ECN_BITS = 2;
const DSCP_MASK = 0xfc;
const ALL_TOS = 0xff;

/** What a target does; `chains`: the table's own chains. A rule without a target does nothing. */
export function readTarget(
  target: (Extension & { readonly goto: boolean }) | null,
  chains: ReadonlySet<string>,
): readonly Action[] {
  if (!target) return [];
  const { name } = target;
  if (chains.has(name))
    return [{ type: 'verdict', verdict: { type: target.goto ? 'goto' : 'jump', chain: name } }];
  if (HARMLESS.has(name)) return [{ type: 'none', text: target.text }];
  if (name === 'CT') return readTracking(target);
  return [readBuiltin(target) ?? { type: 'unmodelled', text: target.text, decides: true }];
}

function readBuiltin(target: Extension): Action | null {
  switch (target.name) {
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
      return {
        type: 'verdict',
        verdict: { type: ({ ACCEPT: 'accept', DROP: 'drop', RETURN: 'return' } as const)[target.name] },
      };
    case 'QUEUE':
    case 'NFQUEUE':
      return { type: 'verdict', verdict: readQueue(target) };
    case 'DSCP': {
      const dscp = readNumber(value(target, '--set-dscp'));
      return dscp === null ? null : { type: 'set-tos', mask: DSCP_MASK, value: dscp << ECN_BITS };
    }
    case 'TOS': {
      const [tos, mask] = (value(target, '--set-tos') ?? '').split('/').map(readNumber);
      return tos === undefined || tos === null
        ? null
        : { type: 'set-tos', mask: mask ?? ALL_TOS, value: tos };
    }
    case 'REJECT':
      return { type: 'reject', with: value(target, '--reject-with') ?? 'icmpx-port-unreachable' };
    case 'DNAT':
      return readTranslation('dnat', target, value(target, '--to-destination'));
    case 'SNAT':
      return readTranslation('snat', target, value(target, '--to-source'));
    case 'MASQUERADE': {
      const ports = readPorts(value(target, '--to-ports'));
      return ports === null ? null : { type: 'masquerade', ...(ports && { ports }) };
    }
    case 'REDIRECT': {
      const ports = readPorts(value(target, '--to-ports'));
      const random = has(target, '--random');
      return ports === null ? null : { type: 'redirect', ...(ports && { ports }), ...(random && { random }) };
    }
    case 'NETMAP': {
      const prefix = parsePrefix(value(target, '--to') ?? '');
      return prefix && { type: 'netmap', ...prefix };
    }
    case 'MARK':
    case 'CONNMARK':
      return readMark(target);
    case 'CLASSIFY': {
      const found = /^([\da-f]{1,4}):([\da-f]{1,4})$/i.exec(value(target, '--set-class') ?? '');
      const [major = 0, minor = 0] = (found ?? []).slice(1).map((half) => Number.parseInt(half, 16));
      const priority = major * 0x10000 + minor;
      return found && { type: 'rewrite', target: 'priority', value: { type: 'constant', value: priority } };
    }
    case 'TCPMSS': {
      if (has(target, '--clamp-mss-to-pmtu')) return { type: 'clamp-mss', mss: 'route' };
      const mss = readNumber(value(target, '--set-mss'));
      return mss === null ? null : { type: 'clamp-mss', mss };
    }
    case 'TCPOPTSTRIP': {
      const kinds = (value(target, '--strip-options') ?? '').split(',').map(readNumber);
      const known = kinds.filter((kind) => kind !== null);
      return known.length === kinds.length ? { type: 'remove-tcp-options', kinds: known } : null;
    }
    case 'SNPT':
    case 'DNPT': {
      const [from, to] = ['--src-pfx', '--dst-pfx'].map((option) => parsePrefix(value(target, option) ?? ''));
      const end = target.name === 'SNPT' ? 'source' : 'destination';
      return from && to ? { type: 'translate-prefix', end, from, to } : null;
    }
    case 'TPROXY':
      return readClaim(target);
    case 'SYNPROXY':
      return { type: 'answer-syn' };
    case 'NOTRACK':
      return { type: 'notrack' };
    // Which mark, a hash decides.
    case 'HMARK':
      return { type: 'unmodelled', text: target.text, decides: false };
    case 'TTL':
      return readHops(target, '--ttl');
    case 'HL':
      return readHops(target, '--hl');
    default:
      return null;
  }
}

/** Several queues share the load with --queue-balance; without a number it is queue 0. */
function readQueue(target: Extension): Extract<Verdict, { type: 'queue' }> {
  const one = readNumber(value(target, '--queue-num') ?? '0');
  const [from, to] = (value(target, '--queue-balance') ?? `${one}:${one}`).split(':').map(readNumber);
  const numbered = typeof from === 'number' && typeof to === 'number';
  return {
    type: 'queue',
    ...(numbered ? { numbers: [from, to] as const } : {}),
    ...(has(target, '--queue-bypass') ? { bypass: true } : {}),
  };
}

const value = ({ options }: Extension, name: string): string | undefined =>
  options.find((option) => option.name === name)?.values[0];

const has = ({ options }: Extension, name: string): boolean => options.some((option) => option.name === name);

/** `80`, `80-90`; undefined: none given; null: not understood. */
function readPorts(text: string | undefined): readonly [number, number] | null | undefined {
  if (text === undefined) return undefined;
  const found = /^(\d+)(?:-(\d+))?$/.exec(text);
  return found ? [Number(found[1]), Number(found[2] ?? found[1])] : null;
}

const readAddresses = (text: string): AddressRange => {
  const [from = '', to] = text.split('-');
  return { from, to: to ?? from };
};

/** `1.2.3.4`, `1.2.3.4-1.2.3.9:80-90`, `:8000-8099/80`, `:80`, `[fd00::1]:80`, `fd00::1`. */
function readTranslation(type: 'dnat' | 'snat', target: Extension, to: string | undefined): Action | null {
  if (to === undefined) return null;
  const found =
    /^\[([0-9a-fA-F:.-]+)\](?::(.+))?$/.exec(to) ??
    (to.split(':').length > 2 ? [to, to, undefined] : /^([\d.-]*)(?::(.+))?$/.exec(to));
  if (!found) return null;
  const [, addresses, portText] = found;
  const [range, base] = (portText ?? '').split('/');
  const ports = readPorts(portText === undefined ? undefined : range);
  const basePort = base === undefined ? undefined : readNumber(base);
  if (ports === null || basePort === null) return null;
  const random = has(target, '--random') || has(target, '--random-fully');
  const translation: Translation = {
    ...(addresses ? { address: readAddresses(addresses) } : {}),
    ...(ports && { ports }),
    ...(random && { random }),
    ...(has(target, '--persistent') && { persistent: true }),
    ...(basePort !== undefined && { basePort }),
  };
  return { type, ...translation };
}

/** `--on-port 3128 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x1`: nought stands for what the packet or the interface has. */
function readClaim(target: Extension): Action | null {
  const port = readNumber(value(target, '--on-port'));
  const address = value(target, '--on-ip') ?? '0.0.0.0';
  const [given, mask = MASK_ALL] = (value(target, '--tproxy-mark') ?? '0/0').split('/').map(readNumber);
  if (port === null || given === undefined || given === null || mask === null) return null;
  return {
    type: 'claim',
    ...(address === '0.0.0.0' || address === '::' ? {} : { address }),
    ...(port === 0 ? {} : { port }),
    mark: { mask, value: given },
    otherwise: 'drop',
  };
}

/** `--zone 5 --helper ftp`, `--notrack`: of a timeout or of events nothing is decided here. */
function readTracking(target: Extension): readonly Action[] {
  if (has(target, '--notrack')) return [{ type: 'notrack' }];
  const helper: readonly Action[] = has(target, '--helper') ? [{ type: 'assign-helper', early: true }] : [];
  const zone = readZone(target);
  const actions = zone ? [...helper, zone] : helper;
  return actions.length > 0 ? actions : [{ type: 'none', text: target.text }];
}

/** `--zone 5`, `--zone-orig mark`; null: none. */
function readZone(target: Extension): Action | null {
  for (const [option, directions] of [
    ['--zone', 'both'],
    ['--zone-orig', 'original'],
    ['--zone-reply', 'reply'],
  ] as const) {
    if (!has(target, option)) continue;
    const word = value(target, option);
    const id = word === 'mark' ? word : readNumber(word);
    return id === null
      ? { type: 'unmodelled', text: target.text, decides: false }
      : { type: 'set-zone', id, directions };
  }
  return null;
}

/** Reads `value/mask` as the kernel's `(old & ~mask) ^ value`. */
function readMark(target: Extension): Action | null {
  const type = target.name === 'MARK' ? 'set-mark' : 'set-ct-mark';
  const moved = shiftOf(target);
  for (const { name, values } of target.options) {
    const [valueText, maskText] = (values[0] ?? '').split('/');
    const given = readNumber(valueText);
    const mask = maskText === undefined ? MASK_ALL : readNumber(maskText);
    if (name === '--save-mark' || name === '--restore-mark') return readCopiedMark(target);
    if (given === null || mask === null) continue;
    switch (name) {
      case '--set-xmark':
        return { type, mask, value: given, ...moved };
      case '--set-mark':
        return { type, mask: (mask | given) >>> 0, value: given, ...moved };
      case '--and-mark':
        return { type, mask: ~given >>> 0, value: 0, ...moved };
      case '--or-mark':
        return { type, mask: given, value: given, ...moved };
      case '--xor-mark':
        return { type, mask: 0, value: given, ...moved };
    }
  }
  return null;
}

/** `--left-shift-mark 4` */
function shiftOf(target: Extension): { readonly shift?: number } {
  const left = readNumber(value(target, '--left-shift-mark'));
  const right = readNumber(value(target, '--right-shift-mark'));
  return left !== null ? { shift: left } : right !== null ? { shift: -right } : {};
}

function readCopiedMark(target: Extension): Action {
  const both = readNumber(value(target, '--mask'));
  return {
    type: has(target, '--save-mark') ? 'save-mark' : 'restore-mark',
    packetMask: readNumber(value(target, '--nfmask')) ?? both ?? MASK_ALL,
    connectionMask: readNumber(value(target, '--ctmask')) ?? both ?? MASK_ALL,
    ...shiftOf(target),
  };
}

function readHops(target: Extension, stem: '--ttl' | '--hl'): Action | null {
  for (const [suffix, change] of [
    ['set', 'set'],
    ['inc', 'increase'],
    ['dec', 'decrease'],
  ] as const) {
    const amount = readNumber(value(target, `${stem}-${suffix}`));
    if (amount !== null) return { type: 'set-ttl', change, value: amount };
  }
  return null;
}
