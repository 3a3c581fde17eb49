/** Says changes to screen readers without taking the focus: one polite live region for the whole page. */
export class Announcer {
  private region: HTMLElement | null = null;
  private said = '';

  /** Says `text` unless it was the last thing said. */
  say(text: string): void {
    if (text === this.said || text === '') return;
    this.said = text;
    this.place().textContent = text;
  }

  private place(): HTMLElement {
    if (this.region) return this.region;
    const region = document.createElement('div');
    region.className = 'visually-hidden';
    region.setAttribute('role', 'status');
    region.setAttribute('aria-live', 'polite');
    document.body.append(region);
    this.region = region;
    return region;
  }
}
