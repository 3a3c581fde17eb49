import type { OtherFlow } from '../model/flow-effects.ts';
import { groupBy } from '../model/remember.ts';

/** Flows that are told of together: everybody of `from` to everybody of `to`, for each of these services. */
export interface FlowGroup {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** `icmp`, `tcp/80`. */
  readonly services: readonly string[];
  /** Flows that it stands for. */
  readonly count: number;
}

/**
 * Flows as few groups, the largest first: pairs with the same services together, of these those senders that reach the same
 * receivers. A receiver that is asked for at several addresses is told apart by them; one of whose addresses this is so for one only,
 * with that one.
 */
export function groupFlows(flows: readonly OtherFlow[]): readonly FlowGroup[] {
  const several = new Set(
    [...groupBy(flows, ({ to }) => to)]
      .filter(([, own]) => new Set(own.map(({ address }) => address)).size > 1)
      .map(([to]) => to),
  );
  const receiver = ({ to, address, onlyThere }: OtherFlow): string =>
    to === address ? address : onlyThere || several.has(to) ? `${to} (${address})` : to;
  const service = ({ protocol, port }: OtherFlow): string =>
    port === null ? protocol : `${protocol}/${port}`;
  const pairs = [...groupBy(flows, (flow) => JSON.stringify([flow.from, receiver(flow)])).values()].flatMap(
    (own) => {
      const [first] = own;
      const services = [...new Set(own.map(service))].toSorted();
      return first ? [{ from: first.from, to: receiver(first), services }] : [];
    },
  );
  return [...groupBy(pairs, ({ services }) => services.join(' ')).values()]
    .flatMap((own) => {
      const senders = [...groupBy(own, ({ from }) => from)].map(([from, those]) => ({
        from,
        to: those.map(({ to }) => to).toSorted(),
      }));
      const services = own[0]?.services ?? [];
      return [...groupBy(senders, ({ to }) => JSON.stringify(to)).values()].map((alike): FlowGroup => {
        const to = alike[0]?.to ?? [];
        const from = alike.map((one) => one.from);
        return { from, to, services, count: from.length * to.length * services.length };
      });
    })
    .toSorted((a, b) => b.count - a.count);
}
