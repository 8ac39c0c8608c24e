import fc from "fast-check";

/** The same examples in every run, so that a failure is one of the change; `PEERSCOPE_SEED` tries others. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.PEERSCOPE_SEED ?? 1) });
