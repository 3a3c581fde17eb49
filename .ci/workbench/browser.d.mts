import type { BrowserContext, Page } from 'playwright-core';

export interface Browser {
  context: BrowserContext;
  page: Page;
  close(): Promise<void>;
}

export function launchBrowser(options?: {
  width?: number;
  height?: number;
  locale?: string;
}): Promise<Browser>;
