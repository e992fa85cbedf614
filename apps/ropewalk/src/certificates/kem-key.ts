/** Makes the Classic McEliece key that --out-kem-key asks for, on a thread of its own, and says so while it lasts. */
import type { McElieceKeyPair } from "@ropewalk/crypto/mceliece/keys";
import type { CommandContext } from "../command-context.ts";

/** The pair, which the caller disposes; progress goes to standard error. */
export async function makeKemKey({ clock, errors }: CommandContext): Promise<McElieceKeyPair> {
  const { createMcElieceWorkers } = await import("@ropewalk/crypto/mceliece/workers");
  await using workers = createMcElieceWorkers({ count: 1 }, { clock });
  errors.write("making a Classic McEliece key, which takes from one to some seconds\n");
  return await workers.generate({
    onProgress: (elapsed) => errors.write(`still making it, for ${Math.round(elapsed / 1000)} s\n`),
  });
}
