import { findHost, findNamespace } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import { readIn, engineLine } from '../evidence.ts';
import { socketsIn } from '../listeners.ts';
import { askingFiles } from '../names.ts';
import { labelIn } from '../situation.ts';
import { isStub, serversOfHost } from '../stub-servers.ts';

/** resolv.conf names a server on the loopback, as the host's does; here nobody serves it, for the loopback is another one. */
export const stubResolverInContainer: CauseKind = {
  id: 'stub-resolver-in-container',
  find(situation) {
    if (situation.type !== 'name' || situation.reason !== 'no-answer') return null;
    const { snapshot, flow, name, said } = situation;
    const asking = askingFiles(snapshot, flow);
    if (!asking) return null;
    const { namespace, container, engine, files } = asking;
    const host = findNamespace(snapshot, namespace)?.host ?? '';
    if (findHost(snapshot, host)?.rootNamespace === namespace) return null;
    const stub = files.nameservers.find(isStub);
    if (stub === undefined) return null;
    const served = socketsIn(snapshot, namespace).some(
      ({ protocol, port }) => protocol === 'udp' && port === 53,
    );
    if (served) return null;
    const [right] = serversOfHost(snapshot, namespace);
    return {
      id: 'stub-resolver-in-container',
      place: { namespace },
      certainty: 'certain',
      params: { name, namespace: labelIn(snapshot, namespace), stub, right: right ?? null, said },
      evidence: [
        {
          source:
            container === null
              ? (files.files?.resolvConf ?? '/etc/resolv.conf')
              : engineLine(engine, 'exec', container, 'cat', '/etc/resolv.conf'),
          text: files.nameservers.map((server) => `nameserver ${server}`).join('; '),
        },
        { source: readIn(snapshot, namespace, ['ss', '-lnup']), text: 'nothing on udp port 53' },
      ],
      remedies:
        right === undefined
          ? []
          : [
              {
                actions: [
                  {
                    kind: 'edit-resolver',
                    namespace,
                    container,
                    change: { type: 'replace-server', from: stub, to: right },
                  },
                ],
              },
            ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('namespace')} asks ${p('stub')} for names: that is its own loopback, where no name server runs`,
      explanation: (p) =>
        `On many machines a small name server (systemd-resolved's stub, dnsmasq) listens on the loopback, and /etc/resolv.conf names it. Copied into a container or a network namespace, ${p('stub')} means another loopback, and nobody answers there. ${p('right') === '' ? 'Name a server that can be reached from inside.' : `The host's own servers can be asked directly: ${p('right')}.`} For Docker, set "dns" in /etc/docker/daemon.json; networks made by a user do not have the problem, since Docker's own 127.0.0.11 asks for them.`,
    },
    'zh-cn': {
      summary: (p) => `${p('namespace')} 向 ${p('stub')} 查询名字：那是它自己的回环地址，上面没有名字服务器`,
      explanation: (p) =>
        `许多机器在回环地址上运行一个小型名字服务器（systemd-resolved 的 stub、dnsmasq），/etc/resolv.conf 指向它。这个文件被复制到容器或网络命名空间里之后，${p('stub')} 指的是另一个回环接口，那里没有人应答。${p('right') === '' ? '请写一个从里面到得了的服务器。' : `可以直接询问宿主机所用的服务器：${p('right')}。`}Docker 可以在 /etc/docker/daemon.json 中设置 "dns"；用户自建的网络没有这个问题，因为 Docker 自己的 127.0.0.11 会代为查询。`,
    },
  },
};
