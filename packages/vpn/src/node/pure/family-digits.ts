/** By which digit the names of sets of a family's addresses end. */
import type { Family } from "@ropewalk/kernel/addresses";

export const digits: Readonly<Record<Family, string>> = { ipv4: "4", ipv6: "6" };
