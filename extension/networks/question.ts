import type { FaultStatus } from '../../labs/session/protocol.ts';
import type { Question } from './network.ts';

/** The question behind a lab's check or fault, as one that can be asked. */
export const toQuestion = (question: NonNullable<FaultStatus['question']>): Question => ({
  from: question.from,
  to: question.to,
  protocol: question.protocol,
  ...(question.port === null ? {} : { port: question.port }),
});
