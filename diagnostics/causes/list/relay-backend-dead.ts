import { addressAndPort } from '../../model/ip.ts';
import type { CauseKind } from '../cause.ts';
import { certaintyOf } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { socketText } from '../listeners.ts';
import { labelIn } from '../situation.ts';

/**
 * A relay took the connection, and its own connection fails. What is wrong there is the second way's own cause, where it has
 * one: named `because`, its params come along, and its remedies are this one's.
 */
export const relayBackendDead: CauseKind = {
  id: 'relay-backend-dead',
  find(situation) {
    if (situation.type !== 'relay') return null;
    const { snapshot, program, namespace, socket, address, port, inner, trace } = situation;
    const letter = socket.protocol === 'tcp' ? 't' : 'u';
    return {
      id: 'relay-backend-dead',
      place: inner?.place ?? { namespace },
      certainty: inner?.certainty ?? certaintyOf(trace),
      params: {
        ...inner?.params,
        relay: program,
        relayPlace: labelIn(snapshot, namespace),
        relayPort: socket.port,
        relayTarget: addressAndPort(address, port),
        end: trace.disposition,
        because: inner?.id ?? null,
      },
      evidence: [
        { source: readIn(snapshot, namespace, ['ss', `-ln${letter}p`]), text: socketText(socket) },
        ...(inner?.evidence ?? []),
      ],
      remedies: inner?.remedies ?? [],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('relay')} on port ${p('relayPort')} of ${p('relayPlace')} accepts, but cannot reach what is behind it (${p('relayTarget')})${p('because:summary') === '' ? '' : `: ${p('because:summary')}`}`,
      explanation: (p) =>
        `${p('relay')} takes connections on port ${p('relayPort')} only to open one of its own, to ${p('relayTarget')}. That one fails, so it hangs up, or keeps its client waiting for ever: that a port accepts does not mean that the service behind it is there. ${p('because:explanation') === '' ? `The leg “relay” shows how far its connection gets (${p('end')}).` : p('because:explanation')}`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('relayPlace')} 端口 ${p('relayPort')} 上的 ${p('relay')} 接受了连接，却到不了它背后的 ${p('relayTarget')}${p('because:summary') === '' ? '' : `：${p('because:summary')}`}`,
      explanation: (p) =>
        `${p('relay')} 在端口 ${p('relayPort')} 上接受连接，只是为了自己再去连接 ${p('relayTarget')}。后一个连接失败了，于是它挂断，或者让客户端一直等下去：端口能连上，并不等于背后的服务在。${p('because:explanation') === '' ? `“relay”一段显示了它的连接走到哪里（${p('end')}）。` : p('because:explanation')}`,
    },
  },
};
