import { engineRunning } from '../../model/engines.ts';
import { findNamespace } from '../../model/snapshot.ts';
import type { CauseKind } from '../cause.ts';
import { engineLine } from '../evidence.ts';

/** A proxy variable of the container sends web requests somewhere from where they do not get on. */
export const proxyVariable: CauseKind = {
  id: 'proxy-variable',
  find(situation) {
    if (situation.type !== 'proxy') return null;
    const { snapshot, flow, container, variable, proxy, end, said } = situation;
    const { namespace } = container;
    if (namespace === null) return null;
    const name = flow.to.type === 'name' ? flow.to.name : flow.toText.replace(/^container:|:\d+$/g, '');
    return {
      id: 'proxy-variable',
      place: { namespace },
      certainty: 'certain',
      params: {
        container: container.name,
        variable,
        proxy,
        target: name,
        noProxy: container.proxies?.noProxy.join(',') || null,
        end,
        said,
      },
      evidence: [
        {
          source: engineLine(
            engineRunning(snapshot, namespace, container.name),
            ...['inspect', '-f', '{{.Config.Env}}', container.name],
          ),
          text: `${variable}=${proxy} no_proxy=${container.proxies?.noProxy.join(',') ?? ''}`,
        },
      ],
      remedies: [
        {
          actions: [
            {
              kind: 'bypass-proxy',
              host: findNamespace(snapshot, namespace)?.host ?? 'machine',
              container: container.name,
              name,
            },
          ],
        },
      ],
    };
  },
  text: {
    en: {
      summary: (p) =>
        `${p('variable')} sends the web requests of ${p('container')} for ${p('target')} to the proxy ${p('proxy')}, ${p('end') === 'behind' ? `which cannot reach ${p('target')}` : 'which cannot be reached'}`,
      explanation: (p) =>
        `Most web clients obey ${p('variable')}: they do not connect to ${p('target')} but ask the proxy for it, unless no_proxy names it (${p('noProxy') === '' ? 'it is empty' : p('noProxy')}). ${p('end') === 'name' ? `The proxy's name leads nowhere (${p('said')}).` : p('end') === 'way' ? `The proxy itself does not answer (${p('said')}).` : `The proxy answers, but its own way to ${p('target')} ends (${p('said')}): names and addresses of containers mean nothing to a proxy elsewhere.`} Who connects without it, as a database client or nc does, does not notice. Docker sets the variable from the image, from -e, from a compose file, or from “proxies” in ~/.docker/config.json.`,
    },
    'zh-cn': {
      summary: (p) =>
        `${p('variable')} 把 ${p('container')} 对 ${p('target')} 的 Web 请求送往代理 ${p('proxy')}，${p('end') === 'behind' ? `而代理到不了 ${p('target')}` : '而代理无法访问'}`,
      explanation: (p) =>
        `多数 Web 客户端会遵从 ${p('variable')}：它们不直接连接 ${p('target')}，而是请代理去取，除非 no_proxy 里有它（${p('noProxy') === '' ? '现在是空的' : p('noProxy')}）。${p('end') === 'name' ? `代理的名字无法解析（${p('said')}）。` : p('end') === 'way' ? `代理本身没有应答（${p('said')}）。` : `代理有应答，但它自己去 ${p('target')} 的路不通（${p('said')}）：容器的名字和地址对别处的代理毫无意义。`}不用代理的程序（例如数据库客户端或 nc）不受影响。这个变量可能来自镜像、-e、compose 文件，或 ~/.docker/config.json 里的“proxies”。`,
    },
  },
};
