import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { labelIn } from '../situation.ts';

/** There is nobody to ask for names: resolv.conf names no server. */
export const noResolver: CauseKind = {
  id: 'no-resolver',
  find(situation) {
    if (situation.type !== 'name' || situation.reason !== 'no-nameserver') return null;
    const { snapshot, namespace, name, said } = situation;
    return {
      id: 'no-resolver',
      place: { namespace },
      certainty: 'certain',
      params: { name, namespace: labelIn(snapshot, namespace) },
      evidence: [{ source: readIn(snapshot, namespace, ['cat', '/etc/resolv.conf']), text: said }],
      remedies: [],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} has nobody to ask what ${p('name')} means: no name server is configured`,
      explanation: (p) =>
        `Before anything is sent, a name has to become an address. /etc/hosts has no line for ${p('name')}, and /etc/resolv.conf, which says whom to ask, has no “nameserver” line. Add one, or use an address.`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 没有配置名字服务器，无从得知 ${p('name')} 是什么`,
      explanation: (p) =>
        `发送之前，名字必须先变成地址。/etc/hosts 里没有 ${p('name')}，而指明该问谁的 /etc/resolv.conf 里没有“nameserver”一行。请加上一行，或者直接使用地址。`,
    },
  },
};
