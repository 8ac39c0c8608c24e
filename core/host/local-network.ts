/** Whether peers are looked for on the local network: not where `$PEERSCOPE_NO_LSD` is set, as in tests. */
export function asksLocalNetwork(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return env.PEERSCOPE_NO_LSD === undefined;
}
