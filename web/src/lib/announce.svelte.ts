// What the one polite live region says.

class Announcer {
  text = $state('');
  #odd = false;

  say(text: string): void {
    // The same sentence twice is only read twice if the text differs.
    this.#odd = !this.#odd;
    this.text = this.#odd ? text : `${text}\u00a0`;
  }
}

export const announcer = new Announcer();
