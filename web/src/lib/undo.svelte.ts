// Ten seconds in which what was just done can be taken back. Several in a row
// are one group; the clock stands still while a pointer or the focus is on the bar.

export const UNDO_MS = 10_000;
/** Left at least after the bar was touched. */
const GRACE_MS = 4_000;

class Undo {
  /** How many things "undo" would bring back; 0 hides the bar. */
  count = $state(0);
  held = $state(false);
  #takeBack: Array<() => Promise<void>> = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #endsAt = 0;

  offer(takeBack: () => Promise<void>): void {
    this.#takeBack.push(takeBack);
    this.count = this.#takeBack.length;
    this.#run(UNDO_MS);
  }

  async takeBack(): Promise<void> {
    const all = this.#takeBack;
    this.dismiss();
    await Promise.all(all.map((back) => back()));
  }

  dismiss = (): void => {
    clearTimeout(this.#timer);
    this.#takeBack = [];
    this.count = 0;
    this.held = false;
  };

  hold = (): void => {
    clearTimeout(this.#timer);
    this.held = true;
  };

  release = (): void => {
    if (!this.held || this.count === 0) return;
    this.held = false;
    this.#run(Math.max(this.#endsAt - Date.now(), GRACE_MS));
  };

  #run(ms: number): void {
    clearTimeout(this.#timer);
    if (this.held) return;
    this.#endsAt = Date.now() + ms;
    this.#timer = setTimeout(this.dismiss, ms);
  }
}

export const undo = new Undo();
