import type { ReactiveController, ReactiveControllerHost } from 'lit';

/** Milliseconds that a step stays while the way is played. */
const PACE = 1600;

/** Which step of the packet's way is looked at, and whether the steps follow each other by themselves. */
export class WayPlayer implements ReactiveController {
  /** null: the whole way. */
  step: number | null = null;
  playing = false;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    /** How many steps there are now. */
    private readonly length: () => number,
    private readonly arrived: (step: number) => void,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.play(false);
  }

  go(step: number | null): void {
    this.step = step;
    if (step !== null) this.arrived(step);
    this.host.requestUpdate();
  }

  /** From the next step on, or from the first where there is none. */
  play(playing: boolean): void {
    clearInterval(this.timer);
    this.playing = playing;
    this.host.requestUpdate();
    if (!playing) return;
    const last = this.length() - 1;
    this.go(this.step === null || this.step >= last ? 0 : this.step + 1);
    this.timer = setInterval(() => {
      if (this.step === null || this.step >= this.length() - 1) this.play(false);
      else this.go(this.step + 1);
    }, PACE);
  }
}
