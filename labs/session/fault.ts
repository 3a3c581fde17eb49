import type { LabFault } from '../format/lab-schema.ts';
import { patiently } from './patience.ts';
import { Refusal } from './refusal.ts';
import { runCommands } from './run-commands.ts';
import type { Stage } from './stage.ts';

/** How long a fault may take until it shows. */
const FAULT_SHOWS_MILLISECONDS = 3000;

/** Makes a fault in a network that works; returns when its symptom shows. @throws Refusal `failed` */
export async function makeFault({ network, checker, bell }: Stage, fault: LabFault): Promise<void> {
  const { symptom } = fault;
  const look = (): Promise<void> => checker.look([{ check: symptom, confirm: 'all', ahead: false }]);
  await look();
  if (!checker.passes(symptom))
    throw new Refusal(
      'failed',
      `A fault shows only in a network that works, and here it does not hold yet that: ${symptom.title.en}. Finish the steps first.`,
      `故障要在正常的网络里才看得出来，而现在还不满足：${symptom.title['zh-cn']}。请先完成各个步骤。`,
    );
  const failed = await runCommands(network, fault.inject);
  if (failed !== null)
    throw new Refusal('failed', `The fault could not be made: ${failed}`, `无法制造故障：${failed}`);
  const shows = async (): Promise<boolean> => {
    await look();
    return checker.outcome(symptom).state === 'fail';
  };
  if (!(await patiently(shows, () => FAULT_SHOWS_MILLISECONDS, bell)))
    throw new Refusal(
      'failed',
      'The fault was made and breaks nothing here; the lab does not fit your network. Reset to get rid of it.',
      '故障已经制造出来，但在这里什么也没弄坏，请重置实验。',
    );
}
