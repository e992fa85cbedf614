/**
 * The base of every Ropewalk error. Each package has one class with a closed union of codes;
 * the message says what happened, to what, and what to do about it.
 */

export abstract class RopewalkError<Code extends string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** What cannot happen, happened: a defect in Ropewalk, never a fault of its user or its peers. */
export class InternalError extends RopewalkError<"INTERNAL"> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("INTERNAL", message, options);
  }
}

/** One line for people: the message of an error and of every cause below it. */
export function describeError(error: unknown): string {
  const lines: string[] = [];
  for (let current: unknown = error; current !== undefined && lines.length < 8; ) {
    lines.push(current instanceof Error ? current.message : String(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines.join(": ");
}
