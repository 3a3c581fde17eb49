import type { Machine } from '../host/machine.ts';
import type { NameAnswer, NameQuestion } from '../source.ts';
import { probeDns } from './dns.ts';

/**
 * Asks as a C library does (res_search of resolv.conf(5)): each name in turn, of the first server that answers. A refusal or
 * silence makes it go on to the next server.
 */
export async function resolveNames(
  machine: Machine,
  { namespace, servers, names, timeoutMilliseconds }: NameQuestion,
  signal?: AbortSignal,
): Promise<NameAnswer> {
  const failures: string[] = [];
  for (const server of servers) {
    let said: string | null = null;
    for (const name of names) {
      const ask = (type: 'A' | 'AAAA') =>
        probeDns(machine, { namespace, server, name, type, timeoutMilliseconds }, signal);
      const four = await ask('A');
      // A name that has no IPv4 address may have an IPv6 one.
      const { probe, answer } =
        four.answer?.code === 'NOERROR' && four.answer.addresses.length === 0 ? await ask('AAAA') : four;
      if (answer === null || answer.code === 'SERVFAIL' || answer.code === 'REFUSED') {
        failures.push(`${server}: ${answer?.code ?? probe.detail}`);
        break;
      }
      if (answer.addresses.length > 0)
        return { addresses: answer.addresses, answered: true, said: `${server}: ${answer.code}` };
      said = `${server}: ${answer.code === 'NOERROR' ? 'no address' : answer.code}`;
    }
    if (said !== null) return { addresses: [], answered: true, said };
  }
  return { addresses: [], answered: false, said: failures.join('; ') };
}
