import type { CauseKind } from '../cause.ts';
import { shellLine } from '../evidence.ts';
import { networkNames } from '../containers.ts';
import { askingContainer } from '../names.ts';

/** Both containers are on Docker's default bridge, where containers have no names for each other. */
export const defaultBridgeHasNoNames: CauseKind = {
  id: 'default-bridge-has-no-names',
  find(situation) {
    const asking = situation.type === 'name' ? askingContainer(situation) : null;
    const target = asking?.meant.find((it) => networkNames(it).includes('bridge'));
    if (!asking || !target || situation.type !== 'name') return null;
    const { asker, host, engine } = asking;
    if (!networkNames(asker).includes('bridge')) return null;
    const network = freeName(engine.networks.map(({ name }) => name));
    const connect = (container: string) => ({ kind: 'connect-network' as const, host, container, network });
    return {
      id: 'default-bridge-has-no-names',
      place: { namespace: situation.namespace },
      certainty: 'certain',
      params: { name: situation.name, asker: asker.name, container: target.name, network },
      evidence: [
        {
          source: shellLine(['docker', 'exec', asker.name, 'cat', '/etc/resolv.conf']),
          text:
            asker.resolver.state === 'known'
              ? asker.resolver.value.nameservers.map((server) => `nameserver ${server}`).join('; ')
              : situation.said,
        },
      ],
      remedies: [
        {
          actions: [{ kind: 'create-network', host, network }, connect(asker.name), connect(target.name)],
        },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('asker')} and ${p('container')} are on Docker's default network “bridge”, where containers have no names`,
      explanation: (p) =>
        `Docker's own name server (127.0.0.11) serves only networks that a user made. On the default network, ${p('asker')} asks the host's name servers instead, and these do not know containers, so ${p('name')} is unknown. Put both on a network of their own; the name then works by itself.`,
    },
    'zh-cn': {
      summary: (p) => `${p('asker')} 和 ${p('container')} 在 Docker 的默认网络“bridge”上，那里的容器没有名字`,
      explanation: (p) =>
        `Docker 自带的名字服务器（127.0.0.11）只服务于用户创建的网络。在默认网络上，${p('asker')} 询问的是宿主机的名字服务器，而它不认识容器，所以 ${p('name')} 无法解析。把两个容器放进一个自建的网络，名字就能用了。`,
    },
  },
};

const freeName = (taken: readonly string[]): string =>
  ['app-net', ...Array.from({ length: 50 }, (_, i) => `app-net-${i + 2}`)].find(
    (name) => !taken.includes(name),
  ) ?? 'app-net-x';
