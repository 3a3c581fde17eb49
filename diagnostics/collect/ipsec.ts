import type { Output } from '../host/machine.ts';
import type {
  Ipsec,
  IpsecDirection,
  IpsecPolicy,
  IpsecState,
  IpsecTemplate,
  IpsecVerdict,
  Masked,
} from '../model/ipsec.ts';
import { absent, known, type Fact } from '../model/fact.ts';
import { familyOf, parsePrefix } from '../model/ip.ts';
import { optional } from '../host/external-json.ts';
import { protocolNumber } from './protocol-numbers.ts';
import { needsPrivileges, refusal } from './read-context.ts';

const LIST = 'xfrm policy list';

/** What ip(8) is asked, without JSON. It ends where it has listed policies: that comes last. */
export const IPSEC_QUESTIONS: readonly string[] = ['xfrm policy getdefault', LIST];

/** Never with keys: an ip(8) that does not know the word says nothing instead. */
const STATES: readonly string[] = ['ip', 'xfrm', 'state', 'list', 'nokeys'];

/** From what was said to IPSEC_QUESTIONS; `run` asks for the rest, where there is some. */
export async function readIpsec(
  said: Pick<Output, 'stdout' | 'stderr'>,
  run: (argv: readonly string[]) => Promise<Output>,
): Promise<Fact<Ipsec>> {
  const { stdout, stderr } = said;
  if (/protocol not supported|address family not supported/i.test(stderr)) return absent;
  if (/operation not permitted|permission denied/i.test(stderr)) return needsPrivileges('IPsec policies');
  // An ip(8) or a kernel before 5.15 knows of no defaults, and stopped there.
  const reached = /^Default policies/m.test(stdout);
  const listed = reached ? null : await run(['ip', ...LIST.split(' ')]);
  const refused = listed && refusal(listed, 'IPsec policies', 'ip');
  if (refused) return /not supported/i.test(listed.stderr) ? absent : refused;
  const ipsec = parseIpsec(listed?.stdout ?? stdout);
  const protecting = ipsec.policies.some(
    ({ templates: asked, direction }) => direction === 'out' && asked.length > 0,
  );
  if (!protecting) return known(ipsec);
  const states = await run(STATES);
  const failed = states.problem !== undefined || states.exitCode !== 0;
  return known({ ...ipsec, states: failed ? null : parseIpsec(states.stdout).states });
}

/** Policies begin like states do; the second line tells them apart. */
export function parseIpsec(text: string): Ipsec {
  const blocks = text
    .split(/^(?=\S)/m)
    .map((block) => block.split('\n').map((line) => line.trim()))
    .filter(([first]) => first?.startsWith('src ') === true);
  return {
    policies: blocks.flatMap(([first = '', second = '', ...more]) =>
      second.startsWith('dir ') ? policy(first, second, more) : [],
    ),
    states: blocks.flatMap(([first = '', second = '']) =>
      second.startsWith('proto ') ? state(first, second) : [],
    ),
    defaults: { in: defaultOf(text, 'in'), fwd: defaultOf(text, 'fwd'), out: defaultOf(text, 'out') },
  };
}

const defaultOf = (text: string, direction: IpsecDirection): IpsecVerdict =>
  new RegExp(`^\\s*${direction}:\\s*block`, 'm').test(text) ? 'block' : 'accept';

/** Words with the one that follows each: `src 10.0.0.1/32 dst 10.0.0.2/32 proto tcp dport 80`. */
function pairs(line: string): ReadonlyMap<string, string> {
  const words = line.split(/\s+/).filter(Boolean);
  return new Map(words.map((word, at) => [word, words[at + 1] ?? '']));
}

const SELECTED = new Set([...['src', 'dst', 'proto', 'sport', 'dport', 'type', 'code', 'dev', 'uid']]);

const DIRECTIONS: readonly IpsecDirection[] = ['in', 'fwd', 'out'];

