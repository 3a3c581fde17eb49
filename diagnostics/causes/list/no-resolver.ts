import type { CauseKind } from '../cause.ts';
import { readIn } from '../evidence.ts';
import { askingFiles } from '../names.ts';
import { labelIn } from '../situation.ts';

/** There is nobody to ask for names: resolv.conf names no server. */
export const noResolver: CauseKind = {
  id: 'no-resolver',
  lists: ['misspelt'],
  find(situation) {
    if (situation.type !== 'name' || situation.reason !== 'no-nameserver') return null;
    const { snapshot, namespace, name, said } = situation;
    const misspelt = askingFiles(snapshot, situation.flow)?.files.misspelt?.join(', ') ?? null;
    return {
      id: 'no-resolver',
      place: { namespace },
      certainty: 'certain',
      params: { name, namespace: labelIn(snapshot, namespace), misspelt },
      evidence: [{ source: readIn(snapshot, namespace, ['cat', '/etc/resolv.conf']), text: said }],
      remedies: [],
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('misspelt') === ''
          ? `${p('namespace')} has nobody to ask what ${p('name')} means: no name server is configured`
          : `${p('namespace')} has nobody to ask what ${p('name')} means: what is written as its name server is no address (${p('misspelt')})`,
      explanation: (p) =>
        `Before anything is sent, a name has to become an address. /etc/hosts has no line for ${p('name')}, and /etc/resolv.conf, which says whom to ask, ${p('misspelt') === '' ? 'has no “nameserver” line. Add one, or use an address' : `names a server by something that is no IP address (${p('misspelt')}). The C library passes over such a line without a word. Write the server's address there`}.`,
    },
    'zh-cn': {
      summary: (p) =>
        p('misspelt') === ''
          ? `${p('namespace')} 没有配置名字服务器，无从得知 ${p('name')} 是什么`
          : `${p('namespace')} 无从得知 ${p('name')} 是什么：写作名字服务器的 ${p('misspelt')} 不是地址`,
      explanation: (p) =>
        `发送之前，名字必须先变成地址。/etc/hosts 里没有 ${p('name')}，而指明该问谁的 /etc/resolv.conf ${p('misspelt') === '' ? '里没有“nameserver”一行。请加上一行，或者直接使用地址' : `里写的服务器（${p('misspelt')}）不是 IP 地址，C 库会悄悄跳过这一行。请写上服务器的地址`}。`,
    },
  },
};
