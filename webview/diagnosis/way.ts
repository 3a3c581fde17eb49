import { html, nothing, type TemplateResult } from 'lit';
import type { Diagnosis, Leg } from '../../diagnostics/model/diagnosis.ts';
import { displayText } from '../../diagnostics/model/display-text.ts';
import type { NameAnswer } from '../../diagnostics/model/dns-answer.ts';
import type { Step, Trace } from '../../diagnostics/model/trace.ts';
import { lostWays, WAY_WORDS } from '../../diagnostics/report/way-words.ts';
import type { Language } from '../messages.ts';
import { icon } from '../shared/icon.ts';
import { decisiveStep, stepText, stops } from '../trace/step.ts';
import { legHops, numbered, traceFails, type NumberedHop } from '../trace/way.ts';
import { TRACE_WORDS } from '../trace/languages.ts';
import type { DiagnosisWords } from './words.ts';

interface WayContext {
  readonly diagnosis: Diagnosis;
  readonly language: Language;
  readonly words: DiagnosisWords;
}

const stepView = (step: Step, language: Language): TemplateResult => {
  const { text, code, tone, icon: name } = stepText(step, language);
  return html`<li class="step ${tone}">
    ${icon(tone === 'bad' ? 'error' : name)}
    <div class="wrap">
      <p>${text}</p>
      ${code === null ? nothing : html`<code class="decided-by">${code}</code>`}
    </div>
  </li>`;
};

const hopView = (one: NumberedHop, { language, words }: WayContext): TemplateResult => {
  const main = decisiveStep(one.hop.steps);
  const shown = main ? stepText(main, language) : null;
  const failsHere = one.fails && main !== null && stops(main);
  return html`<li class="hop ${one.fails ? 'fails' : ''}">
    <span class="number" aria-hidden="true">${one.number}</span>
    <div class="hop-body">
      <p class="row hop-title">
        <span class="visually-hidden">${one.number}.</span>
        <strong class="wrap">${one.label}</strong>
        <span class="muted wrap">
          ${displayText(TRACE_WORDS[language].between(one.hop.inDev, one.hop.outDev))}
        </span>
        ${one.fails ? html`<span class="stops">${icon('error')}${words.stopsHere}</span>` : nothing}
      </p>
      ${
        shown
          ? html`<p class="wrap ${failsHere ? 'bad' : ''}">${shown.text}</p>
              ${shown.code === null ? nothing : html`<code class="decided-by wrap">${shown.code}</code>`}`
          : nothing
      }
      ${
        one.hop.steps.length < 2
          ? nothing
          : html`<details>
              <summary class="muted">
                <span class="twisty"></span>${words.allSteps(one.hop.steps.length)}
                <span class="visually-hidden">${one.number}. ${one.label}</span>
              </summary>
              <ol class="all-steps">
                ${one.hop.steps.map((step) => stepView(step, language))}
              </ol>
            </details>`
      }
    </div>
  </li>`;
};

const traceView = (
  trace: Trace,
  hops: readonly NumberedHop[],
  /** `level` of the heading: below that of its leg, where the leg has one. */
  { title, level }: { readonly title: string; readonly level: 3 | 4 },
  context: WayContext,
): TemplateResult => {
  const { language, words } = context;
  const fails = traceFails(trace);
  const unsure = trace.disposition === 'unknown';
  const mark = fails ? 'error' : unsure ? 'question' : 'pass';
  const tone = fails ? 'bad' : unsure ? 'doubt' : 'good';
  const heading = html`${title}
    <span class="disposition ${tone}">
      ${icon(mark)}${TRACE_WORDS[language].disposition[trace.disposition]}
    </span>`;
  return html`<div class="trace">
    ${level === 3 ? html`<h3 class="trace-title row">${heading}</h3>` : html`<h4 class="trace-title row">${heading}</h4>`}
    <ol class="hops">
      ${hops.map((hop) => hopView(hop, context))}
    </ol>
    ${
      trace.certain && trace.missing.length === 0
        ? nothing
        : html`<div class="doubts">
            ${icon('question', 'doubt')}
            <div class="wrap">
              ${
                trace.doubts.length === 0
                  ? nothing
                  : html`<p>${words.doubts}</p>
                      <ul class="bullets">
                        ${trace.doubts.map((doubt) => html`<li>${displayText(words.said(doubt))}</li>`)}
                      </ul>`
              }
              ${trace.missing.length === 0 ? nothing : html`<p>${words.missing(trace.missing.length)}</p>`}
            </div>
          </div>`
    }
  </div>`;
};

/** What the name server was really asked, and what it said. */
const queriesView = (queries: readonly NameAnswer[], language: Language): TemplateResult =>
  html`<ul class="queries bullets">
    ${queries.map((query) => html`<li>${displayText(WAY_WORDS[language].asked(query))}</li>`)}
  </ul>`;

const legTitle = (leg: Leg, language: Language): string => {
  const port = leg.flow.port === null ? '' : ` ${leg.flow.protocol}/${leg.flow.port}`;
  const words = TRACE_WORDS[language];
  const chance = leg.chance ? words.byChance(leg.chance) : '';
  return displayText(`${words.leg[leg.kind]}: ${leg.flow.from} → ${leg.flow.to}${port}${chance}`);
};

const legView = (leg: Leg, index: number, context: WayContext): TemplateResult => {
  const { diagnosis, language, words } = context;
  const hops = legHops(diagnosis, leg, index);
  const alone = diagnosis.legs.length === 1 && leg.kind === 'direct';
  const trace = TRACE_WORDS[language];
  return html`<section class="leg">
    ${alone ? nothing : html`<h3 class="wrap">${legTitle(leg, language)}</h3>`}
    ${traceView(
      leg.forward,
      hops.filter((hop) => hop.direction === 'there'),
      { title: trace.there, level: alone ? 3 : 4 },
      context,
    )}
    ${leg.queries === undefined || leg.queries.length === 0 ? nothing : queriesView(leg.queries, language)}
    ${
      leg.back
        ? traceView(
            leg.back,
            hops.filter((hop) => hop.direction === 'back'),
            { title: trace.back, level: alone ? 3 : 4 },
            context,
          )
        : traceFails(leg.forward)
          ? html`<p class="muted no-back">${words.notWalkedBack}</p>`
          : nothing
    }
    ${lostWays(leg).map((way) =>
      traceView(
        way.trace,
        numbered(diagnosis, index, way.direction === 'back' ? 'back' : 'there', way.trace, 1),
        { title: WAY_WORDS[language].large(way), level: alone ? 3 : 4 },
        context,
      ),
    )}
  </section>`;
};

/** The numbered way of each leg, there and back. */
export const wayView = (context: WayContext): TemplateResult =>
  html`${context.diagnosis.legs.map((leg, index) => legView(leg, index, context))}`;
