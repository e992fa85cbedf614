/** Every bit of what is too long for `npm test`: KEM keys of 524 KB, and ciphertexts of real McEliece. */
import { createMcElieceWorkers } from "@ropewalk/crypto/mceliece/workers";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { answerTo, keyBits } from "./pure/handshake/key-bits.ts";
import { ciphertextBits, openHybrid } from "./real-hybrid.ts";

interface SoakTarget {
  readonly name: string;
  readonly inputs: number;
  readonly unit: string;
  readonly run: (
    inputs: number,
    seed: number,
    report: (line: string) => void,
  ) => readonly string[] | Promise<readonly string[]>;
}

export const soakTargets: readonly SoakTarget[] = [
  {
    name: "handshake KEM key bits",
    ...{ inputs: keyBits, unit: "bits" },
    run(inputs, seed) {
      const faults: string[] = [];
      const stride = Math.max(1, Math.floor(keyBits / inputs));
      for (let bit = inputs < keyBits ? seed % stride : 0; bit < keyBits && faults.length < 10; bit += stride) {
        const answer = answerTo(bit);
        if (answer !== "kem-key-mismatch") faults.push(`bit ${bit}: ${answer}`);
      }
      return faults;
    },
  },
  {
    name: "handshake McEliece ciphertext bits",
    ...{ inputs: 2 * ciphertextBits, unit: "bits" },
    async run(inputs, seed, report) {
      await using workers = createMcElieceWorkers({ count: 2 }, { clock: createSystemClock() });
      const hybrid = await openHybrid(workers);
      const faults: string[] = [];
      for (let index = 0; index < inputs && faults.length < 10; index += 1) {
        const bit = inputs < 2 * ciphertextBits ? (seed + index * 17) % (2 * ciphertextBits) : index;
        const established = await hybrid.withChangedBit(bit);
        if (established.length > 0) faults.push(`bit ${bit}: ${established.join(" and ")} established a session`);
        if (index % 500 === 499) report(`${index + 1} of ${inputs} bits`);
      }
      return faults;
    },
  },
];
