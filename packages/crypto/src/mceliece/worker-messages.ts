/** What a McEliece worker is asked and answers. It has one call at a time, so that messages need no numbers. */

/** A key that the worker keeps; its octets come along when it does not yet. */
export interface KeyReference {
  readonly name: string;
  readonly octets: Uint8Array<ArrayBuffer> | undefined;
}

export type WorkerCall =
  | { readonly kind: "generate" }
  | { readonly kind: "encapsulate"; readonly key: KeyReference }
  | { readonly kind: "decapsulate"; readonly key: KeyReference; readonly ciphertext: Uint8Array };

export type WorkerRequest =
  | WorkerCall
  /** Has no answer. */
  | { readonly kind: "forget"; readonly names: readonly string[] };

export type WorkerAnswer =
  | {
      readonly kind: "generated";
      readonly publicKey: Uint8Array<ArrayBuffer>;
      readonly secretKey: Uint8Array<ArrayBuffer>;
    }
  | {
      readonly kind: "encapsulated";
      readonly ciphertext: Uint8Array<ArrayBuffer>;
      readonly secret: Uint8Array<ArrayBuffer>;
    }
  | { readonly kind: "decapsulated"; readonly secret: Uint8Array<ArrayBuffer> };

/** What a caller wants: a call, and the octets of its key for a worker that does not keep it. */
export type Job =
  | { readonly kind: "generate" }
  | { readonly kind: "encapsulate"; readonly key: JobKey }
  | { readonly kind: "decapsulate"; readonly key: JobKey; readonly ciphertext: Uint8Array };

interface JobKey {
  readonly name: string;
  readonly octets: () => Uint8Array;
}

/** What is moved with an answer rather than copied, so that no second copy of a secret is left behind. */
export function partsOf(answer: WorkerAnswer): readonly Uint8Array<ArrayBuffer>[] {
  switch (answer.kind) {
    case "generated":
      return [answer.publicKey, answer.secretKey];
    case "encapsulated":
      return [answer.ciphertext, answer.secret];
    case "decapsulated":
      return [answer.secret];
  }
}
