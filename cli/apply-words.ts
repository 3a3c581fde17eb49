import type { Localised } from '../diagnostics/model/language.ts';
import type { ApplyResult } from '../diagnostics/question/apply.ts';

interface ApplyWords {
  readonly asking: string;
  readonly plan: string;
  readonly question: string;
  readonly declined: string;
  readonly nothing: string;
  readonly running: string;
  readonly undoing: string;
  readonly takeBack: string;
  readonly outcome: Readonly<Record<ApplyResult['outcome'], string>>;
}

/** What `hoplab why --apply` says while it works. */
export const APPLY_WORDS: Localised<ApplyWords> = {
  en: {
    asking: 'Reading the network and asking the kernel',
    plan: 'This is going to be run:',
    question: 'Run it? [y/N] ',
    declined: 'Nothing was changed.',
    nothing: 'There is nothing that a command could mend: see the fixes above.',
    running: 'running: ',
    undoing: 'taking back: ',
    takeBack: 'To take it back: ',
    outcome: {
      works: 'It works now.',
      further: 'The packet gets further now, so what was run is kept; something else is in its way.',
      undone: 'It did not get the packet further: everything is as it was before.',
      'nothing-to-run': 'There is nothing that a command could mend.',
      changed: 'The network has changed meanwhile: nothing was run.',
    },
  },
  'zh-cn': {
    asking: '正在读取网络状态并向内核求证',
    plan: '将要执行：',
    question: '执行吗？[y/N] ',
    declined: '没有做任何改动。',
    nothing: '没有命令能解决这个问题：请看上面的办法。',
    running: '执行：',
    undoing: '撤销：',
    takeBack: '如需撤销：',
    outcome: {
      works: '现在通了。',
      further: '数据包走得更远了，所以保留已执行的改动；但前面还有别的障碍。',
      undone: '没有让数据包走得更远：一切已恢复原状。',
      'nothing-to-run': '没有命令能解决这个问题。',
      changed: '网络在此期间发生了变化：没有执行任何命令。',
    },
  },
};
