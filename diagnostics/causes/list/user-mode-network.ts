import {
  ownContainers,
  engineWord,
  engineCommand,
  isBehindProgram,
  type OwnContainer,
} from '../../model/engines.ts';
import type { NamespaceId } from '../../model/ids.ts';
import { shellWord } from '../../model/shell-word.ts';
import { findHost, findNamespace } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import type { Remedy } from '../finding.ts';
import { engineLine } from '../evidence.ts';
import type { Situation } from '../situation.ts';

/** A container whose network ends in a program, as an ordinary user's does: nobody outside has a way to its address. */
export const userModeNetwork: CauseKind = {
  id: 'user-mode-network',
  find(situation) {
    const asked = askedFromOutside(situation);
    if (!asked) return null;
    const { engine, container } = asked;
    const { protocol, port } = situation.flow;
    const published = container.publishedPorts.find(
      (it) => it.protocol === protocol && it.containerPort === port,
    );
    return {
      id: 'user-mode-network',
      place: { namespace: container.namespace ?? '' },
      certainty: 'certain',
      params: {
        container: container.name,
        engine: engineWord(engine),
        rootless: engine.rootless === true,
        client: engineCommand(engine).map(shellWord).join(' '),
        program: /^(\w+)/.exec(container.networkMode)?.[1] ?? '',
        port,
        hostPort: published?.hostPort ?? null,
      },
      evidence: [
        engine.kind === 'docker'
          ? {
              source: engineLine(engine, 'info', '-f', '{{.SecurityOptions}}'),
              text: 'name=rootless',
            }
          : {
              source: engineLine(engine, 'inspect', '-f', '{{.HostConfig.NetworkMode}}', container.name),
              text: container.networkMode,
            },
        {
          source: engineLine(engine, 'port', container.name),
          text: published
            ? `${port}/${protocol} -> ${published.hostAddress}:${published.hostPort}`
            : 'nothing',
        },
      ],
      // What “localhost” is to the host, it is to nobody else.
      remedies:
        published && asksAsHost(situation) ? [askHost(published.hostPort, published.hostAddress)] : [],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('container')} ${p('rootless') === 'true' ? 'runs without root’s rights' : `was made with “--network ${p('program')}”`}: its network is a program’s, and its address is nobody’s to ask`,
      explanation: (p) =>
        `${p('rootless') === 'true' ? 'An ordinary user may not wire a container to the host. So ' : ''}${p('engine')} gives ${p('container')} a network that ends in a program, which carries its connections out; nothing leads in. Only a published port does, which another program keeps open on the host. ${p('hostPort') === '' ? `Port ${p('port')} is not published: make the container anew with -p ${p('port')}:${p('port')} (${p('client')} run), or put both containers on one network${p('rootless') === 'true' ? ' of that user' : ' (--network)'}.` : `Port ${p('port')} is published: ask the host, on port ${p('hostPort')}.`}`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('container')} ${p('rootless') === 'true' ? '以普通用户的权限运行' : `是用“--network ${p('program')}”创建的`}：它的网络由一个程序维持，从外面无法访问它的地址`,
      explanation: (p) =>
        `${p('rootless') === 'true' ? '普通用户无权把容器接到宿主机上。因此 ' : ''}${p('engine')} 给 ${p('container')} 的网络止于一个程序：它替容器把连接送出去，却没有路进来。只有发布的端口才能进来，由另一个程序在宿主机上打开。${p('hostPort') === '' ? `端口 ${p('port')} 没有发布：请用 -p ${p('port')}:${p('port')} 重新创建容器（${p('client')} run），或者把两个容器放进${p('rootless') === 'true' ? '该用户的' : ''}同一个网络。` : `端口 ${p('port')} 已经发布：请访问宿主机的端口 ${p('hostPort')}。`}`,
    },
  },
};

const LOOPBACK = '127.0.0.1';

const askHost = (port: number, hostAddress: string): Remedy => {
  const address = ['', '0.0.0.0', '::'].includes(hostAddress) ? LOOPBACK : hostAddress;
  return { actions: [{ kind: 'ask-instead', to: address, port, address }] };
};

const asksAsHost = ({ snapshot, flow: { from } }: Situation): boolean =>
  from.type === 'namespace' && findHost(snapshot, from.host)?.rootNamespace === from.namespace;

/** The container behind a program that was asked for, by somebody who shares no network with it. */
function askedFromOutside(situation: Situation): OwnContainer | null {
  const { snapshot, flow } = situation;
  const { from, to } = flow;
  if (to.type !== 'namespace' || (from.type === 'namespace' && from.namespace === to.namespace)) return null;
  const lost = situation.type === 'end' ? situation.side === 'to' : situation.type === 'way';
  if (!lost || (situation.type === 'way' && situation.direction === 'back')) return null;
  const host = findHost(snapshot, findNamespace(snapshot, to.namespace)?.host ?? '');
  const asked = ownContainers(host).find(({ container }) => container.namespace === to.namespace);
  if (!asked || !(asked.engine.rootless === true || isBehindProgram(asked.container))) return null;
  return from.type === 'namespace' && isInside(asked, from.namespace) ? null : asked;
}

/** Whether somebody shares a network with the container, or the router of all networks of its engine. */
function isInside({ engine, container }: OwnContainer, asker: NamespaceId): boolean {
  const own = engine.containers.filter(({ namespace }) => namespace === asker);
  return engine.namespace !== undefined
    ? engine.namespace === asker || own.length > 0
    : own.some(({ networks }) =>
        networks.some(({ networkId }) => container.networks.some((it) => it.networkId === networkId)),
      );
}
