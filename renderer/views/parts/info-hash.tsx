import { Copy } from "lucide-react";
import type { InfoHash } from "../../../core/model/info-hash.ts";
import { hashTexts } from "../../format/info-hash.ts";
import { say } from "../../words/say.ts";
import { useActions } from "../app-context.tsx";
import { IconButton } from "./buttons.tsx";

/** What names a torrent, in full and to be copied; a hybrid one has two names. */
export function InfoHashLines({ infoHash }: { infoHash: InfoHash }) {
  const { v1, v2 } = hashTexts(infoHash);
  return (
    <>
      {v1 !== undefined && <HashLine words={say.frame.infoHash} hash={v1} testId="info-hash" />}
      {v2 !== undefined && <HashLine words={say.frame.infoHashV2} hash={v2} testId="info-hash-v2" />}
    </>
  );
}

function HashLine({ words, hash, testId }: { words: string; hash: string; testId: string }) {
  const { copy } = useActions();
  return (
    <div className="facts-line hash-line">
      <dt>{words}</dt>
      <dd>
        <span className="code" data-testid={testId}>
          {hash}
        </span>
        <IconButton icon={Copy} words={say.frame.copyOf(words)} onClick={() => void copy(hash, words)} />
      </dd>
    </div>
  );
}
