import { memo } from "react";
import { flagWords } from "../../format/flags.ts";
import type { FlagStyle } from "../../store/preferences.ts";
import { say } from "../../words/say.ts";
import { useApp } from "../app-context.tsx";
import { Hinted } from "../parts/hint.tsx";
import { FLAG_ICONS } from "./flag-icons.ts";

/** Flags as the user likes them: letters, pictures or words; each has its meaning on hover and on focus. */
export const Flags = memo(function Flags({ letters }: { letters: string }) {
  const style = useApp((state) => state.preferences.flagStyle);
  return (
    <span className="flags" data-style={style}>
      {flagWords(letters).map(({ letter, words }) => (
        <Hinted
          key={letter}
          words={words}
          className="flag"
          data-flag={letter}
          data-testid="flag"
          data-stop
          tabIndex={-1}
        >
          <FlagMark letter={letter} style={style} />
        </Hinted>
      ))}
    </span>
  );
});

/** What stands for a flag. */
export function FlagMark({ letter, style }: { letter: string; style: FlagStyle }) {
  if (style === "words") return say.peers.flagNames[letter] ?? letter;
  const Icon = style === "icons" ? FLAG_ICONS[letter] : undefined;
  return Icon === undefined ? letter : <Icon size={13} strokeWidth={2} aria-hidden="true" data-testid="flag-icon" />;
}
