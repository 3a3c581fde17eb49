import { containersOn, enginesOn } from '../model/engines.ts';
import type { Language, Localised } from '../model/language.ts';
import type { NamespaceId } from '../model/ids.ts';
import { findHost, findNamespace, type Snapshot } from '../model/snapshot.ts';
import { linkNamed } from './patch.ts';
import { dotted } from './sysctl-words.ts';

/** What is changed, as far as it tells who makes it. */
interface Changed {
  readonly kind: string;
  readonly namespace: NamespaceId;
  readonly dev?: string;
  readonly key?: unknown;
  readonly value?: unknown;
}

/** Whose is what an engine makes: the network of a container, or the bridge and the wires of its own networks. */
type Maker =
  | { readonly type: 'container'; readonly name: string; readonly sysctl: string | null }
  | { readonly type: 'engine'; readonly dev: string };

/**
 * How to make a change last where a container engine makes what is changed: no network configuration of a person's knows of it.
 * Null: nobody but the machine's own configuration makes it.
 */
export function permanentByEngine(changed: Changed, snapshot: Snapshot, language: Language): string | null {
  const maker = makerOf(changed, snapshot);
  return maker === null ? null : TEXT[language](maker);
}

const TEXT: Localised<(maker: Maker) => string> = {
  en: (maker) =>
    maker.type === 'engine'
      ? `The container engine makes ${maker.dev}, as it should be, when it or the container starts: find what changed it since (NetworkManager, a script).`
      : maker.sysctl === null
        ? `${maker.name} gets its network anew from the engine at each start: what it had at first comes back by a restart; anything else belongs into what starts its program (with --cap-add NET_ADMIN).`
        : `Start ${maker.name} with --sysctl ${maker.sysctl} (sysctls in a compose file).`,
  'zh-cn': (maker) =>
    maker.type === 'engine'
      ? `${maker.dev} 由容器引擎在它自己或容器启动时创建，那时是正确的：请找出后来是什么改了它（NetworkManager、某个脚本）。`
      : maker.sysctl === null
        ? `${maker.name} 每次启动时，引擎都会重新建立它的网络：原来就有的，重启即可恢复；其他改动要写进启动它的程序的脚本（需要 --cap-add NET_ADMIN）。`
        : `启动 ${maker.name} 时加上 --sysctl ${maker.sysctl}（compose 文件里的 sysctls）。`,
};

/** Those whose lasting form is not in the network of a container. */
const OWN_WORDS: ReadonlySet<string> = new Set(['serve', 'edit-resolver', 'drain-queue', 'bypass-proxy']);

/** Those of an interface itself. */
const OF_LINKS: ReadonlySet<string> = new Set([
  'link-up',
  'set-master',
  'set-mtu',
  'open-port',
  'stop-snooping',
  'add-address',
]);

function makerOf({ kind, namespace, dev, key, value }: Changed, snapshot: Snapshot): Maker | null {
  if (OWN_WORDS.has(kind)) return null;
  const host = findHost(snapshot, findNamespace(snapshot, namespace)?.host ?? '');
  if (host?.rootNamespace !== namespace) {
    const container = containersOn(host).find((it) => it.namespace === namespace);
    if (!container) return null;
    const sysctl = typeof key === 'string' && typeof value === 'string' ? `${dotted(key)}=${value}` : null;
    return { type: 'container', name: container.name, sysctl };
  }
  if (dev === undefined || !OF_LINKS.has(kind)) return null;
  const bridge = enginesOn(host).some(({ networks }) => networks.some((network) => network.bridge === dev));
  const peer = linkNamed(snapshot, namespace, dev)?.peer?.namespace;
  // Containers with the host's own network live there too.
  const wire =
    typeof peer === 'string' && peer !== namespace && containersOn(host).some((it) => it.namespace === peer);
  return bridge || wire ? { type: 'engine', dev } : null;
}
