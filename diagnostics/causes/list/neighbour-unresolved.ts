import { sameAddress } from '../../model/ip.ts';
import { said } from '../../report/sayings.ts';
import type { CauseKind, Shown } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { labelIn, ownersOf } from '../situation.ts';
import { neighbourText, unanswered } from '../unanswered.ts';

/** The destination should be on this network, and nobody there has its address. */
export const neighbourUnresolved: CauseKind = {
  id: 'neighbour-unresolved',
  find(situation) {
    if (situation.type !== 'way') return null;
    const asked = unanswered(situation);
    const { snapshot, packet, step } = situation;
    if (!asked || !sameAddress(asked.address, packet.destination)) return null;
    const { namespace, address } = asked;
    const dev = asked.link.name;
    const owner = ownersOf(snapshot, address)[0];
    return {
      id: 'neighbour-unresolved',
      place: { namespace },
      certainty: 'certain',
      params: {
        namespace: labelIn(snapshot, namespace),
        address,
        device: dev,
        owner: owner ? labelIn(snapshot, owner.namespace) : null,
        silence: step.kind === 'neighbour' ? (step.silence ?? null) : null,
      },
      evidence: [
        {
          source: readIn(snapshot, namespace, ['ip', 'neighbour', 'show', address]),
          text: neighbourText(asked),
        },
      ],
      remedies: [],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('silence') === ''
          ? `Nobody on the network of ${p('device')} in ${p('namespace')} has the address ${p('address')}`
          : `Nobody on the network of ${p('device')} in ${p('namespace')} answers for the address ${p('address')}: ${p('silence')}`,
      explanation: (p) =>
        `The address ${p('address')} belongs to the network that ${p('device')} is on, so ${p('namespace')} asks everybody there who has it (${protocolFor(p)}), and nobody answers. ${p('silence') !== '' ? `The reason: ${p('silence')}.` : p('owner') === '' ? 'Either the address is wrong, or the machine that should have it is off or not attached.' : `${p('owner')} has this address, but it is not attached to that network.`}`,
    },
    'zh-cn': {
      summary: (p) =>
        p('silence') === ''
          ? `在 ${p('namespace')} 的 ${p('device')} 所在网络上，没有人拥有地址 ${p('address')}`
          : `在 ${p('namespace')} 的 ${p('device')} 所在网络上，没有人应答地址 ${p('address')}：${said(p('silence'), 'zh-cn')}`,
      explanation: (p) =>
        `地址 ${p('address')} 属于 ${p('device')} 所在的网络，所以 ${p('namespace')} 在那里询问谁拥有它（${protocolFor(p)}），却没有人应答。${p('silence') !== '' ? `原因：${said(p('silence'), 'zh-cn')}。` : p('owner') === '' ? '要么地址写错了，要么应当拥有它的机器没有开机或没有接入。' : `${p('owner')} 拥有这个地址，但它没有接在这个网络上。`}`,
    },
  },
};

const protocolFor = (p: Shown): string => (p('address').includes(':') ? 'NDP' : 'ARP');
