import type { ContainerNetwork, Engine } from '../model/container.ts';
import { defaultNetwork, engineRunning, hasNames, networkOwner } from '../model/engines.ts';
import type { Endpoint, Flow, Protocol } from '../model/flow.ts';
import { displayText } from '../model/display-text.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { findEnd } from './find-end.ts';
import { isDeviceName, parseEndpoint, type ParsedEndpoint } from './endpoint-text.ts';
import { QuestionError } from './question-error.ts';

/** A question as a client hands it in; `null` where the user said nothing. */
export interface Question {
  readonly from: string;
  readonly to: string;
  readonly protocol: Protocol | null;
  readonly port: number | null;
  /** Bytes at layer 3 that packets have to pass with, whole; absent: what both ends would send at most. */
  readonly size?: number;
  /** The interface, or VRF, of FROM that what it sends is bound to (SO_BINDTODEVICE); absent: none. */
  readonly device?: string;
}

/** The smallest and the largest packet of IP. */
const SIZES = { least: 68, most: 65_535 } as const;

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
  if (to.protocol !== undefined && question.protocol !== null && to.protocol !== question.protocol)
    throw new QuestionError('contradiction', `TO says ${to.protocol}, and --proto says ${question.protocol}`);
  const protocol = question.protocol ?? to.protocol ?? (port === null ? 'icmp' : 'tcp');
  if (protocol === 'icmp' && port !== null)
    throw new QuestionError('contradiction', 'ICMP has no ports: leave out the port, or ask for tcp or udp');
  if (protocol !== 'icmp' && port === null)
    throw new QuestionError('contradiction', `A question about ${protocol} needs a port: --port N`);
  const { size } = question;
  if (size !== undefined && !(Number.isInteger(size) && size >= SIZES.least && size <= SIZES.most))
    throw new QuestionError(
      'contradiction',
      `A packet has ${SIZES.least} to ${SIZES.most} bytes, its headers included`,
    );
  checkDevice(question, from, to);
  return { question, from, to, protocol, port };
}

function checkDevice({ device }: Question, from: ParsedEndpoint, to: ParsedEndpoint): void {
  if (device === undefined) return;
  if (!isDeviceName(device))
    throw new QuestionError('malformed-endpoint', `“${displayText(device)}” cannot be an interface`);
  if (from.endpoint.type === 'outside')
    throw new QuestionError(
      'contradiction',
      'A packet from outside comes in by an interface: outside@INTERFACE; --interface is for what is sent from here',
    );
  if (to.endpoint.type === 'address' && (to.endpoint.device ?? device) !== device)
    throw new QuestionError(
      'contradiction',
      `TO is behind ${displayText(to.endpoint.device ?? '')}, and --interface says ${displayText(device)}`,
    );
}

/** Looks both ends up. Throws `QuestionError` where an end cannot be meant by anything. */
export function findFlow(parsed: ParsedQuestion, snapshot: Snapshot): Flow {
  const from = findEnd(parsed.from, snapshot, 'from');
  const to = findEnd(parsed.to, snapshot, 'to', from);
  return {
    fromText: parsed.question.from,
    toText: parsed.question.to,
    from,
    to: parsed.to.endpoint.type === 'word' ? asName(parsed.to.endpoint.word, from, to, snapshot) : to,
    protocol: parsed.protocol,
    port: parsed.port,
    ...(parsed.question.device === undefined ? {} : { device: parsed.question.device }),
    ...(parsed.question.size === undefined ? {} : { size: parsed.question.size }),
  };
}

/**
 * A bare word between containers is how a program in FROM calls TO. Where they share a network, it is looked up as that program
 * would do it, for the name itself may be what fails; elsewhere a container's name is as good as the container.
 */
function asName(word: string, from: Endpoint, to: Endpoint, snapshot: Snapshot): Endpoint {
  if (from.type !== 'namespace' || to.type !== 'namespace' || from.host !== to.host) return to;
  const engine = engineRunning(snapshot, from.namespace, from.container);
  if (engine === null || engine !== engineRunning(snapshot, to.namespace, to.container)) return to;
  // Its id and its pod are called by people, not by programs; itself it finds without any network.
  if (to.container !== word || from.container === to.container) return to;
  const networks = (name: string | undefined): readonly ContainerNetwork[] => {
    const container = engine.containers.find((it) => it.name === name);
    return container === undefined ? [] : networkOwner(engine, container).networks;
  };
  const theirs = networks(to.container);
  const common = networks(from.container).filter(({ networkId }) =>
    theirs.some((other) => other.networkId === networkId),
  );
  return common.some(({ network, networkId }) => isBetweenNames(engine, network, networkId))
    ? { type: 'name', name: word }
    : to;
}

/** Programs on it call each other by name: it has names, or is the default one, where they try in vain. */
const isBetweenNames = (engine: Engine, name: string, id: string): boolean =>
  name === defaultNetwork(engine) || hasNames(engine, engine.networks.find((it) => it.id === id) ?? { name });
