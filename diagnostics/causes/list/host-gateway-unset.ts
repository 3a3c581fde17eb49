import type { CauseKind } from '../cause.ts';
import { engineLine } from '../evidence.ts';
import { askingContainer } from '../names.ts';

const HOST_NAME = 'host.docker.internal';

/** The name that Docker Desktop gives the host; an engine on Linux does not, unless it is told to. */
export const hostGatewayUnset: CauseKind = {
  id: 'host-gateway-unset',
  find(situation) {
    if (situation.type !== 'name' || situation.name.replace(/\.$/, '').toLowerCase() !== HOST_NAME)
      return null;
    const asking = askingContainer(situation);
    if (!asking) return null;
    const { asker, engine } = asking;
    const gateway = asker.networks.find((network) => network.gateway !== undefined)?.gateway;
    return {
      id: 'host-gateway-unset',
      place: { namespace: situation.namespace },
      certainty: 'certain',
      params: { name: situation.name, container: asker.name, gateway: gateway ?? null },
      evidence: [
        {
          source: engineLine(engine, 'exec', asker.name, 'cat', '/etc/hosts'),
          text: `no line for ${HOST_NAME}`,
        },
        {
          source: engineLine(engine, 'inspect', '-f', '{{.HostConfig.ExtraHosts}}', asker.name),
          text: '[]',
        },
      ],
      remedies:
        gateway === undefined
          ? []
          : [{ actions: [{ kind: 'ask-instead', to: gateway, port: null, address: gateway }] }],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('container')} was not told what ${p('name')} means: on Linux nobody defines it by itself`,
      explanation: (p) =>
        `Docker Desktop gives every container the name ${p('name')} for the machine it runs on. An engine on Linux does so only where the container was made with “--add-host=host.docker.internal:host-gateway” (extra_hosts in a compose file). ${p('gateway') === '' ? 'Make it anew with that option.' : `Make it anew with that option, or use ${p('gateway')}, the host's address on its network.`}`,
    },
    'zh-cn': {
      summary: (p) => `${p('container')} 不知道 ${p('name')} 是什么：在 Linux 上它不会自动定义`,
      explanation: (p) =>
        `Docker Desktop 会让每个容器都能用 ${p('name')} 这个名字访问所在的机器。而 Linux 上的引擎只有在创建容器时加了“--add-host=host.docker.internal:host-gateway”（compose 文件里的 extra_hosts）才会这样做。${p('gateway') === '' ? '请加上这个选项重新创建容器。' : `请加上这个选项重新创建容器，或者使用 ${p('gateway')}，即宿主机在它网络上的地址。`}`,
    },
  },
};
