import { engineWord } from '../../model/engines.ts';
import { valueOr } from '../../model/fact.ts';
import { nearNames } from '../../model/near-names.ts';
import { said } from '../../sayings/sayings.ts';
import type { CauseKind } from '../cause.ts';
import { enginesOf } from '../containers.ts';
import { readIn } from '../evidence.ts';
import { askingContainer } from '../names.ts';
import { factsIn, labelIn, type NameSituation } from '../situation.ts';

/** Nobody that FROM may ask knows the name. */
export const nameNotKnown: CauseKind = {
  id: 'name-not-known',
  lists: ['near', 'unasked'],
  find(situation) {
    if (situation.type !== 'name') return null;
    const { snapshot, namespace, name, said, reason } = situation;
    const near = nearNames(name, knownNames(situation));
    const engineLacks = reason === 'engine-lacks';
    const engine = askingContainer(situation)?.engine;
    return {
      id: 'name-not-known',
      place: { namespace },
      certainty: engineLacks ? 'likely' : 'certain',
      params: {
        name,
        namespace: labelIn(snapshot, namespace),
        said,
        near: near.length === 0 ? null : near.join(', '),
        engineLacks,
        engine: engine ? engineWord(engine) : null,
        unasked: unaskedServers(situation).join(', ') || null,
      },
      evidence: [{ source: readIn(snapshot, namespace, ['getent', 'hosts', name]), text: said }],
      remedies: near.map((to) => ({ actions: [{ kind: 'ask-instead', to, port: null }] })),
    };
  },
  text: {
    en: {
      summary: (p) => `${p('namespace')} cannot turn the name ${p('name')} into an address`,
      explanation: (p) =>
        `Before anything is sent, a name has to become an address: by /etc/hosts, or by asking a name server. ${p('engineLacks') === 'true' ? `${p('engine')} itself knows no container called ${p('name')} on the networks of ${p('namespace')}. Its name server therefore asks others, and got no answer from them: whether one of them knows the name, cannot be told.` : `For ${p('name')} neither has an answer (${p('said')}).`} ${p('unasked') === '' ? '' : `${p('unasked')} stands in resolv.conf too and was not asked: another server is asked where one is silent, not where one says that a name does not exist. If that one knows the name, it has to come first, or the first has to pass such questions on to it. `}${p('near') === '' ? 'Check the spelling, or use an address.' : `Perhaps you mean: ${p('near')}.`}`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 无法把名字 ${p('name')} 解析成地址`,
      explanation: (p) =>
        `发送之前，名字必须先变成地址：查 /etc/hosts，或者询问名字服务器。${p('engineLacks') === 'true' ? `${p('engine')} 自己在 ${p('namespace')} 所在的网络上没有叫 ${p('name')} 的容器。于是它的名字服务器去问别的服务器，却没有得到应答：它们当中有没有谁认识这个名字，无从得知。` : `对于 ${p('name')}，两者都没有答案（${said(p('said'), 'zh-cn')}）。`}${p('unasked') === '' ? '' : `resolv.conf 里还有 ${p('unasked')}，但没有询问它：只有前一个服务器不作声时才会问下一个，回答“没有这个名字”就到此为止。如果它知道这个名字，请把它排到最前面，或让第一个服务器把这类查询转给它。`}${p('near') === '' ? '请检查拼写，或者直接使用地址。' : `你要找的也许是：${p('near')}。`}`,
    },
  },
};

/** MAXNS of glibc's resolv.h. */
const MOST_SERVERS = 3;

/** Servers behind the one that said no: glibc believes the first that answers (res_send.c), musl asks all of them at once. */
function unaskedServers({ snapshot, namespace, reason, said }: NameSituation): readonly string[] {
  const files = factsIn(snapshot, namespace)?.resolver;
  if (reason !== 'no-such-name' || files?.state !== 'known') return [];
  const { nameservers, libc, options } = files.value;
  if (libc === 'musl' || options?.rotate === true) return [];
  const asked = nameservers.findIndex((server) => said.startsWith(`${server}: `));
  return asked < 0 ? [] : nameservers.slice(asked + 1, MOST_SERVERS);
}

/** Names that would have worked here: of containers, by their aliases on the networks of the asker; of namespaces, of the hosts file. */
const knownNames = (situation: NameSituation): readonly string[] => {
  const { snapshot, namespace } = situation;
  return [
    ...aliasesBeside(situation),
    ...enginesOf(snapshot).flatMap(({ engine }) => engine.containers.map(({ name }) => name)),
    ...snapshot.namespaces.flatMap(({ names }) =>
      names.flatMap((it) => (it.type === 'netns' ? [it.name] : [])),
    ),
    ...valueOr(factsIn(snapshot, namespace)?.resolver ?? { state: 'absent' }, { hosts: [] }).hosts.flatMap(
      ({ names }) => names,
    ),
  ];
};

/** A program knows its neighbours by what a compose file calls them; ids are aliases too, and nobody types these. */
function aliasesBeside(situation: NameSituation): readonly string[] {
  const asking = askingContainer(situation);
  if (!asking) return [];
  const ours = new Set(asking.asker.networks.map(({ networkId }) => networkId));
  return asking.engine.containers
    .filter(({ id, state }) => id !== asking.asker.id && state === 'running')
    .flatMap(({ id, networks }) =>
      networks
        .filter(({ networkId }) => ours.has(networkId))
        .flatMap(({ aliases }) => aliases.filter((alias) => !id.startsWith(alias))),
    );
}
