import type { ActionKind } from '../action.ts';

/** Nothing on the machine is wrong: the question is. On paper, another port or destination is asked for. */
export interface AskInstead {
  readonly kind: 'ask-instead';
  readonly to: string | null;
  readonly port: number | null;
  /** Where `to` is an end of a question and not only a name: its address. */
  readonly address?: string;
}

export const askInstead: ActionKind<AskInstead> = {
  steps: () => [],
  undo: () => [],
  change: (_action, snapshot) => snapshot,
  text: {
    en: (action) => ({ title: `Use ${wordsEn(action)} instead`, permanent: null, sideEffects: [] }),
    'zh-cn': (action) => ({ title: `改用${wordsZh(action)}`, permanent: null, sideEffects: [] }),
  },
};

const wordsEn = ({ to, port }: AskInstead): string =>
  [...(to === null ? [] : [to]), ...(port === null ? [] : [`port ${port}`])].join(', ');

const wordsZh = ({ to, port }: AskInstead): string =>
  [...(to === null ? [] : [` ${to}`]), ...(port === null ? [] : [`端口 ${port}`])].join('，');
