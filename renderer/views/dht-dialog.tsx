import { useEffect } from "react";
import type { DhtBucketView, DhtFamilyView, DhtLookupView, DhtView } from "../../core/model/dht-view.ts";
import { bucketWords, familyName, standingWords, tableSentence, waitingWords } from "../format/describe-dht.ts";
import { formatBytes, formatCount, formatDistance } from "../format/units.ts";
import { say } from "../words/say.ts";
import { useActions, useApp, useNow } from "./app-context.tsx";
import { CloseFoot, DialogWindow } from "./parts/window.tsx";

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
      title={say.dht.title}
      description={say.dht.meaning}
      testId="dht-dialog"
      size="large"
      onClose={closeDialog}
      footer={<CloseFoot onClose={closeDialog} />}
    >
      {dht === undefined ? (
        <p className="quiet">{isOn ? say.dht.notRunning : say.dht.off}</p>
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
        {familyName(family.family)} <span className="quiet">{say.counts.nodes(family.nodes)}</span>
      </h3>
      <dl className="facts">
        <div className="facts-line">
          <dt>{say.dht.ourId}</dt>
          <dd className="code" data-testid="dht-id">
            {family.id}
          </dd>
        </div>
        <div className="facts-line">
          <dt>{say.dht.ourAddress}</dt>
          <dd data-testid="dht-votes">
            {family.votes.length === 0
              ? say.dht.nobodyTold
              : family.votes.map(({ address, votes }) => say.dht.votes(address, votes)).join("\n")}
          </dd>
        </div>
        <div className="facts-line">
          <dt>{say.dht.standing}</dt>
          <dd>{standingWords(family)}</dd>
        </div>
      </dl>
      <Buckets family={family} />
    </section>
  );
}

/** The routing table: the more bits a bucket's nodes share with our id, the further down it is. */
function Buckets({ family }: { family: DhtFamilyView }) {
  if (family.buckets.length === 0) return <p className="quiet">{say.dht.noNode}</p>;
  const most = Math.max(BUCKET_ROOM, ...family.buckets.map(({ nodes }) => nodes));
  const part = (count: number) => ({ width: `${(100 * count) / most}%` });
  return (
    <div className="buckets" role="img" aria-label={tableSentence(family)}>
      <p className="buckets-head quiet">
        <span>{say.dht.sharedBits}</span>
        <span>{say.dht.nodes}</span>
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
          {say.dht.proper}
        </li>
        <li>
          <span className="swatch" data-part="other" />
          {say.dht.ownChoice}
        </li>
        <li>
          <span className="swatch" data-part="silent" />
          {say.dht.silent}
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
        {say.dht.lookups} <span className="quiet">{waitingWords(waiting, lookups.length)}</span>
      </h3>
      {lookups.length === 0 ? (
        <p className="quiet">{say.dht.noLookups}</p>
      ) : (
        <table className="plain-table lookup-table" data-testid="dht-lookups">
          <thead>
            <tr>
              <th scope="col">{say.dht.lookup.target}</th>
              <th scope="col">{say.dht.lookup.since}</th>
              <th scope="col" data-number>
                {say.dht.lookup.asked}
              </th>
              <th scope="col" data-number>
                {say.dht.lookup.answered}
              </th>
              <th scope="col" data-number>
                {say.dht.lookup.peers}
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
                        (lookup.purpose === "nodes" ? say.dht.nodesNearId : say.dht.torrentsPeers)}
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
  const words = say.dht;
  const { bytesIn, bytesOut, queriesIn, queriesOut, answersIn, answersOut, malformed, dropped } = traffic;
  const rows: readonly (readonly [string, string])[] = [
    [words.kept, words.keptWords(stored.peers, stored.torrents)],
    [words.received, words.told(formatBytes(bytesIn), queriesIn, answersIn)],
    [words.sent, words.told(formatBytes(bytesOut), queriesOut, answersOut)],
    [words.notHeard, words.notHeardWords(malformed, dropped)],
    [words.silenced, words.addresses(silenced)],
  ];
  return (
    <section>
      <h3>{words.sinceStart}</h3>
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
