/** Our own bug: a state that the code promises never to reach. Never caught to go on as if nothing happened. */
export class InvariantError extends Error {
  override name = "InvariantError";
}

/** @throws InvariantError with `claim` when `holds` is false. */
export function invariant(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new InvariantError(claim);
}
