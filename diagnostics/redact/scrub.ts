import { isAddress } from '../model/ip.ts';
import type { Renumbering } from './addresses.ts';
import { isOrdinaryInterface } from './names.ts';

export interface Scrub {
  /** Every address, hardware address and known name in a text replaced by what it is called now; free text of people gone. */
  text(text: string): string;
  mac(mac: string): string;
}

const MAC = /(?<![\da-f:])(?:[\da-f]{2}:){5}[\da-f]{2}(?![\da-f:])/gi;
const ADDRESS =
  /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f:]*:[\da-f.:]*)(?:\/\d{1,3})?(?![\w])/gi;
/** What somebody wrote for people, or to look for in packets: iptables puts quotes only where it has to. */
const FREE_OPTION =
  /(--(?:comment|log-prefix|nflog-prefix|ulog-prefix|string|hex-string|u32|bytecode|object-pinned|path|domain|label|led-trigger-id|selctx)\s+)("(?:[^"\\]|\\.)*"|\S+)/g;
/** nft puts them around every name that somebody chose, and all that was written for people. */
const QUOTED = /"((?:[^"\\]|\\.)*)"/g;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

export function scrubber(
  names: ReadonlyMap<string, string>,
  macs: ReadonlyMap<string, string>,
  numbers: Renumbering,
): Scrub {
  const known = [...names.keys()].filter((name) => name !== '').sort((a, b) => b.length - a.length);
  const word =
    known.length === 0
      ? null
      : new RegExp(`(?<![A-Za-z0-9_])(?:${known.map(escaped).join('|')})(?![A-Za-z0-9_])`, 'g');
  const mac = (text: string): string => macs.get(text.toLowerCase()) ?? text;
  const address = (text: string): string => {
    const [head = '', length] = text.split('/');
    if (!isAddress(head)) return text;
    if (length === undefined) return numbers.address(head);
    const prefix = numbers.prefix({ address: head, length: Number(length) });
    return `${prefix.address}/${prefix.length}`;
  };
  const words = (text: string): string =>
    word === null ? text : text.replace(word, (name) => names.get(name) ?? name);
  /** What is replaced is not looked at again: a new number may be an old one's. */
  const text = (whole: string): string => {
    let result = '';
    let at = 0;
    for (const found of whole.matchAll(new RegExp(`${MAC.source}|${ADDRESS.source}`, 'gi'))) {
      result += words(whole.slice(at, found.index));
      result += macs.has(found[0].toLowerCase()) ? mac(found[0]) : address(found[0]);
      at = found.index + found[0].length;
    }
    return result + words(whole.slice(at));
  };
  return {
    mac,
    text: (whole) =>
      names.get(whole) ??
      text(
        whole
          .replace(FREE_OPTION, (_all, option: string) => `${option}"…"`)
          .replace(QUOTED, (all, inside: string) =>
            names.has(inside) || isOrdinaryInterface(inside) ? all : '"…"',
          ),
      ),
  };
}
