/** Claims a start as entry would, says so, and never answers: to be killed by its test. Arguments: settings, database, key, token, device. */
import { randomUUID } from "node:crypto";
import { ChangeSecrets, requestHash } from "@ropewalk/entry/http/change-secrets";
import { ChangeClaims } from "@ropewalk/entry/io/change-claims";
import { Database } from "@ropewalk/entry/io/database";
import type { ChangeKey } from "@ropewalk/entry/pure/http/change-key";
import { seconds } from "@ropewalk/kernel/units";
import { deps } from "../system/server-place.ts";

const [settings = "", name = "", key = "", token = "", deviceId = ""] = process.argv.slice(2);
const database = new Database({ ...JSON.parse(settings), database: name }, deps);
const { sub } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
const request = { method: "POST", target: "/v1/sessions/start", caller: `customer:${sub}` };
const body = new TextEncoder().encode(JSON.stringify({ deviceId }));
const secrets = new ChangeSecrets(key as ChangeKey, requestHash({ ...request, body }));
const claims = new ChangeClaims(database, { claimFor: seconds(3) });
const claim = await claims.claim({ ...secrets, claim: randomUUID() });
process.stdout.write(`${claim.kind}\n`);
setInterval(() => {}, 1000);
