import { html, nothing, type TemplateResult } from 'lit';
import type { Language } from '../messages.ts';
import { icon, iconButton } from '../shared/icon.ts';
import { TRACE_WORDS } from '../trace/languages.ts';
import type { DrawnWay, Station } from './way.ts';
import type { MapWords } from './words.ts';

export interface WayPanelContext {
  readonly way: DrawnWay;
  readonly step: number | null;
  readonly playing: boolean;
  readonly language: Language;
  readonly words: MapWords;
  readonly go: (step: number | null) => void;
  readonly play: (playing: boolean) => void;
  readonly details: () => void;
}

/** A station in one line, for the panel and for screen readers. */
export const stationText = ({ number, label, text, fails }: Station, words: MapWords): string =>
  `${number}. ${label}${fails ? ` – ${words.stopsHere}` : ''}: ${text}`;

const current = ({ way, step, language, words }: WayPanelContext): TemplateResult => {
  const station = step === null ? undefined : way.stations[step];
  if (!station)
    return html`<p class="wrap">
      <strong>${words.wayOf(way.from, way.to)}</strong>
      <span class="muted">${way.outcome}</span>
      ${
        way.reason === null
          ? nothing
          : html`<span class="bad way-reason">${icon('error')} ${way.reason}</span>`
      }
    </p>`;
  return html`<div class="wrap">
    <p>
      <span class="muted">${TRACE_WORDS[language][station.direction]} ·</span>
      <strong class=${station.fails ? 'bad' : ''}>
        ${station.fails ? icon('error') : nothing} ${station.number}. ${station.label}
        ${station.fails ? html`– ${words.stopsHere}` : nothing}
      </strong>
      ${station.nodes.length === 0 ? html`<span class="muted">${words.notOnMap}</span>` : nothing}
    </p>
    <p>
      ${station.text} ${station.code === null ? nothing : html`<code class="muted">${station.code}</code>`}
    </p>
    ${station.fails && way.reason !== null ? html`<p class="bad">${way.reason}</p>` : nothing}
  </div>`;
};

/** The packet's way, step by step. */
export const wayPanel = (context: WayPanelContext): TemplateResult => {
  const { way, step, playing, words, go, play, details } = context;
  const last = way.stations.length - 1;
  const move = (to: number | null): (() => void) => {
    return () => {
      play(false);
      go(to);
    };
  };
  return html`<section class="way-panel" aria-label=${words.way}>
    <div class="row way-buttons" role="group" aria-label=${words.way}>
      ${iconButton('chevron-left', words.previous, move(step === null || step === 0 ? null : step - 1), {
        disabled: step === null,
      })}
      ${iconButton(playing ? 'debug-pause' : 'play', playing ? words.pause : words.play, () => {
        play(!playing);
      })}
      ${iconButton('chevron-right', words.next, move(step === null ? 0 : Math.min(step + 1, last)), {
        disabled: step === last,
      })}
      <span class="muted step-count">
        ${step === null ? words.overview : words.stepOf(step + 1, way.stations.length)}
      </span>
    </div>
    <div class="grow">${current(context)}</div>
    <button type="button" class="button secondary" @click=${details}>${words.details}</button>
  </section>`;
};
