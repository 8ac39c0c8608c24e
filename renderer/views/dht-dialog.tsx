import { useEffect } from "react";
import type { DhtBucketView, DhtFamilyView, DhtLookupView, DhtView } from "../../core/model/dht-view.ts";
import { bucketWords, familyName, standingWords, tableSentence, waitingWords } from "../format/describe-dht.ts";
import { countOf, formatBytes, formatCount, formatDistance } from "../format/units.ts";
import { useActions, useApp, useNow } from "./app-context.tsx";
import { Button } from "./parts/buttons.tsx";
import { DialogWindow } from "./parts/window.tsx";

/** Time between two looks at the DHT. */
const LOOK_EVERY = 1000;
/** Nodes that a bucket has room for; those near our own id may have more. */
const BUCKET_ROOM = 8;

/** What we know and do in the DHT. */
export function DhtDialog() {
  const { closeDialog, loadDht } = useActions();
  const dht = useApp((state) => state.dht);
  const isOn = useApp((state) => state.engine.session?.settings.dht === true);
  useEffect(() => {
    void loadDht();
    const timer = setInterval(() => void loadDht(), LOOK_EVERY);
    return () => clearInterval(timer);
  }, [loadDht]);
  return (
    <DialogWindow
      title="DHT"
      description="A directory of peers that all clients keep together: each node keeps a part of it."
      testId="dht-dialog"
      size="large"
      onClose={closeDialog}
      footer={
        <Button look="primary" data-first onClick={closeDialog}>
          Close
        </Button>
      }
    >
      {dht === undefined ? (
        <p className="quiet">{isOn ? "The DHT is not running yet." : "The DHT is off in the settings."}</p>
      ) : (
        <>
          <div className="dht-families">
            {dht.families.map((family) => (
              <Family key={family.family} family={family} />
            ))}
          </div>
          <Lookups lookups={dht.lookups} waiting={dht.lookupsWaiting} />
          <Traffic dht={dht} />
        </>
      )}
    </DialogWindow>
  );
}

function Family({ family }: { family: DhtFamilyView }) {
  return (
    <section className="dht-family" data-testid="dht-family" data-family={family.family} data-nodes={family.nodes}>
      <h3>
        {familyName(family.family)} <span className="quiet">{countOf(family.nodes, "node")}</span>
      </h3>
      <dl className="facts">
        <div className="facts-line">
          <dt>Our id</dt>
          <dd className="code" data-testid="dht-id">
            {family.id}
          </dd>
        </div>
        <div className="facts-line">
          <dt>Our address</dt>
          <dd data-testid="dht-votes">
            {family.votes.length === 0
              ? "nobody has told yet"
              : family.votes.map(({ address, votes }) => `${address} (${countOf(votes, "vote")})`).join("\n")}
          </dd>
        </div>
        <div className="facts-line">
          <dt>Standing</dt>
          <dd>{standingWords(family)}</dd>
        </div>
      </dl>
      <Buckets family={family} />
    </section>
  );
}

/** The routing table: the more bits a bucket's nodes share with our id, the further down it is. */
function Buckets({ family }: { family: DhtFamilyView }) {
  if (family.buckets.length === 0) return <p className="quiet">No node is known yet.</p>;
  const most = Math.max(BUCKET_ROOM, ...family.buckets.map(({ nodes }) => nodes));
  const part = (count: number) => ({ width: `${(100 * count) / most}%` });
  return (
    <div className="buckets" role="img" aria-label={tableSentence(family)}>
      <p className="buckets-head quiet">
        <span>Bits shared with our id</span>
        <span>Nodes</span>
      </p>
      <ol>
        {family.buckets.map((bucket) => (
          <li key={bucket.sharedBits} title={bucketWords(bucket)} data-testid="dht-bucket">
            <span className="bucket-bits">{bucket.sharedBits}</span>
            <span className="bucket-bar">
              <span className="bucket-part" data-part="proper" style={part(bucket.proper)} />
              <span className="bucket-part" data-part="other" style={part(otherNodes(bucket))} />
              <span className="bucket-part" data-part="silent" style={part(silentNodes(bucket))} />
            </span>
            <span className="bucket-count">
              {formatCount(bucket.nodes)}
              {bucket.spare > 0 && <span className="quiet"> +{formatCount(bucket.spare)}</span>}
            </span>
          </li>
        ))}
      </ol>
      <ul className="legend">
        <li>
          <span className="swatch" data-part="proper" />
          Id bound to its address
        </li>
        <li>
          <span className="swatch" data-part="other" />
          Id of its own choice
        </li>
        <li>
          <span className="swatch" data-part="silent" />
          Silent
        </li>
      </ul>
    </div>
  );
}

