import { displayText } from '../../../diagnostics/model/display-text.ts';
import type { Link } from '../../../diagnostics/model/link.ts';
import { linkWord } from '../../../diagnostics/model/link-word.ts';
import type { CheckOf } from '../../format/check-schema.ts';
import type { CheckContext } from './context.ts';
import { fail, PASS, unknown, type CheckOutcome } from './outcome.ts';

/** The interfaces of a node, or why they cannot be seen. */
async function linksOf(context: CheckContext, node: string): Promise<readonly Link[] | CheckOutcome> {
  const fact = await context.fact(node, 'links');
  switch (fact.state) {
    case 'known':
      return fact.value;
    case 'absent':
    case 'unread':
      return fail(`There is no node ${node} any more.`, `节点 ${node} 已经不存在了。`);
    case 'denied':
      return unknown(`The interfaces of ${node} cannot be read.`, `无法读取 ${node} 的接口。`);
  }
}

const isOutcome = (value: readonly Link[] | CheckOutcome): value is CheckOutcome => 'state' in value;

const noDevice = (node: string, dev: string): CheckOutcome =>
  fail(`${node} has no interface ${dev}.`, `${node} 没有接口 ${dev}。`);

export async function checkLink(what: CheckOf<'link'>, context: CheckContext): Promise<CheckOutcome> {
  const { node, dev } = what;
  const links = await linksOf(context, node);
  if (isOutcome(links)) return links;
  const link = links.find((one) => one.name === dev);
  if (!link) return noDevice(node, dev);
  const type = linkWord(link.kind);
  if (what.type !== undefined && type !== what.type)
    return fail(
      `${dev} in ${node} is a ${displayText(type)}.`,
      `${node} 的 ${dev} 是 ${displayText(type)}。`,
    );
  if (what.up !== undefined && link.up !== what.up)
    return link.up
      ? fail(`${dev} in ${node} is up.`, `${node} 的 ${dev} 处于启用状态。`)
      : fail(`${dev} in ${node} is down.`, `${node} 的 ${dev} 没有启用。`);
  if (what.mtu !== undefined && link.mtu !== what.mtu)
    return fail(`${dev} in ${node} has an MTU of ${link.mtu}.`, `${node} 的 ${dev} 的 MTU 是 ${link.mtu}。`);
  return PASS;
}

export async function checkAddress(what: CheckOf<'address'>, context: CheckContext): Promise<CheckOutcome> {
  const { node, dev, address, length } = what;
  const links = await linksOf(context, node);
  if (isOutcome(links)) return links;
  if (dev !== undefined && !links.some((link) => link.name === dev)) return noDevice(node, dev);
  const found = links
    .flatMap((link) => link.addresses.map((one) => ({ ...one, dev: link.name })))
    .filter((one) => one.address === address);
  const here = found.find((one) => dev === undefined || one.dev === dev);
  if (!here) {
    const [elsewhere] = found;
    return elsewhere
      ? fail(
          `${node} has ${address} on ${displayText(elsewhere.dev)}, not on ${dev ?? ''}.`,
          `${node} 的 ${address} 在 ${displayText(elsewhere.dev)} 上，不在 ${dev ?? ''} 上。`,
        )
      : fail(
          `${dev === undefined ? node : `${dev} in ${node}`} does not have the address ${address}.`,
          `${dev === undefined ? node : `${node} 的 ${dev}`} 没有地址 ${address}。`,
        );
  }
  if (length !== undefined && here.length !== length)
    return fail(
      `${address} in ${node} has the prefix length /${here.length}.`,
      `${node} 的 ${address} 前缀长度是 /${here.length}。`,
    );
  return PASS;
}

export async function checkBridgePort(
  what: CheckOf<'bridge-port'>,
  context: CheckContext,
): Promise<CheckOutcome> {
  const { node, dev, bridge } = what;
  const links = await linksOf(context, node);
  if (isOutcome(links)) return links;
  const port = links.find((link) => link.name === dev);
  if (!port) return noDevice(node, dev);
  const master = links.find((link) => link.index === port.master);
  if (!master)
    return fail(`${dev} in ${node} is attached to no bridge.`, `${node} 的 ${dev} 没有接到任何网桥上。`);
  if (master.name !== bridge)
    return fail(
      `${dev} in ${node} is attached to ${displayText(master.name)}.`,
      `${node} 的 ${dev} 接在 ${displayText(master.name)} 上。`,
    );
  const state = port.port?.state ?? 'disabled';
  if (state !== what.state)
    return fail(
      `The bridge port ${dev} in ${node} is ${state}.`,
      `${node} 的网桥端口 ${dev} 处于 ${state} 状态。`,
    );
  return PASS;
}
