/**
 * Mistakes that a handshake can have, each made on purpose in the real sources, and by which property in which world the explorer
 * must find it. Those that nothing finds say what makes up for them.
 */
import type { Mutant } from "./mutant.ts";
import { proofMutants } from "./proof-mutants.ts";
import { secretMutants } from "./secret-mutants.ts";

export const mutants: readonly Mutant[] = [...proofMutants, ...secretMutants];