/** xfrm_policy_print() of iproute2's ip/ipxfrm.c. Policies of a single socket (`socket in`) are that socket's affair. */
function policy(selector: string, head: string, more: readonly string[]): IpsecPolicy[] {
  const selected = pairs(selector);
  const headed = pairs(head);
  const direction = DIRECTIONS.find((one) => one === headed.get('dir'));
  const [source, destination] = [selected.get('src'), selected.get('dst')].map((text) =>
    text === undefined ? null : parsePrefix(text),
  );
  const family = familyOf(source?.address ?? '');
  if (!direction || !source || !destination || !family) return [];
  const proto = selected.get('proto');
  const rest = more.join(' ');
  const own = rest.split(/\btmpl\b/)[0] ?? '';
  const interfaceId = /\bif_id (\S+)/.exec(own)?.[1];
  const words = selector.split(/\s+/).filter(Boolean);
  return [
    {
      direction,
      family,
      source,
      destination,
      protocol: proto === undefined ? null : protocolNumber(proto),
      ...optional('sourcePort', portOf(selector, 'sport') ?? portOf(selector, 'type')),
      ...optional('destinationPort', portOf(selector, 'dport') ?? portOf(selector, 'code')),
      ...optional('device', selected.get('dev')),
      ...optional('mark', markOf(own)),
      ...optional('interfaceId', interfaceId === undefined ? undefined : Number(interfaceId)),
      type: headed.get('ptype') === 'sub' ? 'sub' : 'main',
      priority: Number(headed.get('priority') ?? 0),
      verdict: headed.get('action') === 'block' ? 'block' : 'accept',
      templates: templates(rest),
      unmodelled: [
        ...words.filter((word, at) => at % 2 === 0 && !SELECTED.has(word)),
        ...(proto !== undefined && protocolNumber(proto) === null ? [`proto ${proto}`] : []),
        ...(own.includes('security context') ? ['ctx'] : []),
      ],
      selector: words.join(' '),
      settings: settingsOf(head, own, rest),
    },
  ];
}

/** Everything but the selector and the direction, in words that `ip xfrm policy add` takes. */
function settingsOf(head: string, own: string, rest: string): string {
  const first = head.replace(/^dir \S+\s*/, '').trim();
  const mark = markOf(own);
  const words = [
    first,
    mark ? `mark ${mark.value} mask ${mark.mask}` : '',
    /\bif_id \S+/.exec(own)?.[0] ?? '',
    ...templateTexts(rest).map((text) => `tmpl ${text.replace(/\s+/g, ' ').trim()}`),
  ];
  return words.filter(Boolean).join(' ');
}

/** `sport 80`, or `sport 80 mask 0xff00`. */
function portOf(line: string, word: string): Masked | undefined {
  const [, value, mask] = new RegExp(`\\b${word} (\\d+)(?:\\s+mask (0x[\\da-f]+))?`).exec(line) ?? [];
  return value === undefined ? undefined : { value: Number(value), mask: Number(mask ?? 0xffff) };
}

/** `mark 0x5/0xff`, also `mark 5/0xff`. */
function markOf(text: string): Masked | undefined {
  const [, value, mask] = /\bmark (0x[\da-f]+|\d+)\/(0x[\da-f]+|\d+)/.exec(text) ?? [];
  return value === undefined ? undefined : { value: Number(value), mask: Number(mask) };
}

const templateTexts = (rest: string): readonly string[] => rest.split(/\btmpl\b/).slice(1);

const templates = (rest: string): readonly IpsecTemplate[] =>
  templateTexts(rest).map((text) => {
    const words = pairs(text);
    return {
      source: words.get('src') ?? '',
      destination: words.get('dst') ?? '',
      protocol: words.get('proto') ?? '',
      mode: words.get('mode') ?? '',
      request: Number(/^\d+/.exec(words.get('reqid') ?? '')?.[0] ?? 0),
      optional: words.get('level') === 'use',
    };
  });

function state(first: string, second: string): IpsecState[] {
  const [ends, way] = [pairs(first), pairs(second)];
  const [source, destination] = [ends.get('src'), ends.get('dst')];
  if (source === undefined || destination === undefined) return [];
  return [
    {
      source,
      destination,
      protocol: way.get('proto') ?? '',
      mode: way.get('mode') ?? '',
      request: Number(/^\d+/.exec(way.get('reqid') ?? '')?.[0] ?? 0),
    },
  ];
}
