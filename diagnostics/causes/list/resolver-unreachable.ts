import { said } from '../../report/sayings.ts';
import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { labelIn } from '../situation.ts';

/** The name servers could not be asked, so that nobody can say whether the name is right. */
export const resolverUnreachable: CauseKind = {
  id: 'resolver-unreachable',
  find(situation) {
    if (situation.type !== 'name' || situation.reason !== 'no-answer') return null;
    const { snapshot, namespace, name, said } = situation;
    return {
      id: 'resolver-unreachable',
      place: { namespace },
      certainty: 'certain',
      params: { name, namespace: labelIn(snapshot, namespace), said },
      evidence: [{ source: readIn(snapshot, namespace, ['getent', 'hosts', name]), text: said }],
      remedies: [],
    };
  },
  text: {
    en: {
      summary: (p) => `${p('namespace')} cannot ask what ${p('name')} means: its name server does not answer`,
      explanation: (p) =>
        `Before anything is sent, a name has to become an address, and the server that knows gives no answer (${p('said')}). Whether the name is right cannot be said. Ask why that server cannot be reached: the leg “dns” shows the way to it.`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 无法查询 ${p('name')}：它的名字服务器没有应答`,
      explanation: (p) =>
        `发送之前，名字必须先变成地址，而知道答案的服务器没有应答（${said(p('said'), 'zh-cn')}）。所以无法判断这个名字对不对。请查一查为什么到不了那台服务器：“dns”一段显示了通往它的路径。`,
    },
  },
};
