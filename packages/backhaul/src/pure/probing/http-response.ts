/**
 * Reads one HTTP/1 response as it arrives. Whatever comes, it holds no more than 16 KiB, looks at each octet a bounded
 * number of times, and never throws. Source: RFC 9112 §4–§7.
 */

export interface HttpHead {
  readonly status: number;
  readonly location: string | undefined;
}

export type HttpReading =
  /** `head` as soon as it is whole. */
  | { readonly kind: "incomplete"; readonly head: HttpHead | undefined }
  | { readonly kind: "complete"; readonly head: HttpHead; readonly body: Uint8Array }
  /** What came is no HTTP response, or one that nobody waits the end of. */
  | { readonly kind: "malformed"; readonly head: HttpHead | undefined; readonly detail: string };

type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  /** Everything until the connection ends is the body. */
  | { readonly kind: "until-end" };

interface ReadHead extends HttpHead {
  readonly framing: Framing;
}

const octetsAtMost = 16_384;
const opening = "HTTP/1.";
const newline = 0x0a;
const carriageReturn = 0x0d;

export class HttpResponseReader {
  readonly #octets = new Uint8Array(octetsAtMost);
  #length = 0;
  /** Where the line that is read begins, and how far the search for its end has come. */
  #line = 0;
  #searched = 0;
  #head: ReadHead | undefined;
  #headLines: string[] = [];
  readonly #chunks: ChunkReader = new ChunkReader();
  #bodyStart = 0;
  #fault: string | undefined;

  /** Takes what came; what it says holds for everything that came so far. */
  receive(octets: Uint8Array): HttpReading {
    const room = octetsAtMost - this.#length;
    this.#octets.set(octets.subarray(0, room), this.#length);
    this.#length += Math.min(room, octets.length);
    const reading = this.#read(false);
    if (reading.kind !== "incomplete" || octets.length <= room) return reading;
    return this.#malformed(`more than ${octetsAtMost} octets`);
  }

  /** The connection has ended. */
  end(): HttpReading {
    const reading = this.#read(true);
    return reading.kind === "incomplete" ? this.#malformed("the connection ended within the response") : reading;
  }

