import type { SourceView } from "../../../core/contract/views.ts";
import { nextSearchWords, sourceMeaning, sourceStateWords, sourceTitle } from "../../format/source-words.ts";
import { NOTHING } from "../../format/units.ts";
import { say } from "../../words/say.ts";
import { useActions } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";
import { YieldCells } from "./yield-cells.tsx";

/** One way to find peers without a tracker. */
export function SourceRow({ view, now }: { view: SourceView; now: number }) {
  const { open } = useActions();
  const { source, state } = view;
  const title = sourceTitle(source);
  const meaning = view.message ?? sourceMeaning(source.kind);
  return (
    <tr data-testid="source-row" data-kind={source.kind} data-state={state}>
      <td className="tracker-url">
        <span className="two-lines">
          <span className="ellipsis" title={title}>
            {title}
          </span>
          <span className="quiet">{meaning}</span>
        </span>
      </td>
      <td>
        <span className="tracker-state" data-state={state}>
          {sourceStateWords(view)}
        </span>
      </td>
      <td>{nextSearchWords(view, now)}</td>
      <td>{NOTHING}</td>
      <YieldCells sum={view} />
      <td className="row-acts">
        {source.kind === "dht" && state !== "off" && (
          <Button className="button-small" onClick={() => open({ kind: "dht" })} data-testid="source-dht">
            {say.trackers.look}
          </Button>
        )}
      </td>
    </tr>
  );
}
