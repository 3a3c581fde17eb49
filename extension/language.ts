import * as vscode from 'vscode';
import type { Language } from '../webview/messages.ts';
import chinese from '../l10n/bundle.l10n.zh-cn.json';

const setting = (): string => vscode.workspace.getConfiguration('hoplab').get<string>('language', 'auto');

/** The language of everything Hoplab says: the setting's, or else VS Code's. */
export function language(): Language {
  const chosen = setting();
  if (chosen === 'en' || chosen === 'zh-cn') return chosen;
  return vscode.env.language.toLowerCase().startsWith('zh') ? 'zh-cn' : 'en';
}

/**
 * A text in the user's language; `{0}`, `{1}` … stand for the arguments. The English text is the key: it must be a literal,
 * so that the test finds it.
 */
export function say(text: string, ...values: readonly (string | number)[]): string {
  if (setting() === 'auto') return vscode.l10n.t(text, ...values);
  const translations: Readonly<Record<string, string | undefined>> = chinese;
  const template = language() === 'zh-cn' ? (translations[text] ?? text) : text;
  return template.replace(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));
}
