import { displayText } from '../../../diagnostics/model/display-text.ts';
import type { CheckOf } from '../../format/check-schema.ts';
import type { CheckContext } from './context.ts';
import { fail, PASS, unknown, type CheckOutcome } from './outcome.ts';

const ANY = ['0.0.0.0', '::', '*'];

export async function checkListens(what: CheckOf<'listens'>, context: CheckContext): Promise<CheckOutcome> {
  const { node, protocol, port, address } = what;
  const fact = await context.fact(node, 'sockets');
  if (fact.state !== 'known')
    return unknown(`The sockets of ${node} cannot be read.`, `无法读取 ${node} 的套接字。`);
  const found = fact.value.filter((socket) => socket.protocol === protocol && socket.port === port);
  const [first] = found;
  if (!first)
    return fail(
      `Nothing in ${node} waits on ${protocol} port ${port}.`,
      `${node} 里没有程序监听 ${protocol} 端口 ${port}。`,
    );
  if (address !== undefined && !found.some((one) => one.address === address || ANY.includes(one.address)))
    return fail(
      `The server in ${node} waits on ${displayText(first.address)} port ${port} only.`,
      `${node} 里的服务只在 ${displayText(first.address)} 的 ${port} 端口上监听。`,
    );
  return PASS;
}

export async function checkResolves(what: CheckOf<'resolves'>, context: CheckContext): Promise<CheckOutcome> {
  const { node, name, to } = what;
  const tool = context.node(node).kind === 'container' ? ['nslookup', name] : ['getent', 'ahosts', name];
  const { exitCode, stdout } = await context.run(node, tool);
  const words = stdout.split(/\s+/);
  if (exitCode !== 0) return fail(`${node} finds no address for ${name}.`, `${node} 查不到 ${name} 的地址。`);
  if (to !== undefined && !words.includes(to))
    return fail(`${node} finds another address for ${name}.`, `${node} 查到的 ${name} 是另一个地址。`);
  return PASS;
}

export async function checkContainer(
  what: CheckOf<'container'>,
  context: CheckContext,
): Promise<CheckOutcome> {
  const engine = (await context.host(what.host))?.engine;
  if (engine?.state !== 'known')
    return unknown(`The engine of ${what.host} does not answer.`, `${what.host} 的容器引擎没有回应。`);
  const container = engine.value.containers.find((one) => one.name === what.name);
  if (!container)
    return fail(`${what.host} has no container ${what.name}.`, `${what.host} 上没有容器 ${what.name}。`);
  if (container.state !== what.state)
    return fail(
      `The container ${what.name} is ${container.state}.`,
      `容器 ${what.name} 处于 ${container.state} 状态。`,
    );
  const { network } = what;
  if (network !== undefined && !container.networks.some((one) => one.network === network))
    return fail(
      `The container ${what.name} is not on the network ${network}.`,
      `容器 ${what.name} 不在网络 ${network} 里。`,
    );
  return PASS;
}

export async function checkCommand(what: CheckOf<'command'>, context: CheckContext): Promise<CheckOutcome> {
  const { exitCode, stdout, stderr } = await context.run(what.node, what.run);
  const said = displayText((stdout || stderr).trim().split('\n')[0] ?? '').slice(0, 200);
  if (exitCode !== what.exit || (what.stdout !== undefined && !new RegExp(what.stdout, 'm').test(stdout)))
    return fail(
      said === '' ? `It is not so in ${what.node} yet.` : `${what.node} says: ${said}`,
      said === '' ? `${what.node} 里还不是这样。` : `${what.node} 的输出是：${said}`,
    );
  return PASS;
}
