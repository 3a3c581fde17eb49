import { randomBytes } from 'node:crypto';

/** Names of interfaces that every machine has: they tell nothing. */
const ORDINARY =
  /^(?:all|default|lo|docker0|docker_gwbridge|virbr\d+|(?:eth|br|bond|wlan|tun|tap|dummy|wg|vxlan|team)\d+|en[ops]\w{1,12}|wl[ops]\w{1,12}|veth[\da-f]*)$/;
export const isOrdinaryInterface = (name: string): boolean => ORDINARY.test(name);
const ORDINARY_PREFIX = /^(?:|lo|eth|br-?|docker|veth|tun|tap|en|wl|wg|bond|dummy|vxlan|virbr|cali|cni)$/;

/** Old names and new ones, the same one for the same everywhere. */
export class Names {
  private readonly known = new Map<string, string>();
  private readonly counts = new Map<string, number>();
  private readonly taken: (name: string) => boolean;

  /** @param taken names that are there already, and so cannot be given */
  constructor(taken: (name: string) => boolean) {
    this.taken = taken;
  }

  /** `container-1`, `container-2` … */
  add(name: string, kind: string): string {
    const seen = this.known.get(name);
    if (seen !== undefined || name === '') return seen ?? name;
    let given: string;
    do {
      const count = (this.counts.get(kind) ?? 0) + 1;
      this.counts.set(kind, count);
      given = `${kind}${count}`;
    } while (this.taken(given));
    this.known.set(name, given);
    return given;
  }

  /** An id of an engine, whose first twelve digits name it too. */
  addId(id: string): void {
    if (this.known.has(id) || id.length < 12) return;
    const given = randomBytes(Math.ceil(id.length / 2))
      .toString('hex')
      .slice(0, id.length);
    this.known.set(id, given);
    this.known.set(id.slice(0, 12), given.slice(0, 12));
  }

  set(name: string, given: string): void {
    this.known.set(name, given);
  }

  get(name: string): string | undefined {
    return this.known.get(name);
  }

  get all(): ReadonlyMap<string, string> {
    return this.known;
  }
}

/**
 * Interfaces whose names tell something, with what rules say of whole families of them (`acme*`): who belonged to one still does,
 * and nobody else.
 */
export function addInterfaces(names: Names, interfaces: Iterable<string>, wildcards: Iterable<string>): void {
  const families = [...new Set(wildcards)]
    .map((text) => text.slice(0, -1))
    .sort((a, b) => a.length - b.length);
  const familyOf = (name: string): string | undefined =>
    families.filter((family) => family !== name && name.startsWith(family)).at(-1);
  for (const family of families) {
    if (ORDINARY_PREFIX.test(family)) names.set(`${family}*`, `${family}*`);
    else {
      const outer = names.get(`${familyOf(family) ?? ''}*`)?.slice(0, -1) ?? '';
      const given = `${names.add(`family ${family}`, `${outer}fam`)}-`;
      names.set(`${family}*`, `${given}*`);
      // As iptables writes it.
      names.set(`${family}+`, `${given}+`);
    }
  }
  for (const name of interfaces) {
    if (isOrdinaryInterface(name)) continue;
    const family = familyOf(name);
    names.add(name, family === undefined ? 'if' : (names.get(`${family}*`)?.slice(0, -1) ?? 'if'));
  }
}
