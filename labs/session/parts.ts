import type { Lab, LabFault, LabStep } from '../format/lab-schema.ts';
import { Refusal } from './refusal.ts';

/** @throws Refusal `unknown` */
export function stepOf(lab: Lab, id: string): LabStep {
  const step = lab.steps.find((one) => one.id === id);
  if (!step) throw noSuch('step', id, lab.steps);
  return step;
}

/** @throws Refusal `unknown` */
export function faultOf(lab: Lab, id: string): LabFault {
  const fault = lab.faults.find((one) => one.id === id);
  if (!fault) throw noSuch('fault', id, lab.faults);
  return fault;
}

/** @throws Refusal `unknown` */
export const stepOrFault = (lab: Lab, id: string): LabStep | LabFault =>
  lab.faults.find((one) => one.id === id) ?? stepOf(lab, id);

function noSuch(what: 'step' | 'fault', id: string, all: readonly { readonly id: string }[]): Refusal {
  const named = id === '' ? '“”' : id;
  const ids = all.map((one) => one.id);
  return new Refusal(
    'unknown',
    `This lab has no ${what} ${named}; there are ${ids.join(', ')}.`,
    `这个实验没有${what === 'step' ? '步骤' : '故障'} ${named}，只有 ${ids.join('、')}。`,
  );
}
