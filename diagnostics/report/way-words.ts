import type { LargeWay, Leg } from '../model/diagnosis.ts';
import type { NameAnswer } from '../model/dns-answer.ts';
import { displayText } from '../model/display-text.ts';
import type { Localised } from '../model/language.ts';
import { said } from '../sayings/sayings.ts';

/** What is said of a way beside its hops, in the terminal as on a page. */
export interface WayWords {
  /** What becomes of packets as large as their sender makes them. */
  readonly large: (way: LargeWay) => string;
  /** What a name server was asked, and what it said. */
  readonly asked: (query: NameAnswer) => string;
}

const answerOf = ({ code, addresses }: NameAnswer, none: string, silence: string): string => {
  if (code === null) return displayText(silence);
  if (code !== 'NOERROR') return displayText(code);
  return addresses.length === 0 ? none : displayText(addresses.join(', '));
};

const EN: WayWords = {
  large: ({ direction, first, fate, passes }) =>
    fate === 'cut'
      ? `What ${direction === 'back' ? 'is answered' : 'is sent'} once the connection is open`
      : `${direction === 'back' ? 'Answers' : 'Packets'} of ${first} bytes${fate === 'adapts' ? `, until the sender is told to send ${passes ?? ''} at most` : ''}`,
  asked: (query) => `asked for ${query.name}: ${answerOf(query, 'no address', query.detail)}`,
};

const ZH: WayWords = {
  large: ({ direction, first, fate, passes }) =>
    fate === 'cut'
      ? `连接建立以后${direction === 'back' ? '应答方' : '发起方'}发送的数据`
      : `${first} 字节的${direction === 'back' ? '应答' : '数据包'}${fate === 'adapts' ? `，直到发送者得知最多只能发 ${passes ?? ''} 字节` : ''}`,
  asked: (query) => `查询 ${query.name}：${answerOf(query, '没有地址', said(query.detail, 'zh-cn'))}`,
};

/** The words around a way: the terminal and the webview say the same. */
export const WAY_WORDS: Localised<WayWords> = { en: EN, 'zh-cn': ZH };

/** Only those that end: what adapts is as it should be. */
export const lostWays = ({ large = [] }: Leg): readonly LargeWay[] =>
  large.filter(({ fate }) => fate !== 'adapts');
