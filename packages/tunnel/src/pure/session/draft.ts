/**
 * What one record will carry: frames as parts, one behind the other. Between `beginCopied` and `endCopied` lie those that may come
 * to the peer a second time, by the express lane.
 */
export class Draft {
  readonly parts: Uint8Array[] = [];
  #length = 0;
  /** Frames that were begun. */
  #frames = 0;
  #copied = { from: 0, to: 0, before: 0, length: 0, framesBefore: 0, frames: 0 };

  get length(): number {
    return this.#length;
  }

  /** Octets of the frames that may be copied. */
  get copiedLength(): number {
    return this.#copied.length;
  }

  /** How many frames may be copied. */
  get copies(): number {
    return this.#copied.frames;
  }

  /** The first part of a frame, or the only one. */
  begin(part: Uint8Array): void {
    this.#frames += 1;
    this.add(part);
  }

  add(part: Uint8Array): void {
    this.parts.push(part);
    this.#length += part.length;
  }

  beginCopied(): void {
    const from = this.parts.length;
    this.#copied = { from, to: from, before: this.#length, length: 0, framesBefore: this.#frames, frames: 0 };
  }

  endCopied(): void {
    const { from, before, framesBefore } = this.#copied;
    const length = this.#length - before;
    this.#copied = { from, to: this.parts.length, before, length, framesBefore, frames: this.#frames - framesBefore };
  }

  /** Those frames alone. */
  copied(): Draft {
    const draft = new Draft();
    for (const part of this.parts.slice(this.#copied.from, this.#copied.to)) draft.add(part);
    return draft;
  }
}
