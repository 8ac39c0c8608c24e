import { Link2 } from "lucide-react";
import { type SubmitEvent, useState } from "react";
import { say } from "../words/say.ts";
import { useActions } from "./app-context.tsx";

/** One line for a magnet link, or the path or address of a .torrent; Enter reads it. */
export function SourceField({ testId, isWide = false }: { testId: string; isWide?: boolean }) {
  const { offerText } = useActions();
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string>();

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const wrong = offerText(text);
    setFault(wrong);
    if (wrong === undefined) setText("");
  }

  return (
    <form className="field-box icon-field source-field" data-wide={isWide} onSubmit={submit}>
      <Link2 size={14} aria-hidden="true" />
      <input
        type="text"
        value={text}
        spellCheck={false}
        autoComplete="off"
        placeholder={say.frame.sourceHint}
        aria-label={say.frame.sourceName}
        aria-invalid={fault !== undefined}
        aria-describedby={fault === undefined ? undefined : `${testId}-fault`}
        data-testid={testId}
        onChange={(event) => {
          setText(event.target.value);
          setFault(undefined);
        }}
      />
      {fault !== undefined && (
        <p className="source-fault" id={`${testId}-fault`} role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}
