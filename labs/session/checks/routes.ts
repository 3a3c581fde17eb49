import * as z from 'zod';
import { displayText } from '../../../diagnostics/model/display-text.ts';
import type { CheckOf } from '../../format/check-schema.ts';
import type { CheckContext } from './context.ts';
import { fail, PASS, type CheckOutcome } from './outcome.ts';

const answer = z
  .array(
    z.object({ dev: z.string().optional(), gateway: z.string().optional(), type: z.string().optional() }),
  )
  .nonempty();

/** Asks the kernel which way a packet would take; no packet is sent. */
export async function checkRoute(what: CheckOf<'route'>, context: CheckContext): Promise<CheckOutcome> {
  const { node, to, via, dev } = what;
  const { exitCode, stdout } = await context.run(node, ['ip', '-j', 'route', 'get', to]);
  const parsed = exitCode === 0 ? answer.safeParse(parseJson(stdout)) : null;
  const route = parsed?.success ? parsed.data[0] : undefined;
  if (!route || (route.type !== undefined && route.type !== 'unicast' && route.type !== 'local'))
    return fail(`${node} has no route to ${to}.`, `${node} 没有到 ${to} 的路由。`);
  const out = displayText(route.dev ?? '?');
  if (via !== undefined && route.gateway !== via)
    return route.gateway === undefined
      ? fail(
          `${node} looks for ${to} directly at ${out}, not by way of ${via}.`,
          `${node} 直接在 ${out} 上找 ${to}，没有经过 ${via}。`,
        )
      : fail(
          `${node} sends packets for ${to} to ${displayText(route.gateway)}.`,
          `${node} 把发往 ${to} 的包交给了 ${displayText(route.gateway)}。`,
        );
  if (dev !== undefined && route.dev !== dev)
    return fail(`${node} sends packets for ${to} out of ${out}.`, `${node} 从 ${out} 发出给 ${to} 的包。`);
  return PASS;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Slashes keep the dots of an interface's name apart from those between the parts of a key (sysctl(8)). */
const path = (key: string): string => `/proc/sys/${key.includes('/') ? key : key.replaceAll('.', '/')}`;

export async function checkSysctl(what: CheckOf<'sysctl'>, context: CheckContext): Promise<CheckOutcome> {
  const { node, key, value } = what;
  const { exitCode, stdout } = await context.run(node, ['cat', path(key)]);
  if (exitCode !== 0) return fail(`${node} has no setting ${key}.`, `${node} 没有参数 ${key}。`);
  const now = displayText(stdout.trim());
  return stdout.trim().split(/\s+/).join(' ') === value
    ? PASS
    : fail(`In ${node}, ${key} is ${now}.`, `${node} 的 ${key} 现在是 ${now}。`);
}

export async function checkNeighbour(
  what: CheckOf<'neighbour'>,
  context: CheckContext,
): Promise<CheckOutcome> {
  const { node, address, dev } = what;
  const fact = await context.fact(node, 'neighbours');
  const entry =
    fact.state === 'known'
      ? fact.value.find((one) => one.address === address && (dev === undefined || one.dev === dev))
      : undefined;
  const resolved = entry?.mac !== undefined && entry.state !== 'failed' && entry.state !== 'incomplete';
  if (resolved === what.resolved) return PASS;
  return resolved
    ? fail(
        `${node} knows ${address} at ${displayText(entry.mac)}.`,
        `${node} 记得 ${address} 的硬件地址是 ${displayText(entry.mac)}。`,
      )
    : fail(`${node} knows no hardware address for ${address}.`, `${node} 不知道 ${address} 的硬件地址。`);
}