/** A silent one may have either kind of id: what can't be told apart is drawn as one of its own choice. */
function silentNodes({ nodes, proper, silent }: DhtBucketView): number {
  return Math.min(silent, nodes - proper);
}

function otherNodes(bucket: DhtBucketView): number {
  return bucket.nodes - bucket.proper - silentNodes(bucket);
}

function Lookups({ lookups, waiting }: { lookups: readonly DhtLookupView[]; waiting: number }) {
  const now = useNow();
  const torrents = useApp((state) => state.engine.torrents);
  return (
    <section>
      <h3>
        Lookups under way <span className="quiet">{waitingWords(waiting, lookups.length)}</span>
      </h3>
      {lookups.length === 0 ? (
        <p className="quiet">None at this moment.</p>
      ) : (
        <table className="plain-table lookup-table" data-testid="dht-lookups">
          <thead>
            <tr>
              <th scope="col">For</th>
              <th scope="col">Since</th>
              <th scope="col" data-number>
                Asked
              </th>
              <th scope="col" data-number>
                Answered
              </th>
              <th scope="col" data-number>
                Peers
              </th>
            </tr>
          </thead>
          <tbody>
            {lookups.map((lookup) => (
              <tr key={`${lookup.family} ${lookup.target} ${lookup.startedAt}`} data-testid="dht-lookup">
                <td>
                  <span className="two-lines">
                    <span className="ellipsis">
                      {torrents.get(lookup.target)?.name ??
                        (lookup.purpose === "nodes" ? "Nodes near an id" : "A torrent's peers")}
                    </span>
                    <span className="quiet ellipsis">
                      {familyName(lookup.family)} · <code>{lookup.target}</code>
                    </span>
                  </span>
                </td>
                <td>{formatDistance(lookup.startedAt, now)}</td>
                <td data-number>{formatCount(lookup.asked)}</td>
                <td data-number>{formatCount(lookup.answered)}</td>
                <td data-number>{formatCount(lookup.peers)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Traffic({ dht: { stored, traffic, silenced } }: { dht: DhtView }) {
  const told = (questions: number, answers: number) =>
    `${countOf(questions, "question")}, ${countOf(answers, "answer")}`;
  const { bytesIn, bytesOut, queriesIn, queriesOut, answersIn, answersOut, malformed, dropped } = traffic;
  const rows: readonly (readonly [string, string])[] = [
    ["Kept for others", `${countOf(stored.peers, "peer")} of ${countOf(stored.torrents, "torrent")}`],
    ["Received", `${formatBytes(bytesIn)}: ${told(queriesIn, answersIn)}`],
    ["Sent", `${formatBytes(bytesOut)}: ${told(queriesOut, answersOut)}`],
    ["Not heard", `${formatCount(malformed)} malformed, ${formatCount(dropped)} too many`],
    ["Silenced", countOf(silenced, "address", "addresses")],
  ];
  return (
    <section>
      <h3>Since the start</h3>
      <dl className="facts">
        {rows.map(([title, value]) => (
          <div key={title} className="facts-line">
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
