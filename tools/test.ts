/** `npm test`: brings the system packages where it may, then runs the one gate. In CI a missing program is a failure. */
import { provideSystemPackages } from "./system-packages.ts";
import { verify } from "./verify.ts";

const lacking = provideSystemPackages();
if (lacking.length > 0) {
  process.stdout.write(
    `Not on this machine, so the tests that need it will fail and say so:\n${lacking.map((line) => `  - ${line}\n`).join("")}`,
  );
}
process.exitCode = await verify();
