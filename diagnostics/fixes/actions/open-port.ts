import type { NamespaceId } from '../../model/ids.ts';
import type { BridgePort } from '../../model/link.ts';
import { exec, type ActionKind } from '../action.ts';
import { changeLink, forgetFailedNeighbours, linkNamed, refreshBridges } from '../patch.ts';

/** Lets a bridge port pass frames again: out of a blocked state, or out of isolation. */
export interface OpenPort {
  readonly kind: 'open-port';
  readonly namespace: NamespaceId;
  readonly dev: string;
  readonly what: 'state' | 'isolated';
}

/** Of `bridge link set … state`: BR_STATE_* of include/uapi/linux/if_bridge.h. */
const STATES: Readonly<Record<BridgePort['state'], number>> = {
  disabled: 0,
  listening: 1,
  learning: 2,
  forwarding: 3,
  blocking: 4,
};

export const openPort: ActionKind<OpenPort> = {
  steps: ({ namespace, dev, what }, snapshot) => [
    exec(snapshot, namespace, set(dev, what === 'state' ? ['state', '3'] : ['isolated', 'off'])),
  ],
  undo({ namespace, dev, what }, snapshot) {
    const state = linkNamed(snapshot, namespace, dev)?.port?.state ?? 'blocking';
    const words = what === 'state' ? ['state', String(STATES[state])] : ['isolated', 'on'];
    return [exec(snapshot, namespace, set(dev, words))];
  },
  change: ({ namespace, dev, what }, snapshot) =>
    forgetFailedNeighbours(
      refreshBridges(
        changeLink(
          snapshot,
          namespace,
          ({ name }) => name === dev,
          (link) =>
            link.port
              ? {
                  ...link,
                  port: {
                    ...link.port,
                    ...(what === 'state' ? { state: 'forwarding' } : { isolated: false }),
                  },
                }
              : link,
        ),
        namespace,
      ),
    ),
  text: {
    en: ({ dev, what }, where) => ({
      title:
        what === 'state'
          ? `Let the bridge port ${dev} in ${where} forward frames`
          : `Take the bridge port ${dev} in ${where} out of isolation`,
      permanent: `Correct the port in the network configuration of ${where}, or in whatever sets it.`,
      sideEffects: what === 'state' ? [] : [`All isolated ports of the bridge reach ${dev} then.`],
    }),
    'zh-cn': ({ dev, what }, where) => ({
      title:
        what === 'state'
          ? `让 ${where} 中的网桥端口 ${dev} 恢复转发`
          : `取消 ${where} 中网桥端口 ${dev} 的隔离`,
      permanent: `在 ${where} 的网络配置或设置它的程序中改正这个端口。`,
      sideEffects: what === 'state' ? [] : [`此后网桥上所有被隔离的端口都能到达 ${dev}。`],
    }),
  },
};

const set = (dev: string, words: readonly string[]): readonly string[] => [
  ...['bridge', 'link', 'set', 'dev', dev],
  ...words,
];
