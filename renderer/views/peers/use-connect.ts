import { useCallback } from "react";
import type { AnyPeer } from "../../format/peer-filter.ts";
import { say } from "../../words/say.ts";
import { useActions, useGetState } from "../app-context.tsx";
import { notify } from "../toasts.tsx";

/** Dials peers at once that are not connected, whatever their last failure was. */
export function useConnect(): (peers: readonly AnyPeer[]) => void {
  const { addPeer } = useActions();
  const getState = useGetState();
  return useCallback(
    async (peers) => {
      const { selected } = getState();
      if (selected === undefined || peers.length === 0) return;
      const faults = await Promise.all(peers.map(({ peer }) => addPeer(selected, peer.host, peer.port)));
      const fault = faults.find((words) => words !== undefined);
      if (fault === undefined) notify("done", say.peers.dialling(peers.length));
      else notify("error", say.peers.notDialled, fault);
    },
    [addPeer, getState],
  );
}
