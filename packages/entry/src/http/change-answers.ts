/**
 * Answers a change once for each key: who asks again gets what was answered, and who asks while it is under way is told so. An answer leaves when it is
 * kept; where it cannot be, it is told that way, for it is true.
 */
import { describeError } from "@ropewalk/kernel/errors";
import type { Log } from "@ropewalk/ops/log";
import { EntryError } from "../errors.ts";
import type { ChangeClaims, ClaimedChange } from "../io/change-claims.ts";
import type { ChangeSecrets } from "./change-secrets.ts";
import { ProblemError } from "./problem-error.ts";

/** As it goes out. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly isReplayed: boolean;
}

export interface ChangeAnswersDeps {
  readonly claims: ChangeClaims;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly randomUuid: () => string;
  readonly log: Pick<Log, "warn">;
}

const nonceLength = 12;

export class ChangeAnswers {
  readonly #deps: ChangeAnswersDeps;

  constructor(deps: ChangeAnswersDeps) {
    this.#deps = deps;
  }

  /** `work` does it, or finds it done where it is done `isAgain`. Throws ProblemError and EntryError for what is not kept. */
  async run(
    secrets: ChangeSecrets,
    work: (isAgain: boolean) => Promise<{ readonly status: number; readonly body: string }>,
  ): Promise<Answer> {
    const { keyHash, requestHash } = secrets;
    const change: ClaimedChange = { keyHash, requestHash, claim: this.#deps.randomUuid() };
    const claim = await this.#deps.claims.claim(change);
    switch (claim.kind) {
      case "of-another":
        throw new ProblemError(
          "key-of-another",
          "draw a new key for each change, and send it again only with the same",
        );
      case "under-way":
        throw new ProblemError("under-way", "it was asked with this key and is not done yet: ask again", {
          retryAfter: claim.retryIn / 1000,
        });
      case "answered": {
        const body = secrets.open(claim.status, claim.sealed);
        if (body === undefined) throw new Error("a kept answer is not what was sealed with its key");
        return { status: claim.status, body, isReplayed: true };
      }
      case "mine":
        return await this.#do(change, secrets, () => work(claim.isAgain));
    }
  }

  async #do(
    change: ClaimedChange,
    secrets: ChangeSecrets,
    work: () => Promise<{ readonly status: number; readonly body: string }>,
  ): Promise<Answer> {
    try {
      const { status, body } = await work();
      await this.#keep(change, secrets, status, body);
      return { status, body, isReplayed: false };
    } catch (error) {
      if (error instanceof ProblemError && isOutcome(error)) {
        await this.#keep(change, secrets, error.document.status, JSON.stringify(error.document));
      } else await this.#try("a claim could not be released", () => this.#deps.claims.release(change));
      throw error;
    }
  }

  async #keep(change: ClaimedChange, secrets: ChangeSecrets, status: number, body: string): Promise<void> {
    const sealed = secrets.seal(this.#deps.randomBytes(nonceLength), status, body);
    await this.#try("an answer could not be kept", () => this.#deps.claims.answer(change, status, sealed));
  }

  /** Who asks again then has the change done again, which finds what was done. */
  async #try(message: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      this.#deps.log.warn({ reason: describeError(error) }, message);
    }
  }
}

/** What came of it, and would again; not that it could not be tried. */
function isOutcome({ document }: ProblemError): boolean {
  return document.code !== "internal" && document.code !== "unavailable" && document.code !== "unsure";
}
