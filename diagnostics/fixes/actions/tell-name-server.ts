import { engineKey, enginesOn, withContainers, withEngine } from '../../model/engines.ts';
import type { HostId } from '../../model/ids.ts';
import { shellWord } from '../../model/shell-word.ts';
import { findHost, type Host } from '../../model/snapshot.ts';
import type { ActionKind } from '../action.ts';

/**
 * Whom Docker's own name server asks for what it does not know is said when a container is made, or when the engine starts: a
 * person makes one of them anew.
 */
export interface TellNameServer {
  readonly kind: 'tell-name-server';
  readonly host: HostId;
  /** Key of the engine, where that is not the one that a docker client asks. */
  readonly engine?: string;
  readonly container: string;
  /** Who was told: the container (`--dns`), or the engine for all that were not told anything. */
  readonly told: 'container' | 'engine';
  readonly from: string;
  readonly to: string;
}

export const tellNameServer: ActionKind<TellNameServer> = {
  steps: () => [],
  undo: () => [],
  change(action, snapshot) {
    const host = findHost(snapshot, action.host);
    return host
      ? { ...snapshot, hosts: snapshot.hosts.map((it) => (it === host ? changed(action, it) : it)) }
      : snapshot;
  },
  text: {
    en: ({ told, container, from, to }) =>
      told === 'container'
        ? {
            title: `Make the container ${container} anew with --dns ${to} instead of --dns ${from} (dns in a compose file)`,
            permanent: null,
            sideEffects: [],
          }
        : {
            title: `Tell the engine to ask ${to} instead of ${from} ("dns" in /etc/docker/daemon.json, or its option --dns), restart it, and then ${shellWord(container)}`,
            permanent: null,
            sideEffects: [`Every container that was not told otherwise asks ${to} then.`],
          },
    'zh-cn': ({ told, container, from, to }) =>
      told === 'container'
        ? {
            title: `重新创建容器 ${container}，用 --dns ${to} 代替 --dns ${from}（compose 文件里的 dns）`,
            permanent: null,
            sideEffects: [],
          }
        : {
            title: `让引擎询问 ${to} 而不是 ${from}（/etc/docker/daemon.json 中的 "dns"，或它的选项 --dns），重启引擎，再重启 ${shellWord(container)}`,
            permanent: null,
            sideEffects: [`此后没有另行指定的容器都会询问 ${to}。`],
          },
  },
};

function changed({ engine: key, container, told, from, to }: TellNameServer, host: Host): Host {
  const replaced = (servers: readonly string[] | undefined): readonly string[] =>
    (servers ?? []).map((server) => (server === from ? to : server));
  if (told === 'container')
    return withContainers(host, (one) =>
      one.name === container && one.nameServers ? { ...one, nameServers: replaced(one.nameServers) } : one,
    );
  const engine = enginesOn(host).find((it) => engineKey(it) === (key ?? 'docker'));
  if (!engine) return host;
  return withEngine(host, engine, (it) => ({
    ...it,
    settings: { ...it.settings, nameServers: replaced(it.settings?.nameServers) },
  }));
}
