/** What one record will carry: frames as parts, one behind the other. */
export class Draft {
  readonly parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(part: Uint8Array): void {
    this.parts.push(part);
    this.#length += part.length;
  }
}
