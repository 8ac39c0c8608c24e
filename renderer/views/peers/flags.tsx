import { memo } from "react";
import { flagWords } from "../../format/flags.ts";
import { Hinted } from "../parts/hint.tsx";

/** Flag letters, each with its meaning on hover and on focus. */
export const Flags = memo(function Flags({ letters }: { letters: string }) {
  return (
    <span className="flags">
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
          {letter}
        </Hinted>
      ))}
    </span>
  );
});
