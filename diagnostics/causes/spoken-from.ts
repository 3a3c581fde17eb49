import { sameAddress } from '../model/ip.ts';
import type { Route } from '../model/route.ts';
import type { NamespaceId } from '../model/ids.ts';
import type { Remedy } from './finding.ts';
import type { WaySituation } from './situation.ts';

/** The sender's own route that says from which address it speaks, where a person, or a program, wrote that into it (`src`). */
export function spokenFrom({
  forward,
}: WaySituation): { readonly namespace: NamespaceId; readonly route: Route } | null {
  const [first] = forward.hops;
  const step = first?.steps.find((it) => it.kind === 'route' && it.lookup === 'output');
  const route = step?.kind === 'route' ? step.route : null;
  if (!first || !route || step?.kind !== 'route' || route.protocol === 'kernel') return null;
  return route.type === 'unicast' && sameAddress(route.preferredSource ?? '', step.source)
    ? { namespace: first.namespace, route }
    : null;
}

/** What helps where nobody knows the way back to that address: another one is spoken from. */
export function sourceRemedies(situation: WaySituation): readonly Remedy[] {
  const spoken = spokenFrom(situation);
  return spoken ? [{ actions: [{ kind: 'forget-source', ...spoken }] }] : [];
}
