import * as vscode from 'vscode';
import type { Topology } from '../../diagnostics/model/topology.ts';
import type { Labs } from '../labs/labs.ts';
import type { LabNetwork } from './lab.ts';
import type { MachineNetwork } from './machine.ts';
import type { Network } from './network.ts';

/** The networks there are, and the one that is looked at: a running lab's as soon as there is one, else this machine's. */
export class Networks implements vscode.Disposable {
  readonly machine: MachineNetwork;
  readonly #labs: Labs;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable[] = [];
  #chosen: string | null = null;
  readonly #read = new vscode.EventEmitter<unknown>();
  /** A topology was read: with null, or with what went wrong. */
  readonly onDidRead = this.#read.event;
  /** After another choice, a new topology, or a lab that came or went. */
  readonly onDidChange = this.#changed.event;

  constructor(machine: MachineNetwork, labs: Labs) {
    this.machine = machine;
    this.#labs = labs;
    this.#subscriptions.push(
      this.#changed,
      this.#read,
      machine.onDidChangeTopology(() => this.#changed.fire()),
      labs.onDidChangeTopology(() => this.#changed.fire()),
      labs.onDidChangeRunning(() => this.#changed.fire()),
    );
  }

  get all(): readonly Network[] {
    return [...this.#labNetworks, this.machine];
  }

  get current(): Network {
    return this.find(this.#chosen ?? '') ?? this.#labNetworks[0] ?? this.machine;
  }

  find(id: string): Network | undefined {
    return this.all.find((network) => network.id === id);
  }

  choose(network: Network): void {
    this.#chosen = network.id;
    this.#changed.fire();
  }

  /** Reads a network's topology; null where it cannot be read, and `onDidRead` says why. */
  async read(network: Network, signal?: AbortSignal): Promise<Topology | null> {
    try {
      const topology = await network.refresh(signal);
      this.#read.fire(null);
      return topology;
    } catch (error) {
      this.#read.fire(error);
      return null;
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  get #labNetworks(): readonly LabNetwork[] {
    return this.#labs.running.map((lab) => lab.network);
  }
}
