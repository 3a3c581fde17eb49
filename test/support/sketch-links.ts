import { parseAddress, parsePrefix } from '../../diagnostics/model/ip.ts';
import type { Address, BridgePort, Link, LinkKind, PortVlan } from '../../diagnostics/model/link.ts';
import { wordAfter } from './sketch-words.ts';

export const idOf = (name: string): string => `machine/${name}`;

interface Sketched {
  readonly name: string;
  readonly device: string;
  readonly index: number;
  readonly words: readonly string[];
  readonly peer: string | null;
}

const sketchLinks = (name: string, texts: readonly string[]): readonly Sketched[] =>
  ['lo 127.0.0.1/8', ...texts.filter((text) => !text.startsWith('lo '))]
    .map((text) => (text.startsWith('lo ') ? (texts.find((own) => own.startsWith('lo ')) ?? text) : text))
    .map((text, at) => {
      const [left = '', peer] = text.split('->').map((part) => part.trim());
      const [device = '', ...words] = left.split(/\s+/);
      return { name, device, index: at + 1, words, peer: peer ?? null };
    });

const addressOf = (text: string): Address => {
  const prefix = parsePrefix(text);
  const family = parseAddress(prefix?.address ?? '')?.family;
  if (!prefix || !family) throw new Error(`not an address: ${text}`);
  return {
    family,
    address: prefix.address,
    length: prefix.length,
    scope: prefix.address.startsWith('127.') ? 'host' : 'global',
    flags: [],
  };
};

/** A hardware address that tells the interface: the namespace's number, and the interface's. */
export const macOf = (namespaceNumber: number, index: number): string =>
  `02:00:00:00:${namespaceNumber.toString(16).padStart(2, '0')}:${index.toString(16).padStart(2, '0')}`;

const kindOf = ({ device, words, peer }: Sketched): LinkKind => {
  if (device === 'lo') return { type: 'loopback' };
  if (words.includes('bridge'))
    return { type: 'bridge', vlanFiltering: words.includes('vlan-aware'), stp: false };
  const vlan = wordAfter(words, 'vlan');
  if (vlan !== undefined) return { type: 'vlan', id: Number(vlan), protocol: '802.1Q' };
  const table = wordAfter(words, 'vrf');
  if (table !== undefined) return { type: 'vrf', table: Number(table) };
  const mode = wordAfter(words, 'ipvlan');
  if (mode === 'l2' || mode === 'l3' || mode === 'l3s') {
    const flag = (['private', 'vepa'] as const).find((word) => words.includes(word));
    return { type: 'ipvlan', mode, ...(flag ? { flag } : {}) };
  }
  const active = wordAfter(words, 'bond');
  if (active !== undefined) return { type: 'bond', mode: 'active-backup', active };
  if (words.includes('team')) return { type: 'team' };
  if (words.includes('macvlan')) return { type: 'macvlan', mode: 'bridge' };
  if (words.includes('dummy')) return { type: 'dummy' };
  return peer ? { type: 'veth' } : { type: 'physical' };
};

const vlansOf = (text: string): readonly PortVlan[] =>
  text.split(',').map((word) => ({
    id: parseInt(word, 10),
    pvid: word.endsWith('u'),
    untagged: word.endsWith('u'),
  }));

const isAddress = (word: string): boolean => /^[\da-f.:]+\/\d+$/i.test(word);

const portOf = (words: readonly string[], serving: boolean): BridgePort => ({
  state: words.includes('blocked') || !serving ? 'disabled' : 'forwarding',
  hairpin: words.includes('hairpin'),
  isolated: words.includes('isolated'),
  learning: true,
  flood: true,
});

/** The links of each namespace, of their texts: `NamespaceSketch.links`. */
export function linksOf(
  sketches: Readonly<Record<string, readonly string[]>>,
): ReadonlyMap<string, readonly Link[]> {
  const all = new Map(Object.entries(sketches).map(([name, texts]) => [name, sketchLinks(name, texts)]));
  const find = (end: string): Sketched | undefined => {
    const [name = '', device] = end.split('/');
    return all.get(name)?.find((one) => one.device === device);
  };
  const names = Object.keys(sketches);

  const linkFrom = (one: Sketched): Link => {
    const far = one.peer === null ? undefined : find(one.peer);
    const up = !one.words.includes('down');
    const carrier =
      up &&
      !one.words.includes('no-carrier') &&
      !(far && kindOf(one).type === 'veth' && far.words.includes('down'));
    const master = wordAfter(one.words, 'master');
    const vlans = wordAfter(one.words, 'vlans');
    const above = master === undefined ? undefined : find(`${one.name}/${master}`);
    const bridged = above !== undefined && kindOf(above).type === 'bridge';
    return {
      index: one.index,
      name: one.device,
      kind: kindOf(one),
      mac:
        one.device === 'lo'
          ? null
          : (wordAfter(one.words, 'mac') ??
            (far && kindOf(one).type === 'ipvlan'
              ? macOf(names.indexOf(far.name), far.index)
              : macOf(names.indexOf(one.name), one.index))),
      mtu: Number(wordAfter(one.words, 'mtu') ?? (one.device === 'lo' ? 65536 : 1500)),
      up,
      carrier,
      flags: /^ipvlan l3/.test(one.words.join(' ').replace(/^.*?(?=ipvlan)/, '')) ? ['NOARP'] : [],
      ...(above === undefined ? {} : { master: above.index }),
      ...(bridged ? { port: portOf(one.words, carrier) } : {}),
      ...(one.peer === null
        ? {}
        : { peer: { namespace: far ? idOf(far.name) : null, index: far?.index ?? 0 } }),
      ...(vlans === undefined ? {} : { vlans: vlansOf(vlans) }),
      addresses: one.words.filter(isAddress).map(addressOf),
    };
  };

  return new Map([...all].map(([name, links]) => [name, links.map(linkFrom)]));
}
