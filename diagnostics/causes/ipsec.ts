import { addressBits } from '../model/ip.ts';
import { ipsecPolicyText, type IpsecPolicy } from '../model/ipsec.ts';
import { hasPorts, type Packet } from '../model/packet.ts';
import type { Step } from '../model/trace.ts';
import { protocolNumber } from '../simulate/ip/packets.ts';
import type { Shown } from './cause.ts';
import { certaintyOf, type Finding, type Remedy } from './finding.ts';
import { readIn } from './evidence.ts';
import { labelIn, type WaySituation } from './situation.ts';

type IpsecStep = Extract<Step, { kind: 'ipsec' }>;

/** The finding for a packet that IPsec keeps from going on. */
export function ipsecFinding(situation: WaySituation, step: IpsecStep, id: string): Finding {
  const { snapshot, namespace, packet, direction, trace } = situation;
  const { policy } = step;
  const text = policy ? ipsecPolicyText(policy) : '';
  return {
    id,
    place: { namespace },
    certainty: certaintyOf(trace),
    params: {
      namespace: labelIn(snapshot, namespace),
      policy: text,
      place: step.direction,
      problem: step.problem,
      source: packet.source,
      destination: packet.destination,
      protocol: packet.protocol,
      direction,
    },
    evidence: [
      policy
        ? { source: readIn(snapshot, namespace, ['ip', 'xfrm', 'policy']), text }
        : {
            source: readIn(snapshot, namespace, ['ip', 'xfrm', 'policy', 'getdefault']),
            text: `${step.direction}: block`,
          },
    ],
    remedies: remediesOf(situation, step),
  };
}

/** An exception for this flow, where one can be asked before the policy; else the policy goes. */
function remediesOf({ namespace, packet, direction }: WaySituation, step: IpsecStep): readonly Remedy[] {
  const { policy } = step;
  const away: Remedy | null = policy
    ? { actions: [{ kind: 'delete-ipsec-policy', namespace, policy }] }
    : null;
  const before = policy?.priority ?? 1;
  const exception: Remedy | null =
    before > 0 && policy?.type !== 'sub'
      ? {
          actions: [
            {
              kind: 'allow-past-ipsec',
              namespace,
              policy: exceptionFor(packet, direction, step, before - 1),
            },
          ],
        }
      : null;
  return [exception, away].filter((one) => one !== null);
}

/** As narrow as the packet: its ends, its protocol and the port of the service. */
function exceptionFor(
  packet: Packet,
  way: WaySituation['direction'],
  step: IpsecStep,
  priority: number,
): IpsecPolicy {
  const { family, source, destination, protocol } = packet;
  const length = addressBits(family);
  const end = way === 'back' ? 'sourcePort' : 'destinationPort';
  const port = hasPorts(packet) ? packet[end] : null;
  const number = protocolNumber(protocol, family);
  const word = way === 'back' ? 'sport' : 'dport';
  return {
    direction: step.direction,
    family,
    source: { address: source, length },
    destination: { address: destination, length },
    protocol: number,
    ...(port === null ? {} : { [end]: { value: port, mask: 0xffff } }),
    type: 'main',
    priority,
    verdict: 'accept',
    templates: [],
    unmodelled: [],
    selector: `src ${source}/${length} dst ${destination}/${length} proto ${number}${port === null ? '' : ` ${word} ${port}`}`,
    settings: `action allow priority ${priority}`,
  };
}

/** Where the policy stands. */
export const placeEn = (p: Shown): string => {
  switch (p('place')) {
    case 'out':
      return 'what leaves';
    case 'fwd':
      return 'what is passed on';
    default:
      return 'what arrives';
  }
};

export const placeZh = (p: Shown): string => {
  switch (p('place')) {
    case 'out':
      return '发出的数据包';
    case 'fwd':
      return '转发的数据包';
    default:
      return '到达的数据包';
  }
};
