/** What a process that is one node of a chain is told, and what it tells. Times are of the clock that all processes have in common, in ms. */

export interface PostTask {
  readonly folder: string;
  /** Where the node before it listens; undefined: it is the first. */
  readonly before: string | undefined;
}

export type PostOrder =
  /** Until there is a way to that node, and its key is known. */
  | { readonly kind: "find"; readonly to: string }
  /** So many messages, of which so many at most are not proved. */
  | {
      readonly kind: "send";
      readonly to: string;
      readonly count: number;
      readonly octets: number;
      readonly atOnce: number;
    }
  /** What it has cost so far, and what came. */
  | { readonly kind: "tell" };

export type PostWord =
  | { readonly kind: "listening"; readonly at: string; readonly address: string }
  | { readonly kind: "found" }
  /** All are proved. */
  | { readonly kind: "sent"; readonly began: number; readonly ended: number }
  | {
      readonly kind: "told";
      /** Of all its threads, and of its own thread. */
      readonly processor: number;
      readonly thread: number;
      readonly inbox: number;
    };
