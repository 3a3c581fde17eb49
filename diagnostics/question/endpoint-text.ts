import ipaddr from 'ipaddr.js';
import { displayText } from '../model/display-text.ts';
import { reachedBy } from '../model/ip.ts';
import { isLinkLocal } from '../simulate/route/source-selection.ts';
import { QuestionError } from './question-error.ts';

/** What a user wrote for an end of a question, understood as far as it can be without looking at the machine. */
export type EndpointText =
  | { readonly type: 'host' }
  | { readonly type: 'netns'; readonly name: string }
  /** `engine`: `podman`, `podman@USER` …, where it was said. */
  | { readonly type: 'container'; readonly name: string; readonly engine?: string }
  | { readonly type: 'pid'; readonly pid: number }
  | { readonly type: 'fd'; readonly pid: number; readonly descriptor: number }
  | { readonly type: 'address'; readonly address: string; readonly device?: string }
  | { readonly type: 'outside'; readonly address?: string; readonly device?: string }
  /** A container, else a named namespace, else a DNS name. */
  | { readonly type: 'word'; readonly word: string };

export interface ParsedEndpoint {
  /** From `HOST/ENDPOINT`. */
  readonly host: string | null;
  readonly endpoint: EndpointText;
  readonly port: number | null;
  /** From `…:PORT/udp`, as engines write a port. */
  readonly protocol?: 'tcp' | 'udp';
}

/** The longest DNS name, and longer than any file name. */
const LONGEST = 255;
/** IFNAMSIZ less the final NUL. */
const LONGEST_DEVICE = 15;

/** Parses one end of a question. Throws `QuestionError` (malformed-…). */
export function parseEndpoint(text: string): ParsedEndpoint {
  if (text.trim() === '') throw malformed(text, 'it is empty');
  if (text.includes('\0')) throw malformed(text, 'it holds a zero byte');
  if (text.length > LONGEST * 2) throw malformed(text.slice(0, 40), `it is ${text.length} characters long`);
  const url = asQuestionEnd(text);
  if (url !== null) throw malformed(text, `it is a URL; write ${url}`);
  const [, asked, protocol] = /^(.*:\d+)\/(\w*)$/s.exec(text) ?? [];
  if (asked === undefined) return parseOnHost(text);
  if (protocol !== 'tcp' && protocol !== 'udp') throw malformed(text, 'a port is followed by /tcp or /udp');
  return { ...parseOnHost(asked), protocol };
}

/** The ports that browsers and the like take for granted (IANA's registry of URI schemes). */
const USUAL_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  ws: 80,
  https: 443,
  wss: 443,
  ftp: 21,
  ssh: 22,
};

/** `SCHEME://[USER@]HOST[:PORT]/…` as TO is written; null of what is no URL (RFC 3986, 3). */
function asQuestionEnd(text: string): string | null {
  const [, scheme = '', authority] = /^([a-z][a-z\d+.-]*):\/\/([^/?#]+)/i.exec(text) ?? [];
  if (authority === undefined) return null;
  const place = authority.slice(authority.lastIndexOf('@') + 1);
  const port = USUAL_PORTS[scheme.toLowerCase()];
  return port === undefined || /:\d+$/.test(place) ? place : `${place}:${port}`;
}

/** `HOST/ENDPOINT`, or an endpoint alone. */
function parseOnHost(text: string): ParsedEndpoint {
  const slash = text.indexOf('/');
  if (slash === -1) return { host: null, ...parsePlace(text, text) };
  const host = text.slice(0, slash);
  const rest = text.slice(slash + 1);
  if (host === '' || rest === '' || rest.includes('/'))
    throw malformed(text, 'a slash stands between a host and an endpoint on it');
  if (isAddress(host)) throw malformed(text, 'it names one address, not a network');
  return { host, ...parsePlace(rest, text) };
}

/** Parses a port number. Throws `QuestionError` (malformed-port). */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port >= 1 && port <= 65535) return port;
  throw new QuestionError(
    'malformed-port',
    `“${displayText(text)}” is not a port: a port is a number from 1 to 65535`,
  );
}

type Place = Omit<ParsedEndpoint, 'host' | 'protocol'>;

function parsePlace(text: string, whole: string): Place {
  const prefixed = /^(netns|container|pid|fd|outside|host)(?=$|[:@])(?::?)([\s\S]*)$/.exec(text);
  switch (prefixed?.[1]) {
    case 'host':
      return parseHost(text, whole);
    case 'netns':
      return parseNetns(prefixed[2] ?? '', whole);
    case 'container':
      return parseContainer(prefixed[2] ?? '', whole);
    case 'pid':
      return parsePid(prefixed[2] ?? '', whole);
    case 'fd':
      return parseDescriptor(prefixed[2] ?? '', whole);
    case 'outside':
      return parseOutside(text.slice('outside'.length), whole);
    default:
      return parseOfEngine(text) ?? parseWord(text, whole);
  }
}

/** `podman:NAME`: of several engines, that one. What looks like a port is one, of something that is called like an engine. */
function parseOfEngine(text: string): Place | null {
  const [, engine, rest = ''] = /^((?:docker|podman|containerd)(?:@[^:]+)?):(.*)$/s.exec(text) ?? [];
  if (engine === undefined || rest === '' || /^\d+$/.test(rest)) return null;
  const { name, port } = splitPort(rest);
  return name === '' ? null : { endpoint: { type: 'container', name, engine }, port };
}

