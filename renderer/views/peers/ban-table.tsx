import { useEffect, useMemo, useState } from "react";
import type { Ban } from "../../../core/contract/views.ts";
import { formatMoment } from "../../format/units.ts";
import { capitalised, closerWords } from "../../format/words.ts";
import { say } from "../../words/say.ts";
import { useActions, useApp } from "../app-context.tsx";
import { Button } from "../parts/buttons.tsx";
import { Cell, Grid, type GridColumn, type RowAttributes } from "../parts/grid.tsx";

const ROW_HEIGHT = 46;

/** Whom we have nothing to do with any more, in no torrent; each ban can be lifted. */
export function BanTable() {
  const { liftBan, loadBans } = useActions();
  const bans = useApp((state) => state.bans);
  const changes = useApp((state) => state.engine.session?.banChanges);
  const [selected, select] = useState<string>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change is a reason to ask again
  useEffect(() => void loadBans(), [loadBans, changes]);
  const byParty = useMemo(() => new Map(bans.map((ban) => [ban.party, ban])), [bans]);
  const rows = useMemo(() => [...byParty.keys()], [byParty]);
  const { gone } = say;
  const columns: readonly GridColumn<never>[] = [
    { id: "when", title: gone.since },
    { id: "party", title: gone.who },
    { id: "evidence", title: gone.why },
    { id: "by", title: gone.by },
    { id: "lift", title: gone.liftBan, head: <span className="unseen">{gone.liftBan}</span> },
  ];
  return (
    <Grid
      label={gone.bansLabel}
      testId="ban-list"
      className="ban-table"
      columns={columns}
      rows={rows}
      rowHeight={ROW_HEIGHT}
      selected={selected}
      onSelect={select}
      onDelete={(party) => void liftBan(party)}
      renderRow={(party, attributes) => <BanRow key={party} ban={byParty.get(party)} attributes={attributes} />}
      empty={<p>{gone.nobodyBanned}</p>}
    />
  );
}

function BanRow({ ban, attributes }: { ban: Ban | undefined; attributes: RowAttributes }) {
  const { liftBan } = useActions();
  if (ban === undefined) return null;
  return (
    <div {...attributes} data-testid="ban-row" data-party={ban.party} data-by={ban.by}>
      <Cell column="when">{formatMoment(ban.at)}</Cell>
      <Cell column="party" title={ban.party}>
        <span className="two-lines">
          <span className="ellipsis">{ban.party}</span>
          <span className="ellipsis quiet">{ban.client}</span>
        </span>
      </Cell>
      <Cell column="evidence" title={ban.evidence}>
        <span className="two-lines">
          <span className="ellipsis">{capitalised(ban.evidence)}</span>
          <span className="ellipsis quiet">{ban.torrentName}</span>
        </span>
      </Cell>
      <Cell column="by">{capitalised(closerWords(ban.by))}</Cell>
      <Cell column="lift">
        <Button
          className="button-small"
          tabIndex={-1}
          data-stop
          data-testid="ban-lift"
          aria-label={say.gone.liftOf(ban.party)}
          onClick={() => void liftBan(ban.party)}
        >
          {say.gone.lift}
        </Button>
      </Cell>
    </div>
  );
}