  #read(hasEnded: boolean): HttpReading {
    if (this.#fault === undefined && this.#head === undefined) this.#readHead();
    if (this.#fault !== undefined) return this.#malformed(this.#fault);
    const head = this.#head;
    if (head === undefined) return { kind: "incomplete", head };
    const body = this.#octets.subarray(this.#bodyStart, this.#length);
    switch (head.framing.kind) {
      case "none":
        return { kind: "complete", head, body };
      case "length": {
        const { length } = head.framing;
        if (body.length < length) return { kind: "incomplete", head };
        return { kind: "complete", head, body: body.subarray(0, length) };
      }
      case "until-end":
        return hasEnded ? { kind: "complete", head, body } : { kind: "incomplete", head };
      case "chunked": {
        const chunks = this.#chunks.read(body);
        if (chunks === "malformed") return this.#malformed("a chunk without a size");
        return chunks === "incomplete" ? { kind: "incomplete", head } : { kind: "complete", head, body: chunks };
      }
    }
  }

  /** Lines may end with a bare line feed (RFC 9112 §2.2). Interim responses (1xx) are read past. */
  #readHead(): void {
    if (!startsLikeHttp(this.#octets.subarray(0, this.#length))) this.#fault = "no HTTP";
    while (this.#fault === undefined && this.#head === undefined) {
      const end = this.#octets.subarray(0, this.#length).indexOf(newline, this.#searched);
      this.#searched = end < 0 ? this.#length : end + 1;
      if (end < 0) return;
      const text = latin1(this.#octets.subarray(this.#line, end));
      this.#line = end + 1;
      if (text !== "") this.#headLines.push(text);
      else this.#endHead();
    }
  }

  #endHead(): void {
    const head = parseHead(this.#headLines);
    this.#headLines = [];
    if (head === undefined) this.#fault = "no HTTP";
    else if (head.status >= 200 || head.status === 101) {
      this.#head = head;
      this.#bodyStart = this.#line;
    }
  }

  #malformed(detail: string): HttpReading {
    this.#fault = detail;
    return { kind: "malformed", head: this.#head, detail };
  }
}

/** The chunked coding. Source: RFC 9112 §7.1; extensions and trailers are ignored. */
class ChunkReader {
  readonly #parts: Uint8Array[] = [];
  #at = 0;
  #searched = 0;
  #step: "size" | "data" | "trailer" = "size";
  #size = 0;

  /** `octets` always begins with the first chunk. */
  read(octets: Uint8Array): Uint8Array | "incomplete" | "malformed" {
    for (;;) {
      if (this.#step === "data") {
        if (octets.length < this.#at + this.#size + 1) return "incomplete";
        this.#parts.push(octets.subarray(this.#at, this.#at + this.#size));
        this.#at += this.#size;
        // What ends the data is read as an empty line before the next size.
        this.#searched = this.#at;
        this.#step = "size";
        this.#size = 0;
      }
      const end = octets.indexOf(newline, this.#searched);
      this.#searched = end < 0 ? octets.length : end + 1;
      if (end < 0) return "incomplete";
      const line = latin1(octets.subarray(this.#at, end));
      this.#at = end + 1;
      if (this.#step === "trailer") {
        if (line === "") return concatenate(this.#parts);
      } else if (line !== "" || this.#parts.length === 0) {
        const size = /^([0-9a-fA-F]{1,6})[ \t]*(?:;.*)?$/.exec(line)?.[1];
        if (size === undefined) return "malformed";
        this.#size = Number.parseInt(size, 16);
        this.#step = this.#size === 0 ? "trailer" : "data";
      }
    }
  }
}

/** False as soon as it can be no status line, however little came. */
function startsLikeHttp(octets: Uint8Array): boolean {
  return latin1(octets.subarray(0, opening.length)) === opening.slice(0, octets.length);
}

function parseHead([statusLine = "", ...fields]: readonly string[]): ReadHead | undefined {
  const status = /^HTTP\/1\.[01] +([1-9]\d\d)(?: .*)?$/.exec(statusLine)?.[1];
  if (status === undefined) return undefined;
  const values = (name: string) => fields.flatMap((field) => fieldValue(field, name));
  const lengths = new Set(values("content-length").flatMap((value) => value.split(",").map((each) => each.trim())));
  const [length] = lengths;
  if (lengths.size > 1 || (length !== undefined && !/^\d{1,15}$/.test(length))) return undefined;
  const announced = length === undefined ? undefined : Number(length);
  const framing = framingOf(Number(status), values("transfer-encoding").join(","), announced);
  return { status: Number(status), location: values("location")[0], framing };
}

/**
 * RFC 9112 §6.3, but for responses that may have no body (204, 304): when they announce one nevertheless it is read, for
 * only somebody in between sends such.
 */
function framingOf(status: number, transferCoding: string, length: number | undefined): Framing {
  const codings = transferCoding.toLowerCase();
  if (codings !== "") return /(?:^|,)\s*chunked\s*$/.test(codings) ? { kind: "chunked" } : { kind: "until-end" };
  if (length !== undefined) return { kind: "length", length };
  return status === 204 || status === 304 || status === 101 ? { kind: "none" } : { kind: "until-end" };
}

function fieldValue(field: string, name: string): readonly string[] {
  const colon = field.indexOf(":");
  return colon > 0 && field.slice(0, colon).toLowerCase() === name ? [field.slice(colon + 1).trim()] : [];
}

/** Without the carriage return at its end. */
function latin1(octets: Uint8Array): string {
  const length = octets.at(-1) === carriageReturn ? octets.length - 1 : octets.length;
  let text = "";
  for (let index = 0; index < length; index += 1) text += String.fromCharCode(octets[index] ?? 0);
  return text;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
