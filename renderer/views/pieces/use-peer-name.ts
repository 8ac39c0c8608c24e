import { useMemo } from "react";
import { formatEndpoint } from "../../../core/model/endpoint.ts";
import { selectedDetails } from "../../store/app-state.ts";
import { say } from "../../words/say.ts";
import { useApp } from "../app-context.tsx";

/** Names a peer by its id: those that are here, and those that left not long ago. */
export function usePeerName(): (peer: number) => string {
  const peers = useApp((state) => selectedDetails(state).peers);
  const gone = useApp((state) => selectedDetails(state).gone);
  const left = useMemo(() => new Map(gone?.map((peer) => [peer.peer, peer])), [gone]);
  return (id) => {
    const peer = peers?.get(id) ?? left.get(id);
    return peer === undefined ? say.swarm.peerGone(id) : formatEndpoint(peer);
  };
}
