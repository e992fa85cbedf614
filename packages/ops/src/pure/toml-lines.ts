/**
 * On which line a TOML text sets each key. The parser in use (smol-toml) gives values without places, and a fault that
 * names its line is found at once. Only texts that parsed are given to this; any other gives lines that mean nothing,
 * but never an error. Keys inside inline tables and inline arrays count as set where those begin.
 */
import { formatPath, type PathStep } from "./config-path.ts";

/** Line numbers (from 1) by path, as `formatPath` writes paths. */
export function tomlLines(text: string): ReadonlyMap<string, number> {
  return new TomlScanner(text).scan();
}

/** The line of `path`, or of the nearest table above it; undefined when the text sets neither. */
export function lineOf(lines: ReadonlyMap<string, number>, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const line = lines.get(formatPath(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return undefined;
}

class TomlScanner {
  readonly #text: string;
  readonly #lines = new Map<string, number>();
  /** How many tables each list of tables has so far, by path. */
  readonly #counts = new Map<string, number>();
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): ReadonlyMap<string, number> {
    let table: readonly PathStep[] = [];
    for (;;) {
      this.#skipBlank();
      if (this.#at >= this.#text.length) return this.#lines;
      const line = this.#line;
      if (this.#text[this.#at] === "[") {
        table = this.#header();
        this.#note(table, line);
      } else {
        this.#note(this.#resolve(table, this.#key()), line);
      }
      this.#skipValue();
    }
  }

  /** The first line that sets a path stays; a table set in parts is named by its first part. */
  #note(path: readonly PathStep[], line: number): void {
    for (let length = 1; length <= path.length; length += 1) {
      const name = formatPath(path.slice(0, length));
      if (!this.#lines.has(name)) this.#lines.set(name, line);
    }
  }

  #header(): readonly PathStep[] {
    const isList = this.#text[this.#at + 1] === "[";
    this.#at += isList ? 2 : 1;
    const key = this.#key();
    if (isList) {
      const name = formatPath(this.#resolve([], key.slice(0, -1)).concat(key.slice(-1)));
      this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    }
    return this.#resolve([], key);
  }

  /** Adds the index of the newest table wherever the path goes through a list of tables. */
  #resolve(table: readonly PathStep[], key: readonly string[]): PathStep[] {
    const path = [...table];
    for (const step of key) {
      path.push(step);
      const count = this.#counts.get(formatPath(path));
      if (count !== undefined) path.push(count - 1);
    }
    return path;
  }

  /** A dotted key, up to the "=" or "]" that ends it. */
  #key(): readonly string[] {
    const steps: string[] = [];
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (character === "=" || character === "]" || character === "\n") break;
      if (character === '"' || character === "'") steps.push(this.#quoted(character));
      else if (/[\s.]/.test(character)) this.#at += 1;
      else steps.push(this.#bare());
    }
    return steps;
  }

  #bare(): string {
    const start = this.#at;
    while (this.#at < this.#text.length && !/[\s.=\]"']/.test(this.#text.charAt(this.#at))) this.#at += 1;
    return this.#text.slice(start, this.#at);
  }

  #quoted(quote: string): string {
    const start = this.#at;
    this.#skipString(quote);
    const raw = this.#text.slice(start + 1, this.#at - 1);
    return quote === "'" ? raw : unescaped(raw);
  }

  #skipString(quote: string): void {
    const isLong = this.#text.startsWith(quote.repeat(3), this.#at);
    const end = isLong ? quote.repeat(3) : quote;
    this.#at += end.length;
    while (this.#at < this.#text.length && !this.#text.startsWith(end, this.#at)) {
      this.#advance(quote === '"' && this.#text[this.#at] === "\\" ? 2 : 1);
    }
    this.#at += end.length;
    // A long string may end in up to two quotes of its own before its delimiter (TOML 1.0 "String").
    while (isLong && this.#text[this.#at] === quote) this.#at += 1;
  }

  /** To the end of the statement: a line's end outside strings and brackets. */
  #skipValue(): void {
    let depth = 0;
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (character === "\n" && depth <= 0) return;
      if (character === '"' || character === "'") {
        this.#skipString(character);
        continue;
      }
      if (character === "#") {
        this.#skipComment();
        continue;
      }
      if (character === "[" || character === "{") depth += 1;
      if (character === "]" || character === "}") depth -= 1;
      this.#advance(1);
    }
  }

  #skipBlank(): void {
    while (this.#at < this.#text.length && /[\s#\uFEFF]/.test(this.#text.charAt(this.#at))) {
      if (this.#text[this.#at] === "#") this.#skipComment();
      else this.#advance(1);
    }
  }

  #skipComment(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  #advance(by: number): void {
    for (const end = this.#at + by; this.#at < end; this.#at += 1) {
      if (this.#text[this.#at] === "\n") this.#line += 1;
    }
  }
}

/** TOML's escapes that JSON has too cover every key that people write; a key with others is shown as it stands. */
function unescaped(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}
