// One player for the whole page: starting a message silences the one before.

/** Something to be heard: a message, or a prompt under the address of its sound. */
export interface Sound {
  id: string;
  audio: string;
}

export const RATES = [1, 1.5, 2] as const;
const RATE_KEY = 'nightdesk.rate';

class Player {
  /** The message whose audio is loaded. */
  current = $state<string | null>(null);
  playing = $state(false);
  /** Seconds. */
  time = $state(0);
  rate = $state<number>(storedRate());
  /** The message that could not be played. */
  broken = $state<string | null>(null);
  /** Called each time a message begins to sound. */
  onstart: (id: string) => void = () => {};
  #audio = new Audio();
  #frame = 0;

  constructor() {
    const audio = this.#audio;
    audio.preload = 'auto';
    audio.addEventListener('playing', () => {
      this.playing = true;
      if (this.current) this.onstart(this.current);
      this.#follow();
    });
    audio.addEventListener('pause', () => (this.playing = false));
    audio.addEventListener('seeked', () => (this.time = audio.currentTime));
    audio.addEventListener('ended', () => {
      this.playing = false;
      this.time = 0;
      audio.currentTime = 0;
    });
    audio.addEventListener('error', () => {
      if (!audio.getAttribute('src')) return;
      this.broken = this.current;
      this.playing = false;
    });
  }

  async toggle(message: Sound): Promise<void> {
    if (this.current === message.id && this.playing) return this.#audio.pause();
    this.#load(message);
    try {
      await this.#audio.play();
    } catch (error) {
      // AbortError: another message was started meanwhile; that is no fault.
      if ((error as DOMException).name !== 'AbortError' && this.current === message.id) this.broken = message.id;
    }
  }

  seek(message: Sound, seconds: number): void {
    this.#load(message);
    this.time = seconds;
    this.#audio.currentTime = seconds;
  }

  setRate(rate: number): void {
    this.rate = rate;
    this.#audio.playbackRate = rate;
    localStorage.setItem(RATE_KEY, String(rate));
  }

  /** Falls silent and lets go of the audio; only if it is `id`, where one is given. */
  stop(id?: string): void {
    if (id !== undefined && this.current !== id) return;
    this.#audio.pause();
    this.#audio.removeAttribute('src');
    this.#audio.load();
    this.current = null;
    this.playing = false;
    this.time = 0;
  }

  #load(message: Sound): void {
    if (this.current === message.id && this.broken !== message.id) return;
    this.broken = null;
    this.current = message.id;
    this.time = 0;
    this.#audio.src = message.audio;
    this.#audio.defaultPlaybackRate = this.rate;
    this.#audio.playbackRate = this.rate;
  }

  /** `timeupdate` comes four times a second: too coarse for a line that glides. */
  #follow(): void {
    cancelAnimationFrame(this.#frame);
    const step = () => {
      if (!this.playing) return;
      this.time = this.#audio.currentTime;
      this.#frame = requestAnimationFrame(step);
    };
    step();
  }
}

function storedRate(): number {
  const stored = Number(localStorage.getItem(RATE_KEY));
  return RATES.find((rate) => rate === stored) ?? 1;
}

export const player = new Player();
