import type { Diagnosis } from '../diagnostics/model/diagnosis.ts';
import type { Topology } from '../diagnostics/model/topology.ts';
import type { LabStatus, Quiz, Reference } from '../labs/session/protocol.ts';

/**
 * Everything the extension and its webviews say to each other; nothing else passes. Text is data: a webview shows it as
 * text nodes, never as HTML, except guide Markdown, which the extension has rendered and sanitised.
 */
export type Language = 'en' | 'zh-cn';

/** To any view, first of all (in answer to its `ready`): the language it speaks. */
export interface Setup {
  readonly type: 'setup';
  readonly language: Language;
}

/** From the extension to the map. */
export type ToMap =
  | Setup
  | { readonly type: 'topology'; readonly title: string; readonly topology: Topology }
  /** Draw the way of a diagnosis on the map; null takes it away. */
  | { readonly type: 'way'; readonly diagnosis: Diagnosis | null }
  | { readonly type: 'gone'; readonly reason: string };

/** From the map to the extension. */
export type FromMap =
  | { readonly type: 'ready' }
  | { readonly type: 'refresh' }
  | { readonly type: 'ask-why'; readonly from: string; readonly to: string | null }
  | { readonly type: 'open-terminal'; readonly endpoint: string }
  /** The diagnosis whose way is drawn, in full. */
  | { readonly type: 'show-diagnosis' }
  /** A picture of the map for a file that the user chooses. */
  | { readonly type: 'save-image'; readonly base64: string };

/** From the extension to the guide. */
export type ToGuide =
  | Setup
  /** `html` of the step's guide text, sanitised; `status` drives checks, hints and faults. */
  | {
      readonly type: 'lab';
      readonly status: LabStatus;
      readonly steps: readonly GuideStep[];
      readonly debriefHtml: string | null;
      readonly quizzes: readonly Quiz[];
      readonly references: readonly Reference[];
    }
  /** `step` may be a fault. */
  | { readonly type: 'hint'; readonly step: string; readonly html: string }
  | {
      readonly type: 'solution';
      readonly step: string;
      readonly commands: readonly { readonly node: string; readonly text: string }[];
    }
  | { readonly type: 'gone'; readonly reason: string };

/**
 * A section's text: of a step (its id), of the `intro`, or of a fault (its id). A code block is `<pre data-node="red"><code class="language-sh">…`: only blocks of a shell language can be
 * inserted into a terminal, and `data-node` (may be missing) says into whose.
 */
export interface GuideStep {
  readonly id: string;
  readonly html: string;
}

/** From the guide to the extension. */
export type FromGuide =
  | { readonly type: 'ready' }
  | { readonly type: 'check' }
  | { readonly type: 'hint'; readonly step: string }
  | { readonly type: 'solution'; readonly step: string }
  /** One line, into the terminal of a node; it does not run by itself. */
  | { readonly type: 'insert'; readonly node: string | null; readonly text: string }
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'open-terminal'; readonly node: string }
  | { readonly type: 'break'; readonly fault: string }
  | { readonly type: 'reset'; readonly step: string | null }
  | { readonly type: 'ask-why'; readonly question: NonNullable<LabStatus['faults'][number]['question']> };

/** `recheck`, `apply` and `undo` are each answered by a `diagnosis` (the old one where the user said no) or `failed`. */
export type ToDiagnosis =
  | Setup
  | { readonly type: 'working'; readonly from: string; readonly to: string }
  | {
      readonly type: 'diagnosis';
      readonly diagnosis: Diagnosis;
      /** Whether the last thing done here was applying a fix (so that it can be undone). */
      readonly applied: boolean;
      /** False where nothing can be changed (a snapshot, no privilege): Apply is then explained, not offered. */
      readonly canApply: boolean;
    }
  | { readonly type: 'failed'; readonly message: string };

/** From the diagnosis view to the extension. */
export type FromDiagnosis =
  | { readonly type: 'ready' }
  | { readonly type: 'recheck' }
  /** Indices into `diagnosis.causes` and that cause's `fixes`. */
  | { readonly type: 'apply'; readonly cause: number; readonly fix: number }
  | { readonly type: 'undo' }
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'show-on-map' };
