import { said } from '../../sayings/sayings.ts';
import { isStub } from '../stub-servers.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { readIn } from '../evidence.ts';
import { askingFiles } from '../names.ts';
import { labelIn, type NameSituation } from '../situation.ts';
import { findHost, findNamespace } from '../../model/snapshot.ts';
import { keyOf } from '../../model/engines.ts';

/** Sentences in the middle of one. */
const clauses = (sentences: string): string => sentences.replaceAll(/\.(?=; |$)/g, '');

/**
 * No name server could say what the name means, so that nobody knows whether it is right. Why one gave no answer is the cause of
 * a way of its own, where one was found: named `because`, its params come along, and its remedies are this one's.
 */
export const resolverUnreachable: CauseKind = {
  id: 'resolver-unreachable',
  find(situation) {
    if (situation.type !== 'name' || situation.reason !== 'no-answer') return null;
    const { snapshot, namespace, name, said, server } = situation;
    const inner = server?.inner ?? null;
    return {
      id: 'resolver-unreachable',
      place: inner?.place ?? { namespace },
      certainty: inner?.certainty ?? 'certain',
      params: {
        ...inner?.params,
        name,
        asker: labelIn(snapshot, namespace),
        said,
        server: server?.address ?? null,
        via: server?.via ?? null,
        free: server?.arrives ?? null,
        because: inner?.id ?? null,
      },
      evidence: [
        { source: readIn(snapshot, namespace, ['getent', 'hosts', name]), text: said },
        ...(inner?.evidence ?? []),
      ],
      remedies: remediesFor(situation, inner?.remedies ?? []),
    };
  },
  text: {
    en: {
      summary: (p) =>
        p('because') === ''
          ? p('server') === ''
            ? `The name server of ${p('asker')} cannot say what ${p('name')} means`
            : `${p('asker')} cannot ask what ${p('name')} means: its name server ${p('server')} does not answer`
          : p('via') === ''
            ? `${p('asker')} cannot ask its name server ${p('server')} what ${p('name')} means: ${p('because:summary')}`
            : `The name server ${p('via')} of ${p('asker')} cannot ask ${p('server')} what ${p('name')} means: ${p('because:summary')}`,
      explanation: (p) =>
        `Before anything is sent, a name has to become an address. ${
          p('server') === ''
            ? `The server was asked, and answers that it cannot tell (${clauses(p('said'))}). The way to it is in order; what is wrong is behind it: its own configuration, or the servers that it asks in its turn. Look at its log.`
            : `${p('via') === '' ? '' : `${p('via')} is the container engine's own name server: what it does not know itself it passes on, from inside the container, to ${p('server')}. `}The server that knows gives no answer (${clauses(p('said'))}), so nobody can say whether the name is right. ${
                p('because:explanation') === ''
                  ? p('free') === 'true'
                    ? 'As far as can be seen, the question gets there and an answer would come back: the program that takes it keeps quiet, or something beyond what can be seen from here is in the way. Look at its log.'
                    : 'The leg “dns” shows how far a question gets.'
                  : p('because:explanation')
              }`
        }`,
    },
    'zh-cn': {
      summary: (p) =>
        p('because') === ''
          ? p('server') === ''
            ? `${p('asker')} 的名字服务器说不出 ${p('name')} 是什么`
            : `${p('asker')} 无法查询 ${p('name')}：名字服务器 ${p('server')} 没有应答`
          : p('via') === ''
            ? `${p('asker')} 无法向名字服务器 ${p('server')} 查询 ${p('name')}：${p('because:summary')}`
            : `${p('asker')} 的名字服务器 ${p('via')} 无法再向 ${p('server')} 查询 ${p('name')}：${p('because:summary')}`,
      explanation: (p) =>
        `发送之前，名字必须先变成地址。${
          p('server') === ''
            ? `服务器收到了查询，却回答说它不知道（${said(p('said'), 'zh-cn')}）。通往它的路没有问题，问题在它身后：它自己的配置，或者它再去询问的服务器。请看它的日志。`
            : `${p('via') === '' ? '' : `${p('via')} 是容器引擎自带的名字服务器：它自己不知道的名字，会从容器里面转问 ${p('server')}。`}知道答案的服务器没有应答（${said(p('said'), 'zh-cn')}），所以无法判断这个名字对不对。${
                p('because:explanation') === ''
                  ? p('free') === 'true'
                    ? '就目前看到的情况，查询能到达，应答也能回来：要么收到查询的程序没有作声，要么拦路的东西在这里看不到。请看它的日志。'
                    : '“dns”一段显示了查询走到哪里。'
                  : p('because:explanation')
              }`
        }`,
    },
  },
};

/**
 * What mends the way to the server; or another server, one that the host itself asks. That comes first where the way cannot be
 * mended, and where the server is on a loopback: nobody wants one in each container.
 */
function remediesFor(situation: NameSituation, mending: readonly Remedy[]): readonly Remedy[] {
  const others = askAnother(situation);
  const { server } = situation;
  return server !== undefined && isStub(server.address) ? [...others, ...mending] : [...mending, ...others];
}

function askAnother({ snapshot, flow, server }: NameSituation): readonly Remedy[] {
  const asking = askingFiles(snapshot, flow);
  const [to] = server?.others ?? [];
  if (!server || !asking || to === undefined) return [];
  const { namespace, container, engine } = asking;
  const host = findNamespace(snapshot, namespace)?.host ?? '';
  // What the host itself asks is its own matter.
  if (findHost(snapshot, host)?.rootNamespace === namespace) return [];
  const from = server.address;
  if (server.via === undefined)
    return [
      {
        actions: [
          { kind: 'edit-resolver', namespace, container, change: { type: 'replace-server', from, to } },
        ],
      },
    ];
  const asker = engine?.containers.find((it) => it.namespace === namespace && it.name === container);
  if (!engine || !asker || container === null) return [];
  const told = asker.nameServers !== undefined ? 'container' : engine.settings?.nameServers ? 'engine' : null;
  if (told === null) return [];
  return [{ actions: [{ kind: 'tell-name-server', host, ...keyOf(engine), container, told, from, to }] }];
}
