import type { Flow, Protocol } from '../model/flow.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { findEnd } from './find-end.ts';
import { parseEndpoint, type ParsedEndpoint } from './endpoint-text.ts';
import { QuestionError } from './question-error.ts';

/** A question as a client hands it in; `null` where the user said nothing. */
export interface Question {
  readonly from: string;
  readonly to: string;
  readonly protocol: Protocol | null;
  readonly port: number | null;
}

/** A question whose words were understood, before anything is looked up. */
export interface ParsedQuestion {
  readonly question: Question;
  readonly from: ParsedEndpoint;
  readonly to: ParsedEndpoint;
  readonly protocol: Protocol;
  readonly port: number | null;
}

/** Understands the words of a question. Throws `QuestionError`. */
export function parseQuestion(question: Question): ParsedQuestion {
  const from = parseEndpoint(question.from);
  const to = parseEndpoint(question.to);
  if (from.port !== null)
    throw new QuestionError('contradiction', 'Only TO has a port: the kernel chooses FROM’s own');
  if (from.endpoint.type === 'address')
    throw new QuestionError(
      'from-not-found',
      'FROM is a place, not an address: name a namespace, a container, or “outside:ADDRESS” for a client elsewhere',
    );
  if (to.endpoint.type === 'outside')
    throw new QuestionError(
      'contradiction',
      '“outside” can only be FROM; for a TO elsewhere give its address',
    );
  if (to.port !== null && question.port !== null && to.port !== question.port)
    throw new QuestionError('contradiction', `TO says port ${to.port}, and --port says ${question.port}`);
  const port = to.port ?? question.port;
  const protocol = question.protocol ?? (port === null ? 'icmp' : 'tcp');
  if (protocol === 'icmp' && port !== null)
    throw new QuestionError('contradiction', 'ICMP has no ports: leave out the port, or ask for tcp or udp');
  if (protocol !== 'icmp' && port === null)
    throw new QuestionError('contradiction', `A question about ${protocol} needs a port: --port N`);
  return { question, from, to, protocol, port };
}

/** Looks both ends up. Throws `QuestionError` where an end cannot be meant by anything. */
export function findFlow(parsed: ParsedQuestion, snapshot: Snapshot): Flow {
  return {
    fromText: parsed.question.from,
    toText: parsed.question.to,
    from: findEnd(parsed.from, snapshot, 'from'),
    to: findEnd(parsed.to, snapshot, 'to'),
    protocol: parsed.protocol,
    port: parsed.port,
  };
}
