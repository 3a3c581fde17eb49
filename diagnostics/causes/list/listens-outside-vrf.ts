import { acceptKey } from '../../simulate/route/vrf.ts';
import { findSocket } from '../../simulate/ip/find-socket.ts';
import type { CauseKind, Shown } from '../cause.ts';
import { certaintyOf, type Remedy } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { listeningEvidence, listenWhereAsked, refusalAt, socketsIn } from '../listeners.ts';
import { labelIn, vrfCameBy } from '../situation.ts';

/** A program listens, but for no VRF, and the packet came in by one: the kernel keeps the two apart. */
export const listensOutsideVrf: CauseKind = {
  id: 'listens-outside-vrf',
  find(situation) {
    if (situation.type !== 'way') return null;
    const refusal = refusalAt(situation);
    const vrf = vrfCameBy(situation);
    if (!refusal || !vrf) return null;
    const { snapshot, trace, packet, hop } = situation;
    const { namespace, protocol, port } = refusal;
    const sockets = socketsIn(snapshot, namespace);
    const socket = findSocket(sockets, packet, hop.inDev ?? vrf.name, { name: vrf.name, open: true });
    if (!socket) return null;
    const key = acceptKey(protocol);
    const setting: Remedy = { actions: [{ kind: 'write-sysctl', namespace, key, value: '1' }] };
    const inside = listenWhereAsked(refusal, socket);
    return {
      id: 'listens-outside-vrf',
      place: { namespace },
      certainty: certaintyOf(trace),
      params: {
        namespace: labelIn(snapshot, namespace),
        protocol,
        port,
        vrf: vrf.name,
        dev: hop.inDev ?? vrf.name,
        program: socket.process?.name ?? null,
        setting: key.replaceAll('/', '.'),
      },
      evidence: [
        listeningEvidence(snapshot, refusal, [socket]),
        { source: readIn(snapshot, namespace, ['sysctl', key.replaceAll('/', '.')]), text: '0' },
      ],
      // A datagram's answer would leave by the main table all the same.
      remedies: protocol === 'tcp' ? [setting, inside] : [inside, setting],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${whoEn(p)} in ${p('namespace')} listens on ${p('protocol')} port ${p('port')}, but not in the VRF ${p('vrf')}, by which the packet came in`,
      explanation: (p) =>
        `${p('dev')} belongs to the VRF ${p('vrf')}, a routing world of its own within ${p('namespace')}. A program that was not started in a VRF gets nothing that comes in by one, as if it did not listen at all, unless ${p('setting')} is 1; it is 0. Either that setting lets programs outside take part in every VRF, or the program is started in this one (ip vrf exec ${p('vrf')} …).`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('namespace')} 中的${whoZh(p)}监听着 ${p('protocol')} 端口 ${p('port')}，但不在数据包进来的 VRF ${p('vrf')} 里`,
      explanation: (p) =>
        `${p('dev')} 属于 VRF ${p('vrf')}，它在 ${p('namespace')} 里自成一个路由世界。不是在 VRF 里启动的程序收不到从 VRF 进来的数据包，就像没有监听一样，除非 ${p('setting')} 为 1；而它现在是 0。要么用这个设置让 VRF 之外的程序参与所有 VRF，要么在这个 VRF 里启动程序（ip vrf exec ${p('vrf')} …）。`,
    },
  },
};

const whoEn = (p: Shown): string => (p('program') === '' ? 'The service' : p('program'));
const whoZh = (p: Shown): string => (p('program') === '' ? '服务' : ` ${p('program')} `);
