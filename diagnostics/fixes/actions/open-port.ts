import type { NamespaceId } from '../../model/ids.ts';
import type { BridgePort } from '../../model/link.ts';
import { exec, type ActionKind } from '../action.ts';
import { refreshBridges } from '../carrier.ts';
import { changeLink, forgetFailedNeighbours, linkNamed } from '../patch.ts';

/** Lets a bridge port pass frames: out of a blocked state, of isolation, of a lock; back to where they came from; or on trial. */
export interface OpenPort {
  readonly kind: 'open-port';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly what:
    'state' | 'isolated' | 'hairpin' | 'locked' | 'flood' | 'proxied' | 'broadcast' | 'multicast';
}

/** Of `bridge link set … state`: BR_STATE_* of include/uapi/linux/if_bridge.h. */
const STATES: Readonly<Record<BridgePort['state'], number>> = {
  disabled: 0,
  listening: 1,
  learning: 2,
  forwarding: 3,
  blocking: 4,
};

const OPENED: Readonly<Record<OpenPort['what'], readonly string[]>> = {
  state: ['state', '3'],
  isolated: ['isolated', 'off'],
  hairpin: ['hairpin', 'on'],
  locked: ['locked', 'off'],
  flood: ['flood', 'on'],
  proxied: ['proxy_arp', 'off'],
  broadcast: ['bcast_flood', 'on'],
  multicast: ['mcast_flood', 'on'],
};

const opened = (port: BridgePort, what: OpenPort['what']): BridgePort => {
  const { locked, ...others } = port;
  const { proxyArp, ...unproxied } = port;
  const { broadcastFlood, ...broadcasting } = port;
  const { multicastFlood, ...multicasting } = port;
  switch (what) {
    case 'state':
      return { ...port, state: 'forwarding' };
    case 'isolated':
      return { ...port, isolated: false };
    case 'hairpin':
      return { ...port, hairpin: true };
    // Only a locked port says whether it is.
    case 'locked':
      return locked === undefined ? port : others;
    case 'flood':
      return { ...port, flood: true };
    // Only a port that is excepted says so.
    case 'proxied':
      return proxyArp === undefined ? port : unproxied;
    case 'broadcast':
      return broadcastFlood === undefined ? port : broadcasting;
    case 'multicast':
      return multicastFlood === undefined ? port : multicasting;
  }
};

export const openPort: ActionKind<OpenPort> = {
  steps: ({ namespace, dev, what }, snapshot) => [exec(snapshot, namespace, set(dev, what, OPENED[what]))],
  undo({ namespace, dev, what }, snapshot) {
    const state = linkNamed(snapshot, namespace, dev)?.port?.state ?? 'blocking';
    const words = {
      state: ['state', String(STATES[state])],
      isolated: ['isolated', 'on'],
      hairpin: ['hairpin', 'off'],
      locked: ['locked', 'on'],
      flood: ['flood', 'off'],
      proxied: ['proxy_arp', 'on'],
      broadcast: ['bcast_flood', 'off'],
      multicast: ['mcast_flood', 'off'],
    };
    return [exec(snapshot, namespace, set(dev, what, words[what]))];
  },
  change: ({ namespace, dev, what }, snapshot) =>
    forgetFailedNeighbours(
      refreshBridges(
        changeLink(
          snapshot,
          namespace,
          ({ name }) => name === dev,
          (link) => (link.port ? { ...link, port: opened(link.port, what) } : link),
        ),
        namespace,
      ),
    ),
  text: {
    en: ({ dev, what }, where) => ({
      title: {
        state: `Let the bridge port ${dev} in ${where} forward frames`,
        isolated: `Take the bridge port ${dev} in ${where} out of isolation`,
        hairpin: `Let the bridge port ${dev} in ${where} send frames back to where they came from`,
        locked: `Unlock the bridge port ${dev} in ${where}`,
        flood: `Let the bridge in ${where} try ${dev} for addresses that it does not know`,
        proxied: `Let the bridge in ${where} pass everything on to ${dev}, and answer for nobody behind it`,
        broadcast: `Let the bridge in ${where} send broadcasts out by ${dev} too`,
        multicast: `Let the bridge in ${where} send multicasts out by ${dev} too`,
      }[what],
      permanent: `Correct the port in the network configuration of ${where}, or in whatever sets it.`,
      sideEffects: [],
      opens: {
        state: [],
        isolated: [`All isolated ports of the bridge reach ${dev} then.`],
        hairpin: [],
        locked: [`Everybody behind ${dev} may then use the bridge.`],
        flood: [],
        proxied: [],
        broadcast: [],
        multicast: [],
      }[what],
    }),
    'zh-cn': ({ dev, what }, where) => ({
      title: {
        state: `让 ${where} 中的网桥端口 ${dev} 恢复转发`,
        isolated: `取消 ${where} 中网桥端口 ${dev} 的隔离`,
        hairpin: `允许 ${where} 中的网桥端口 ${dev} 把帧从来时的端口发回去`,
        locked: `解除 ${where} 中网桥端口 ${dev} 的锁定`,
        flood: `让 ${where} 的网桥可以把不认识的地址也发往 ${dev}`,
        proxied: `让 ${where} 的网桥不再替 ${dev} 后面的机器代答，帧照常发给它们`,
        broadcast: `让 ${where} 的网桥把广播也从 ${dev} 发出去`,
        multicast: `让 ${where} 的网桥把组播也从 ${dev} 发出去`,
      }[what],
      permanent: `在 ${where} 的网络配置或设置它的程序中改正这个端口。`,
      sideEffects: [],
      opens: {
        state: [],
        isolated: [`此后网桥上所有被隔离的端口都能到达 ${dev}。`],
        hairpin: [],
        locked: [`此后 ${dev} 后面的所有机器都能使用这个网桥。`],
        flood: [],
        proxied: [],
        broadcast: [],
        multicast: [],
      }[what],
    }),
  },
};

/** bridge(8) has no word for `proxy_arp`. */
const set = (dev: string, what: OpenPort['what'], words: readonly string[]): readonly string[] =>
  what === 'proxied'
    ? ['ip', 'link', 'set', 'dev', dev, 'type', 'bridge_slave', ...words]
    : ['bridge', 'link', 'set', 'dev', dev, ...words];
