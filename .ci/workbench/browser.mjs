/** A Chromium of our own, with a fresh profile, without a window. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { findCommand, NotPrepared } from '../prepare.mjs';

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

export async function launchBrowser({ width = 1280, height = 800, locale = 'en-US' } = {}) {
  const executablePath = BROWSERS.map(findCommand).find((file) => file !== undefined);
  if (executablePath === undefined)
    throw new NotPrepared('No Chromium was found. Install one: sudo apt-get install -y chromium');
  const profile = mkdtempSync(join(tmpdir(), 'hoplab-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    locale,
    viewport: { width, height },
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
  return {
    context,
    page: context.pages()[0] ?? (await context.newPage()),
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