function parseHost(text: string, whole: string): Place {
  const rest = text.slice('host'.length);
  if (rest.startsWith('@')) throw malformed(whole, 'only “outside” is followed by an interface');
  return { endpoint: { type: 'host' }, port: rest === '' ? null : parsePort(rest.slice(1)) };
}

/** `ip netns` allows a colon in a name: only digits after the last one are a port. */
function parseNetns(text: string, whole: string): Place {
  const [, name = '', port] = /^([\s\S]*?)(?::(\d+))?$/.exec(text) ?? [];
  if (name === '') throw malformed(whole, 'a name follows “netns:”');
  return { endpoint: { type: 'netns', name }, port: port === undefined ? null : parsePort(port) };
}

function parseContainer(text: string, whole: string): Place {
  const { name, port } = splitPort(text);
  if (name === '') throw malformed(whole, 'a name follows “container:”');
  return { endpoint: { type: 'container', name }, port };
}

function parsePid(text: string, whole: string): Place {
  const { name, port } = splitPort(text);
  const pid = /^\d{1,9}$/.test(name) ? Number(name) : 0;
  if (pid === 0) throw malformed(whole, 'a process number follows “pid:”');
  return { endpoint: { type: 'pid', pid }, port };
}

/** `fd:PID.NUMBER`: what a process has open. */
function parseDescriptor(text: string, whole: string): Place {
  const { name, port } = splitPort(text);
  const [, pid, descriptor] = /^(\d{1,9})\.(\d{1,9})$/.exec(name) ?? [];
  if (pid === undefined || descriptor === undefined)
    throw malformed(whole, 'a process number, a dot and the number of an open file follow “fd:”');
  return { endpoint: { type: 'fd', pid: Number(pid), descriptor: Number(descriptor) }, port };
}

/** `outside[:IP][@IFACE][:PORT]`, an IPv6 address in brackets or bare. */
function parseOutside(text: string, whole: string): Place {
  const at = text.indexOf('@');
  const device = at === -1 ? undefined : text.slice(at + 1);
  const address = (at === -1 ? text : text.slice(0, at)).replace(/^:/, '').replace(/^\[(.*)\]$/, '$1');
  if (device !== undefined && !isDeviceName(device)) throw malformed(whole, 'an interface follows “@”');
  return {
    endpoint: {
      type: 'outside',
      ...(address === '' ? {} : { address: parseAddress(address) }),
      ...(device === undefined ? {} : { device }),
    },
    port: null,
  };
}

function parseWord(text: string, whole: string): Place {
  if (text.startsWith('[')) {
    const [, address = '', rest = ''] = /^\[([^\]]*)\](.*)$/s.exec(text) ?? [];
    if (address === '' || (rest !== '' && !rest.startsWith(':')))
      throw malformed(whole, 'an IPv6 address with a port is written [ADDRESS]:PORT');
    return {
      endpoint: parseDestination(address),
      port: rest === '' ? null : parsePort(rest.slice(1)),
    };
  }
  // Two colons or more: an IPv6 address, which takes a port only in brackets.
  if (text.split(':').length > 2) return { endpoint: parseDestination(text), port: null };
  const { name, port } = splitPort(text);
  if (name === '') throw malformed(whole, 'nothing stands before the port');
  if (name.length > LONGEST) throw malformed(name.slice(0, 40), `it is ${name.length} characters long`);
  if (/^[\d.]+$/.test(name) && /\d/.test(name) && name.includes('.'))
    return { endpoint: parseDestination(name), port };
  return { endpoint: { type: 'word', word: name }, port };
}

function splitPort(text: string): { readonly name: string; readonly port: number | null } {
  const colon = text.indexOf(':');
  return colon === -1
    ? { name: text, port: null }
    : { name: text.slice(0, colon), port: parsePort(text.slice(colon + 1)) };
}

const isAddress = (text: string): boolean =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);

/** The canonical form of an address. Old notations (`10.1`, octal, hexadecimal) are refused: they surprise. */
function parseAddress(text: string): string {
  if (ipaddr.IPv4.isValidFourPartDecimal(text) && !/(^|\.)0\d/.test(text)) return text;
  if (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text))
    return ipaddr.IPv6.parse(text).toRFC5952String();
  throw new QuestionError('malformed-address', `“${displayText(text)}” is not an IP address`);
}

/** Of ends that are written as an address: what the kernel makes of it when a program connects to it. */
function parseDestination(text: string): Extract<EndpointText, { type: 'address' }> {
  const zone = text.indexOf('%');
  if (zone === -1) return { type: 'address', address: reachedBy(parseAddress(text)) };
  const address = parseAddress(text.slice(0, zone));
  const device = text.slice(zone + 1);
  if (/^[^:]+:\d+$/.test(device))
    throw malformed(text, 'an IPv6 address with a port is written [ADDRESS]:PORT');
  if (!isDeviceName(device)) throw malformed(text, 'an interface follows “%”');
  if (!isLinkLocal(address))
    throw malformed(text, 'only a link-local address (fe80::…) is followed by an interface');
  return { type: 'address', address, device };
}

export const isDeviceName = (text: string): boolean =>
  text.length >= 1 && text.length <= LONGEST_DEVICE && !/[\s/:]/.test(text);

const malformed = (text: string, why: string): QuestionError =>
  new QuestionError('malformed-endpoint', `“${displayText(text)}” cannot be an end of a question: ${why}`);
