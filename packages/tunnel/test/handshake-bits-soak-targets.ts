/** Every bit of what is too long for `npm test`: KEM keys of 524 KB, ciphertexts of real McEliece, each octet of TLS's flights. */
import { createMcElieceWorkers } from "@ropewalk/crypto/mceliece/workers";
import { createSystemClock } from "@ropewalk/kernel/system-clock";
import { openTlsEnds } from "./io/tls-ends.ts";
import { type ChangedBit, meetChanged, tryChanges } from "./io/tls-flights.ts";
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
  {
    name: "handshake TLS flights",
    ...{ inputs: 100_000, unit: "octets at most, a bit of each" },
    async run(inputs, seed, report) {
      await using ends = await openTlsEnds();
      const { flights } = await meetChanged(ends.threads, undefined);
      const all = (["source", "destination"] as const).flatMap((from) =>
        Array.from(flights[from], (_, offset): ChangedBit => ({ from, offset, bit: (seed + offset * 5) % 8 })),
      );
      const stride = Math.max(1, Math.floor(all.length / inputs));
      const changes = all.filter((_, index) => index % stride === 0);
      const { tried, accepted, ignored } = await tryChanges(ends.threads, flights, changes, (count) => {
        if (count % 5_000 === 0) report(`${count} of ${changes.length}`);
      });
      report(`${tried} octets; TLS does not look at ${ignored.map(describe).join(", ") || "none of these"}`);
      return accepted.map((change) => `${describe(change)} made no difference`);
    },
  },
];

const describe = ({ from, offset, bit }: ChangedBit) => `bit ${bit} of octet ${offset} of the ${from}`;
