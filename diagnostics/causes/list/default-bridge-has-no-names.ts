import { defaultNetwork, ENGINE_DNS, engineWord, hasNames, keyOf } from '../../model/engines.ts';
import type { CauseKind } from '../cause.ts';
import { engineLine } from '../evidence.ts';
import { networkNames } from '../containers.ts';
import { askingContainer } from '../names.ts';

/** Both containers are on Docker's default bridge, where containers have no names for each other. */
export const defaultBridgeHasNoNames: CauseKind = {
  id: 'default-bridge-has-no-names',
  find(situation) {
    const asking = situation.type === 'name' ? askingContainer(situation) : null;
    if (!asking || situation.type !== 'name') return null;
    const { asker, host, engine } = asking;
    const nameless = defaultNetwork(engine);
    const target = asking.meant.find((it) => networkNames(it).includes(nameless));
    if (!target || !networkNames(asker).includes(nameless)) return null;
    if (engine.networks.some((it) => it.name === nameless && hasNames(engine, it))) return null;
    const network = freeName(engine.networks.map(({ name }) => name));
    const connect = (container: string) => ({
      kind: 'connect-network' as const,
      host,
      ...keyOf(engine),
      container,
      network,
    });
    return {
      id: 'default-bridge-has-no-names',
      place: { namespace: situation.namespace },
      certainty: 'certain',
      params: {
        name: situation.name,
        asker: asker.name,
        container: target.name,
        network,
        engine: engineWord(engine),
        nameless,
        server: engine.kind === 'docker' ? ENGINE_DNS : null,
      },
      evidence: [
        {
          source: engineLine(engine, 'exec', asker.name, 'cat', '/etc/resolv.conf'),
          text:
            asker.resolver.state === 'known'
              ? asker.resolver.value.nameservers.map((server) => `nameserver ${server}`).join('; ')
              : situation.said,
        },
      ],
      remedies: [
        {
          actions: [
            { kind: 'create-network', host, ...keyOf(engine), network },
            connect(asker.name),
            connect(target.name),
          ],
        },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('asker')} and ${p('container')} are on ${p('engine')}'s default network “${p('nameless')}”, where containers have no names`,
      explanation: (p) =>
        `${p('engine')}'s own name server${p('server') === '' ? '' : ` (${p('server')})`} serves only networks that a user made. On the default network, ${p('asker')} asks the host's name servers instead, and these do not know containers, so ${p('name')} is unknown. Put both on a network of their own; the name then works by itself.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('asker')} 和 ${p('container')} 在 ${p('engine')} 的默认网络“${p('nameless')}”上，那里的容器没有名字`,
      explanation: (p) =>
        `${p('engine')} 自带的名字服务器${p('server') === '' ? '' : `（${p('server')}）`}只服务于用户创建的网络。在默认网络上，${p('asker')} 询问的是宿主机的名字服务器，而它不认识容器，所以 ${p('name')} 无法解析。把两个容器放进一个自建的网络，名字就能用了。`,
    },
  },
};

const freeName = (taken: readonly string[]): string =>
  ['app-net', ...Array.from({ length: 50 }, (_, i) => `app-net-${i + 2}`)].find(
    (name) => !taken.includes(name),
  ) ?? 'app-net-x';
