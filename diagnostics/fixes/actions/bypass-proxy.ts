import { withContainers } from '../../model/engines.ts';
import type { HostId } from '../../model/ids.ts';
import type { ActionKind } from '../action.ts';

/** A person makes the container anew with the name in no_proxy: the environment of a running one cannot be changed. */
export interface BypassProxy {
  readonly kind: 'bypass-proxy';
  readonly host: HostId;
  readonly container: string;
  readonly name: string;
}

export const bypassProxy: ActionKind<BypassProxy> = {
  steps: () => [],
  undo: () => [],
  change: ({ host, container, name }, snapshot) => ({
    ...snapshot,
    hosts: snapshot.hosts.map((it) =>
      it.id !== host
        ? it
        : withContainers(it, (one) =>
            one.name === container && one.proxies
              ? { ...one, proxies: { ...one.proxies, noProxy: [...one.proxies.noProxy, name] } }
              : one,
          ),
    ),
  }),
  text: {
    en: ({ container, name }) => ({
      title: `Add ${name} to no_proxy (and NO_PROXY) of ${container}, and make the container anew`,
      permanent: `Set it with -e, in the compose file, or under “proxies” in ~/.docker/config.json.`,
      sideEffects: [`Web requests of ${container} for ${name} are then no longer seen by the proxy.`],
    }),
    'zh-cn': ({ container, name }) => ({
      title: `在 ${container} 的 no_proxy（和 NO_PROXY）中加上 ${name}，并重新创建容器`,
      permanent: '用 -e、在 compose 文件里，或在 ~/.docker/config.json 的“proxies”中设置。',
      sideEffects: [`此后 ${container} 对 ${name} 的 Web 请求不再经过代理。`],
    }),
  },
};
