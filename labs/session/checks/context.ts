import type { Diagnosis } from '../../../diagnostics/model/diagnosis.ts';
import type { Fact } from '../../../diagnostics/model/fact.ts';
import type { Language } from '../../../diagnostics/model/language.ts';
import type { FactName, Namespace, NamespaceFacts } from '../../../diagnostics/model/namespace.ts';
import type { NamespaceId } from '../../../diagnostics/model/ids.ts';
import { findNamespace, type Host, type Snapshot } from '../../../diagnostics/model/snapshot.ts';
import type { Captures } from '../capture.ts';
import type { FactSource } from '../../../diagnostics/source.ts';
import { rememberingSource } from './remembering-source.ts';
import type { LabNetwork, Ran } from '../network.ts';
import type { LabNode } from '../node.ts';

/** A question about the lab's network, with nodes named as the lab names them. */
export interface LabQuestion {
  readonly from: string;
  readonly to: string;
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly port: number | null;
}

/** The engine, asked about the lab; it takes its facts from the source that is handed to it. */
export type Ask = (
  source: FactSource,
  question: LabQuestion,
  probe: boolean,
  language: Language,
) => Promise<Diagnosis>;

/** What checks look at: facts that are read at most once for all checks of one round. */
export class CheckContext {
  readonly network: LabNetwork;
  /** Watches for packets over many rounds. */
  readonly captures: Captures;
  readonly #source: FactSource;
  readonly #ask: Ask;
  readonly #answers = new Map<string, Promise<Diagnosis>>();

  constructor(network: LabNetwork, captures: Captures, source: FactSource, ask: Ask) {
    this.network = network;
    this.captures = captures;
    this.#source = rememberingSource(source);
    this.#ask = ask;
  }

  node(name: string): LabNode {
    const node = this.network.nodes.get(name);
    if (!node) throw new Error(`this lab has no node ${name}`);
    return node;
  }

  run(node: string, argv: readonly string[]): Promise<Ran> {
    return this.network.run(node, argv);
  }

  /** An answer without a packet sent, the same for all checks that ask it; with `probe`, a fresh one. */
  ask(question: LabQuestion, probe: boolean, language: Language): Promise<Diagnosis> {
    if (probe) return this.#ask(this.#source, question, true, language);
    const key = JSON.stringify([question, language]);
    const answer = this.#answers.get(key) ?? this.#ask(this.#source, question, false, language);
    this.#answers.set(key, answer);
    return answer;
  }

  async host(name: string): Promise<Host | undefined> {
    return (await this.#source.discover()).hosts.find((host) => host.id === name);
  }

  /** One fact of a node's namespace; `absent` where the namespace is not there. */
  async fact<F extends FactName>(name: string, fact: F): Promise<NamespaceFacts[F] | Fact<never>> {
    const snapshot = await this.#source.discover();
    const found = this.#namespace(name, snapshot);
    if (!found) return { state: 'absent' };
    const read = await this.#source.read(snapshot, [{ namespace: found.id, fact }]);
    return this.#namespace(name, read)?.facts[fact] ?? { state: 'absent' };
  }

  /** The same of any namespace that an answer names. */
  async factOf<F extends FactName>(id: NamespaceId, fact: F): Promise<NamespaceFacts[F] | Fact<never>> {
    const read = await this.#source.read(await this.#source.discover(), [{ namespace: id, fact }]);
    return findNamespace(read, id)?.facts[fact] ?? { state: 'absent' };
  }

  #namespace(name: string, snapshot: Snapshot): Namespace | undefined {
    const node = this.node(name);
    if (node.kind === 'host') {
      const host = snapshot.hosts.find((one) => one.id === node.host);
      return snapshot.namespaces.find((namespace) => namespace.id === host?.rootNamespace);
    }
    const type = node.kind === 'container' ? 'container' : 'netns';
    return snapshot.namespaces.find(
      (namespace) =>
        namespace.host === node.host &&
        namespace.names.some((one) => one.type === type && 'name' in one && one.name === name),
    );
  }
}
