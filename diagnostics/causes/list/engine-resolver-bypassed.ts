import { engineServers, engineWord } from '../../model/engines.ts';
import type { CauseKind } from '../cause.ts';
import { engineLine } from '../evidence.ts';
import { askingContainer, askingFiles } from '../names.ts';
import { engineNames } from '../../simulate/names/names.ts';

/**
 * The container's resolv.conf does not name the engine's own server, the only one that knows containers: something wrote the
 * file anew (an entry script, a VPN or DHCP client), or another was mounted over it.
 */
export const engineResolverBypassed: CauseKind = {
  id: 'engine-resolver-bypassed',
  lists: ['asked'],
  find(situation) {
    if (situation.type !== 'name') return null;
    const asking = askingContainer(situation);
    const read = askingFiles(situation.snapshot, situation.flow);
    if (!asking || read?.container !== asking.asker.name) return null;
    const { asker, engine } = asking;
    const { nameservers } = read.files;
    const servers = engineServers(engine, asker);
    const [right] = servers;
    const [first = null] = nameservers;
    if (right === undefined || (first !== null && servers.includes(first))) return null;
    const [meant] = engineNames(engine, asker, situation.name.replace(/\.$/, ''));
    if (!meant) return null;
    const { namespace } = situation;
    const change =
      first === null
        ? { type: 'add-server' as const, server: right }
        : { type: 'replace-server' as const, from: first, to: right };
    return {
      id: 'engine-resolver-bypassed',
      place: { namespace },
      certainty: 'certain',
      params: {
        name: situation.name,
        asker: asker.name,
        asked: nameservers.length === 0 ? null : nameservers.join(', '),
        server: right,
        engine: engineWord(engine),
        container: meant.container.name,
        network: meant.network,
      },
      evidence: [
        {
          source: engineLine(engine, 'exec', asker.name, 'cat', '/etc/resolv.conf'),
          text:
            nameservers.length === 0
              ? 'no line “nameserver”'
              : nameservers.map((server) => `nameserver ${server}`).join('; '),
        },
      ],
      remedies: [
        { actions: [{ kind: 'edit-resolver', namespace, container: asker.name, change }] },
        { actions: [{ kind: 'ask-instead', to: meant.address, port: null }] },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `The resolv.conf of ${p('asker')} was changed: it ${p('asked') === '' ? 'names nobody' : `says to ask ${p('asked')}`}, and only ${p('engine')}'s own server ${p('server')} knows ${p('name')}`,
      explanation: (p) =>
        `On a network that a user made, ${p('engine')} writes “nameserver ${p('server')}” into the resolv.conf of each container: that server of its own knows containers by their names, and passes every other question on. ${p('asker')} no longer asks it. ${p('container')} runs beside it on ${p('network')}, and nobody whom ${p('asker')} asks has heard of it. Something overwrote the file: a volume over /etc/resolv.conf, the start script of the image, a VPN or DHCP client in the container. For other servers outside use --dns (dns in a compose file): these are asked by ${p('server')}.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('asker')} 的 resolv.conf 被改动过：${p('asked') === '' ? '里面没有名字服务器' : `里面写的是 ${p('asked')}`}，而只有 ${p('engine')} 自带的 ${p('server')} 认识 ${p('name')}`,
      explanation: (p) =>
        `在用户自建的网络上，${p('engine')} 会在每个容器的 resolv.conf 里写上“nameserver ${p('server')}”：这个自带的服务器认识容器的名字，其余的查询由它转发出去。${p('asker')} 现在不问它了。${p('container')} 就在同一个网络 ${p('network')} 上运行，但 ${p('asker')} 所问的服务器都没听说过它。有东西覆盖了这个文件：挂载到 /etc/resolv.conf 的卷、镜像的启动脚本，或者容器里的 VPN、DHCP 客户端。要使用外部的其他服务器，请用 --dns（compose 文件里的 dns）：${p('server')} 会去问它们。`,
    },
  },
};
