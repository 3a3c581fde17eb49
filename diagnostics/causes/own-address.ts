import { valueOr } from '../model/fact.ts';
import type { NamespaceId } from '../model/ids.ts';
import { prefixContains, sameAddress } from '../model/ip.ts';
import type { Link } from '../model/link.ts';
import { isUsable } from '../simulate/route/source-selection.ts';
import { vrfOf } from '../simulate/route/vrf.ts';
import { LOCAL_TABLE } from '../fixes/patch.ts';
import { factsIn, linksIn, type WaySituation } from './situation.ts';

/** A machine that has the destination's address, and whose routing does not tell it so. */
export interface Disowned {
  readonly namespace: NamespaceId;
  readonly link: Link;
  readonly address: string;
  /** `rule`: nothing makes it look into the table of what is its own; `route`: the address is not in there. */
  readonly lacks: 'rule' | 'route';
}

/** The first one on the way that has the address and does not take what is for it. */
export function disowned({ snapshot, trace }: WaySituation): Disowned | null {
  for (const { namespace, steps } of trace.hops)
    for (const step of steps) {
      if (step.kind !== 'route' || step.route?.type === 'local') continue;
      const { destination } = step;
      const found = linksIn(snapshot, namespace).flatMap((link) =>
        link.up && link.addresses.some((own) => isUsable(own) && sameAddress(own.address, destination))
          ? [link]
          : [],
      )[0];
      const facts = factsIn(snapshot, namespace);
      if (!found || facts?.rules.state !== 'known' || facts.routes.state !== 'known') continue;
      if (vrfOf({ links: linksIn(snapshot, namespace) }, found.name)) continue;
      const family = destination.includes(':') ? 6 : 4;
      const looks = facts.rules.value.some(
        (rule) =>
          rule.family === family && rule.action.type === 'lookup' && rule.action.table === LOCAL_TABLE,
      );
      const known = valueOr(facts.routes, []).some(
        (route) => route.type === 'local' && prefixContains(route.destination, destination),
      );
      if (looks && known) continue;
      return { namespace, link: found, address: destination, lacks: looks ? 'route' : 'rule' };
    }
  return null;
}
