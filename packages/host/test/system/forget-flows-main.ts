/** A program for tests: deletes the flows of an uplink, `MARK ADDRESS…`, in the network that it runs in, and prints how many. */
import { createNative } from "@ropewalk/host/linux/native";
import { deleteUplinkFlows } from "@ropewalk/host/linux/uplink-flows";
import { families, ipAddress } from "@ropewalk/kernel/addresses";

const [mark, ...addresses] = process.argv.slice(2);
const uplink = { mark: Number(mark), addresses: new Set(addresses.map(ipAddress)) };
const origins = families.map((family) => ({ family, ...uplink }));
const outcomes = deleteUplinkFlows(createNative(), origins);
process.stdout.write(String(outcomes.reduce((sum, { removed }) => sum + removed, 0)));
