import { concatBytes, fromLatin1 } from "../../../core/model/bytes.ts";
import { randomBytes } from "../../../core/model/random.ts";
import { clientName, rawClientName } from "../../../core/peer/client-name.ts";
import { claim, pick, type Target } from "../target.ts";

const PREFIXES = [
  "-PS0100-",
  "-TR3000-",
  "-TR400Z-",
  "-lt0D80-",
  "-qB4520-",
  "-UT355W-",
  "-WW0102-",
  "-DE13Fs-",
  "-BC0152-",
  "-ML3.1.6-",
  "A2-1-36-0-",
  "M7-10-2--",
  "Q1-23-4-",
  "S58B-----",
  "T03I-----",
  "exbc",
].map(fromLatin1);

/** Twenty bytes, and a name that can be shown whatever they are. */
export const peerId: Target = {
  name: "peer-id",
  share: 30,
  meets: ["named", "raw"],
  tokens: PREFIXES,
  make: (random) => concatBytes(pick(random, PREFIXES), randomBytes(random, 12)),
  judge(input) {
    const id = new Uint8Array(20);
    id.set(input.subarray(0, 20));
    const raw = rawClientName(id);
    claim(/^[\x20-\x7e]{1,40}$/.test(raw), () => `raw name ${JSON.stringify(raw)}`);
    const name = clientName(id);
    if (name === undefined) return "raw";
    claim(name.length > 1 && name.length <= 60 && !/\p{C}|NaN|undefined|-1/u.test(name), () => JSON.stringify(name));
    return "named";
  },
};
