import { html, type TemplateResult } from 'lit';
import type { Diagnosis, WhyVerdict } from '../../diagnostics/model/diagnosis.ts';
import { displayText } from '../../diagnostics/model/display-text.ts';
import { icon } from '../shared/icon.ts';
import type { DiagnosisWords } from './words.ts';

const LOOKS: Readonly<Record<WhyVerdict, { readonly icon: string; readonly tone: string }>> = {
  reachable: { icon: 'pass-filled', tone: 'good' },
  unreachable: { icon: 'error', tone: 'bad' },
  partial: { icon: 'warning', tone: 'doubt' },
  unknown: { icon: 'question', tone: 'doubt' },
};

const target = ({ to, port, address }: Diagnosis['flow']): string => {
  const withPort = port === null || to.endsWith(`:${port}`) ? to : `${to}:${port}`;
  return address === null || withPort.includes(address) ? withPort : `${withPort} (${address})`;
};

/** The answer in one sentence. */
export const verdictSentence = (diagnosis: Diagnosis, words: DiagnosisWords): string =>
  displayText(
    words.verdict[diagnosis.verdict](
      diagnosis.flow.from,
      target(diagnosis.flow),
      diagnosis.flow.protocol.toUpperCase(),
    ),
  );

const probeLine = ({ verdict, probe }: Diagnosis, words: DiagnosisWords): TemplateResult => {
  const took =
    probe.milliseconds === null || probe.outcome === 'not-run'
      ? ''
      : words.probeTook(Math.round(probe.milliseconds));
  const untaken = verdict === 'unreachable' && probe.outcome === 'reply';
  const agreement =
    probe.agrees === null ? words.notComparable : probe.agrees ? words.agrees : words.disagrees;
  // What an answer or silence is, the sentence has said; what else the kernel told is worth its own words.
  const known = (probe.outcome === 'reply' || probe.outcome === 'timeout') && !probe.icmp && !probe.arrival;
  const detail = known ? '' : displayText(words.said(probe.detail));
  const mark = probe.agrees === false ? 'warning' : probe.outcome === 'not-run' ? 'circle-slash' : 'pulse';
  return html`<p class="probe ${probe.agrees === false ? 'disagrees' : ''}">
    ${icon(mark)}
    <span class="wrap">
      ${words.probe[untaken ? 'untaken' : probe.outcome]}${took}${detail === '' ? words.fullStop : html`: ${detail}`}
      ${agreement}
    </span>
  </p>`;
};

export const verdictView = (diagnosis: Diagnosis, words: DiagnosisWords): TemplateResult => {
  const look = LOOKS[diagnosis.verdict];
  return html`<div class="verdict">
    ${icon(look.icon, `verdict-icon ${look.tone}`)}
    <div class="grow">
      <p class="verdict-word ${look.tone}">${words.verdictWord[diagnosis.verdict]}</p>
      <h1 class="wrap">${verdictSentence(diagnosis, words)}</h1>
      ${probeLine(diagnosis, words)}
    </div>
  </div>`;
};
