// The microphone of this device. What the browser records (WebM, MP4) is decoded
// here again: the server reads neither of all of them, and a WAV it always reads.
import { wavOf } from './wav';

/** `denied`: the person or the browser said no. `absent`: no microphone, or no https. */
export type RecorderPhase = 'idle' | 'asking' | 'recording' | 'done' | 'denied' | 'absent';

const RATE_HZ = 16_000;
/** The server takes three minutes. */
export const SECONDS_MAX = 180;

export class Recorder {
  phase = $state<RecorderPhase>('idle');
  /** Seconds so far, then of the whole. */
  seconds = $state(0);
  /** What was recorded is being heard. */
  hearing = $state(false);
  #media: MediaRecorder | null = null;
  #stream: MediaStream | null = null;
  #clock: ReturnType<typeof setInterval> | undefined;
  #sound: AudioBuffer | null = null;
  #context: AudioContext | null = null;
  #source: AudioBufferSourceNode | null = null;
  #closed = false;

  async start(): Promise<void> {
    this.#silence();
    this.phase = 'asking';
    try {
      if (!navigator.mediaDevices) throw new DOMException('', 'NotFoundError');
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      this.phase = (error as DOMException).name === 'NotAllowedError' ? 'denied' : 'absent';
      return;
    }
    if (this.#closed) return this.#letGo();
    const parts: Blob[] = [];
    const media = new MediaRecorder(this.#stream);
    media.addEventListener('dataavailable', (event) => parts.push(event.data));
    media.addEventListener('stop', () => void this.#finish(new Blob(parts)));
    media.start();
    this.#media = media;
    this.phase = 'recording';
    const began = performance.now();
    this.seconds = 0;
    this.#clock = setInterval(() => {
      this.seconds = (performance.now() - began) / 1000;
      if (this.seconds >= SECONDS_MAX - 1) this.stop();
    }, 100);
  }

  stop(): void {
    if (this.#media?.state === 'recording') this.#media.stop();
  }

  /** What was recorded, for the server. */
  async file(): Promise<Blob | null> {
    if (!this.#sound) return null;
    const frames = Math.ceil(this.#sound.duration * RATE_HZ);
    const offline = new OfflineAudioContext(1, frames, RATE_HZ);
    const source = offline.createBufferSource();
    source.buffer = this.#sound;
    source.connect(offline.destination);
    source.start();
    return wavOf((await offline.startRendering()).getChannelData(0), RATE_HZ);
  }

  /** Hears what was recorded, or stops hearing it. Not by an element: the policy lets no blob be played. */
  hear(): void {
    if (this.hearing || !this.#sound || !this.#context) return this.#silence();
    const source = this.#context.createBufferSource();
    source.buffer = this.#sound;
    source.connect(this.#context.destination);
    source.addEventListener('ended', () => (this.hearing = false));
    void this.#context.resume();
    source.start();
    this.#source = source;
    this.hearing = true;
  }

  discard(): void {
    this.#silence();
    this.#sound = null;
    this.seconds = 0;
    this.phase = 'idle';
  }

  /** The view goes away. */
  close(): void {
    this.#closed = true;
    this.discard();
    this.stop();
    this.#letGo();
    void this.#context?.close();
  }

  async #finish(recorded: Blob): Promise<void> {
    this.#letGo();
    if (this.#closed) return;
    try {
      this.#context ??= new AudioContext();
      this.#sound = await this.#context.decodeAudioData(await recorded.arrayBuffer());
      this.seconds = this.#sound.duration;
      this.phase = 'done';
    } catch {
      this.phase = 'absent';
    }
  }

  #letGo(): void {
    clearInterval(this.#clock);
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#media = null;
  }

  #silence(): void {
    this.#source?.stop();
    this.#source = null;
    this.hearing = false;
  }
}
