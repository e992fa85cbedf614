/** The real watch keeps the contract. */

import { inOwnNamespace } from "../in-own-namespace.ts";
import { networkWatchContract } from "../ports/network-watch.contract.ts";
import { createNamespaceWorld } from "./namespace-world.ts";

inOwnNamespace(import.meta.filename, () => networkWatchContract(createNamespaceWorld));
