import { execa } from 'execa';

/** Once before the page tests: the views as users get them. */
export async function setup(): Promise<void> {
  await execa(process.execPath, ['.ci/build.mjs', '--only', 'webview'], { stdio: 'inherit' });
}
