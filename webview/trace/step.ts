import { displayText } from '../../diagnostics/model/display-text.ts';
import { ipsecPolicyText } from '../../diagnostics/model/ipsec.ts';
import type { Step } from '../../diagnostics/model/trace.ts';
import { filterText, queueText } from '../../diagnostics/model/traffic-control.ts';
import type { Language } from '../messages.ts';
import { TRACE_WORDS } from './languages.ts';
import type { TraceWords } from './words.ts';

/** A step as a reader sees it. `code` is what decided, as the machine's own tools print it: a rule, a route, a sysctl. */
export interface StepText {
  readonly text: string;
  readonly code: string | null;
  readonly tone: 'plain' | 'bad' | 'doubt';
  /** A codicon's name. */
  readonly icon: string;
}

const sentence = (step: Step, words: TraceWords['step']): string => {
  switch (step.kind) {
    case 'send':
      return words.send(step);
    case 'route':
      return words.route(step);
    case 'filter':
      return words.filter(step);
    case 'translate':
      return words.translate(step);
    case 'neighbour':
      return words.neighbour(step);
    case 'transmit':
      return words.transmit(step);
    case 'receive':
      return words.receive(step);
    case 'bridge':
      return words.bridge(step);
    case 'flow':
      return words.flow(step);
    case 'macvlan':
      return words.macvlan(step);
    case 'tunnel':
      return words.tunnel(step);
    case 'forward':
      return words.forward(step);
    case 'source-check':
      return words['source-check'](step);
    case 'track':
      return words.track(step);
    case 'zone':
      return words.zone(step);
    case 'ipsec':
      return words.ipsec(step);
    case 'traffic-control':
      return words['traffic-control'](step);
    case 'checksum':
      return words.checksum(step);
    case 'ttl':
      return words.ttl(step);
    case 'size':
      return words.size(step);
    case 'deliver':
      return words.deliver(step);
    case 'exit':
      return words.exit(step);
    case 'doubt':
      return words.doubt(step);
  }
};

const code = (step: Step): string | null => {
  switch (step.kind) {
    case 'route':
      return step.route ? [step.rule, step.route.text].filter(Boolean).join(' → ') : null;
    case 'filter':
      return step.decidedBy.rule?.text ?? null;
    case 'translate':
      return step.decidedBy?.rule?.text ?? null;
    case 'forward':
      return `${step.sysctl} = ${step.enabled ? 1 : 0}`;
    case 'source-check':
      return step.passed ? null : (step.sysctl ?? null);
    case 'ipsec':
      return step.policy ? ipsecPolicyText(step.policy) : null;
    case 'traffic-control':
      return step.queue ? queueText(step.queue) : step.filter ? filterText(step.filter) : null;
    case 'flow':
      return step.flow;
    case 'send':
    case 'neighbour':
    case 'transmit':
    case 'receive':
    case 'bridge':
    case 'macvlan':
    case 'tunnel':
    case 'track':
    case 'zone':
    case 'checksum':
    case 'ttl':
    case 'size':
    case 'deliver':
    case 'exit':
    case 'doubt':
      return null;
  }
};

const ICONS: Readonly<Record<Step['kind'], string>> = {
  send: 'mail',
  route: 'compass',
  filter: 'shield',
  translate: 'arrow-swap',
  neighbour: 'broadcast',
  transmit: 'arrow-right',
  receive: 'arrow-down',
  bridge: 'git-merge',
  flow: 'list-tree',
  macvlan: 'circle-slash',
  tunnel: 'package',
  forward: 'redo',
  'source-check': 'eye',
  track: 'history',
  zone: 'split-horizontal',
  ipsec: 'lock',
  'traffic-control': 'dashboard',
  checksum: 'symbol-numeric',
  ttl: 'watch',
  size: 'symbol-ruler',
  deliver: 'inbox',
  exit: 'link-external',
  doubt: 'question',
};

/** Whether the packet ends at this step. */
export const stops = (step: Step): boolean => {
  switch (step.kind) {
    case 'route':
      return step.route === null || ['blackhole', 'unreachable', 'prohibit'].includes(step.route.type);
    case 'filter':
      return step.verdict !== 'accept';
    case 'neighbour':
      return step.by === 'nobody';
    case 'transmit':
    case 'receive':
    case 'bridge':
    case 'tunnel':
      return step.problem !== undefined;
    case 'flow':
    case 'macvlan':
      return true;
    case 'forward':
      return !step.enabled || step.claimed !== undefined;
    case 'track':
    case 'ipsec':
    case 'traffic-control':
    case 'checksum':
      return true;
    case 'source-check':
    case 'ttl':
    case 'size':
      return !step.passed;
    case 'deliver':
      return !step.accepted;
    case 'send':
    case 'zone':
    case 'translate':
    case 'exit':
    case 'doubt':
      return false;
  }
};

export function stepText(step: Step, language: Language): StepText {
  const decision = code(step);
  return {
    text: displayText(sentence(step, TRACE_WORDS[language].step)),
    code: decision === null ? null : displayText(decision),
    tone: stops(step) ? 'bad' : step.kind === 'doubt' ? 'doubt' : 'plain',
    icon: ICONS[step.kind],
  };
}

/** How telling a step is of its hop, where none stops the packet: rewriting before judging before routing. */
const WEIGHT: Readonly<Record<Step['kind'], number>> = {
  translate: 9,
  exit: 8,
  deliver: 8,
  doubt: 7,
  send: 2,
  route: 5,
  bridge: 4,
  flow: 6,
  macvlan: 6,
  tunnel: 6,
  filter: 3,
  forward: 2,
  neighbour: 1,
  'source-check': 0,
  transmit: 0,
  receive: 0,
  track: 1,
  zone: 7,
  ipsec: 6,
  'traffic-control': 6,
  checksum: 6,
  ttl: 0,
  size: 0,
};

/** The step of a hop that a reader should see first: the one that ends the way, else the most telling one. */
export const decisiveStep = (steps: readonly Step[]): Step | null => {
  const end = steps.find(stops);
  if (end) return end;
  return steps.reduce<Step | null>(
    (best, step) => (best === null || WEIGHT[step.kind] > WEIGHT[best.kind] ? step : best),
    null,
  );
};
