import { createLiveSource } from '../../diagnostics/collect/live-source.ts';
import { openMachine } from '../../diagnostics/host/local-machine.ts';
import { valueOr } from '../../diagnostics/model/fact.ts';
import type { OtherFlow } from '../../diagnostics/model/flow-effects.ts';
import { addressAndPort } from '../../diagnostics/model/ip.ts';
import { namespaceLabel, type Namespace } from '../../diagnostics/model/namespace.ts';
import { ownAddresses } from '../../diagnostics/effects/ends.ts';
import type { Asked } from './cause-case.ts';
import { readMachine } from './mended-facts.ts';

/** Silence for so long is no answer, also on a machine that is busy: all flows are waited for together. */
const MILLISECONDS = 2000;

/** `netns:red → tcp 10.0.0.2:80`: a flow as a line. */
export const flowLine = ({ from, protocol, address, port }: Omit<OtherFlow, 'to'>): string =>
  `${from} → ${protocol} ${port === null ? address : addressAndPort(address, port)}`;

/**
 * Every flow between named namespaces (pings, and TCP and UDP to whatever listens) that the kernel lets pass, and what is asked
 * besides, from each of them. Servers of UDP have to answer.
 */
export async function passingFlows(besides: readonly Asked[] = []): Promise<ReadonlySet<string>> {
  const machine = openMachine();
  const snapshot = await readMachine(machine);
  const source = createLiveSource(machine);
  const named = snapshot.namespaces.filter(({ names }) => names.some(({ type }) => type !== 'pid'));
  const asked = besides.map(serviceAsked);
  const flows = named.flatMap((from) => {
    const services = [...named.filter((to) => to !== from).flatMap(servicesOf), ...asked];
    const different = new Map(services.map((service) => [JSON.stringify(service), service]));
    return [...different.values()].map((service) => ({ from, ...service }));
  });
  const passing = new Set<string>();
  await Promise.all(
    flows.map(async ({ from, ...service }) => {
      const question = { namespace: from.id, ...service, timeoutMilliseconds: MILLISECONDS };
      const probe = await source.probe?.(question);
      if (probe?.outcome === 'reply') passing.add(flowLine({ from: namespaceLabel(from), ...service }));
    }),
  );
  return passing;
}

type Service = Pick<OtherFlow, 'address' | 'protocol' | 'port'>;

/** Of an asked address, not of a name. */
function serviceAsked({ to, protocol = 'tcp', port }: Asked): Service {
  const [, address = to, asked] = /^\[?([^\]]+?)\]?:(\d+)$/.exec(to) ?? [];
  return { address, protocol, port: port ?? (asked === undefined ? null : Number(asked)) };
}

function servicesOf(to: Namespace): readonly Service[] {
  const sockets = valueOr(to.facts.sockets, []);
  const portsOf = (wanted: 'tcp' | 'udp'): readonly number[] => [
    ...new Set(sockets.flatMap(({ protocol, port }) => (protocol === wanted ? [port] : []))),
  ];
  return ownAddresses(to).flatMap(({ address }) => [
    { address, protocol: 'icmp' as const, port: null },
    ...(['tcp', 'udp'] as const).flatMap((protocol) =>
      portsOf(protocol).map((port) => ({ address, protocol, port })),
    ),
  ]);
}
